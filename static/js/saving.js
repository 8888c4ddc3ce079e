// A page that saves by itself: what is not saved yet, and how it says so. Every form carries the version that it
// changes; that in which somebody writes has data-saves.

const saved = document.getElementById("editor-saved");
const SAVES = "[data-editor], #history, [data-saves]";

let refused = false; // What was last sent; until something else is typed.
let goOn = null; // What to do once all is saved.

export function watchSaving() {
  document.addEventListener("content-saved", ({ detail }) => {
    document.querySelectorAll("[name=version]").forEach((field) => (field.value = detail.version));
    document.querySelectorAll("[data-refused]").forEach((notice) => notice.replaceChildren());
    document.querySelectorAll("[data-failure]").forEach((notice) => notice.remove());
  });
  document.addEventListener("htmx:configRequest", takeNewest);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isSaving(event)) saved.textContent = saved.dataset.saving;
    event.detail.elt.classList.remove("is-typed");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (isSaving(event)) (isRefused(event.detail) ? refuse : goOnWhenSaved)(event.detail.elt);
  });
  document.addEventListener("input", ({ target }) => {
    refused = false;
    mark(target);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]:not([hx-get], [target], [href^='#'])");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) wait(event, () => (window.location = link.href));
  });
  // Before the form is taken for sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[hx-post], [hx-get], [method=dialog]")) return;
    wait(event, () => form.requestSubmit(event.submitter));
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (isTyped() || isUnderWay()) event.preventDefault();
  });
}

// Whoever presses something else has finished: what comes next begins with what was typed.
export function saveTyped(control) {
  if (control.form?.matches(".is-typed")) {
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// Whoever goes on waits until it is saved. Where it cannot be, the browser asks.
function wait(event, go) {
  if (event.defaultPrevented || refused || !(isTyped() || isUnderWay())) return;
  event.preventDefault();
  goOn = go;
  if (isTyped()) window.htmx.trigger(isTyped(), "save");
}

function goOnWhenSaved() {
  refused = false;
  if (!isTyped()) goOn?.();
}

function refuse(element) {
  refused = true;
  mark(element);
  saved.textContent = saved.dataset.failed;
  if (goOn) document.querySelector("[data-refused]:has(*)")?.scrollIntoView({ block: "center" });
  goOn = null;
}

// The version of the newest answer, also for what was waiting for it.
function takeNewest({ detail }) {
  const newest = document.querySelector("#properties [name=version]");
  if (detail.verb === "post" && newest && detail.parameters.version !== undefined) {
    detail.parameters.version = newest.value;
  }
}

const isTyped = () => document.querySelector("[data-saves].is-typed");
const isUnderWay = () => document.querySelector("[data-saves].htmx-request");

// As not on its way to the server yet.
function mark(element) {
  element.closest("[data-saves]")?.classList.add("is-typed");
}

function isSaving({ detail }) {
  return detail.requestConfig?.verb === "post" && detail.elt.closest(SAVES);
}

// To htmx a refusal that is shown (422) is a success.
function isRefused({ successful, xhr }) {
  return !successful || xhr.status === 422;
}
