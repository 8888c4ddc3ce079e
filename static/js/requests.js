// What goes to the server and how it fails: the CSRF token, one submission at a time, no polling by a
// hidden tab, a notice when no answer can be used. A form whose answer is a file says data-download.

export function watchRequests() {
  document.addEventListener("htmx:configRequest", addToken);
  document.addEventListener("htmx:configRequest", namePressed);
  document.addEventListener("htmx:beforeRequest", pauseWhenHidden);
  document.addEventListener("submit", refuseTwice, true);
  document.addEventListener("submit", markSending);
  document.addEventListener("htmx:afterRequest", (event) => release(event.target));
  document.addEventListener("htmx:responseError", showFailure);
  document.addEventListener("htmx:sendError", showFailure);
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));
}

function addToken(event) {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
}

// htmx forgets the button that was pressed when the focus leaves it before its request is sent.
function namePressed({ detail }) {
  const { name, value } = detail.triggeringEvent?.submitter ?? {};
  if (name) detail.parameters[name] = value;
}

function pauseWhenHidden(event) {
  if (document.hidden && polls(event)) event.preventDefault();
}

// A double click sends once. (Where requests queue, in the editor, every press counts.)
function refuseTwice(event) {
  const form = event.target;
  if (!form.dataset.sending || form.closest("[hx-sync]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// The button is marked busy, not disabled, so that its own name and value are still sent.
function markSending(event) {
  const form = event.target;
  if (form.method === "dialog" || form.matches("[role=search], [data-download]")) return;
  if (event.defaultPrevented && !form.closest("[hx-post], [data-hx-post]")) return;
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
}

function release(form) {
  if (!(form instanceof HTMLFormElement)) return;
  delete form.dataset.sending;
  for (const control of form.elements) control.removeAttribute("aria-busy");
}

// The server's own words where it sent some, else ours; always one notice, above the page.
function showFailure(event) {
  const pattern = document.getElementById("failure-pattern");
  const content = document.getElementById("content");
  if (!pattern || !content || polls(event)) return;
  const answer = document.createElement("template");
  answer.innerHTML = event.detail.xhr?.responseText ?? "";
  const notice =
    answer.content.querySelector(".notice") ?? pattern.content.firstElementChild.cloneNode(true);
  notice.dataset.failure = "";
  content.querySelectorAll("[data-failure]").forEach((earlier) => earlier.remove());
  content.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
}

function polls(event) {
  return (event.detail.elt.getAttribute("hx-trigger") ?? "").includes("every");
}
