// The source of HTML of one's own saves itself. Whoever goes on waits until it is saved.

const form = document.querySelector("[data-saves]");
const state = document.getElementById("editor-saved");
let typed = false; // Since the last request.
let sending = false;
let next = null; // Where to go once it is saved.

form.addEventListener("input", () => (typed = true));

form.addEventListener("htmx:beforeRequest", () => {
  typed = false;
  sending = true;
  state.textContent = state.dataset.saving;
});

form.addEventListener("htmx:afterRequest", ({ detail }) => {
  sending = false;
  if (!detail.successful) {
    typed = true;
    next = null;
    state.textContent = state.dataset.failed;
  }
  if (next && !typed) window.location = next;
});

document.addEventListener("source-saved", () => {
  document.querySelector("[data-look]").contentWindow.location.reload();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]:not([hx-get])");
  if (link?.matches("[data-takes]")) typed = sending = false;
  if (!link || !(typed || sending)) return;
  event.preventDefault();
  next = link.href;
  if (typed) window.htmx.trigger(form, "save");
});

window.addEventListener("beforeunload", (event) => {
  if (typed) event.preventDefault();
});
