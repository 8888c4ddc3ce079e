// The source of HTML of one's own saves itself. Whoever goes on waits until it is saved.

const form = document.querySelector("[data-saves]");
const state = document.getElementById("editor-saved");
const look = document.querySelector("[data-look] > iframe");
let typed = false; // Since the last request.
let sending = false;
let next = null; // What to do once it is saved.

form.addEventListener("input", () => (typed = true));

form.addEventListener("htmx:beforeRequest", () => {
  typed = false;
  sending = true;
  state.textContent = state.dataset.saving;
});

form.addEventListener("htmx:afterRequest", ({ detail }) => {
  sending = false;
  // What is refused is put into the page, and so htmx calls it a success.
  if (!detail.successful || detail.xhr.status === 422) refuse();
  else if (!typed) next?.();
});

function refuse() {
  typed = true;
  state.textContent = state.dataset.failed;
  if (next) document.getElementById("source-refused").scrollIntoView({ block: "center" });
  next = null;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]:not([hx-get], [target], [href^='#'])");
  if (link) goOn(event, () => (window.location = link.href));
});

// Before the form is taken for sent.
document.addEventListener("submit", (event) => {
  const other = event.target;
  if (other !== form && !other.matches("[hx-post]")) goOn(event, () => other.requestSubmit(event.submitter));
}, true);

function goOn(event, go) {
  if (event.defaultPrevented || !(typed || sending)) return;
  event.preventDefault();
  next = go;
  if (typed) window.htmx.trigger(form, "save");
}

window.addEventListener("beforeunload", (event) => {
  if (typed || sending) event.preventDefault();
});

// How it looks follows, and is shown as wide as a mail program shows it, smaller where there is no room.
document.addEventListener("content-saved", ({ detail }) => {
  document.querySelectorAll("[name=version]").forEach((field) => (field.value = detail.version));
  look.contentWindow.location.reload();
});

function fit() {
  const { clientWidth, clientHeight } = look.parentElement;
  const by = Math.min(1, clientWidth / look.offsetWidth);
  look.style.transform = `scale(${by})`;
  look.style.height = `${clientHeight / by}px`;
}

new ResizeObserver(fit).observe(look.parentElement);
