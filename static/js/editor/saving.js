// What is saved, and what is not yet. Every form of the editor carries the version that it changes.

const saved = document.getElementById("editor-saved");

export function watchSaving() {
  document.addEventListener("content-saved", (event) => {
    document.querySelectorAll("[name=version]").forEach((field) => {
      field.value = event.detail.version;
    });
    document.getElementById("refused").replaceChildren();
  });
  // The version of the newest answer, also for what was waiting for it.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const newest = document.querySelector("#properties [name=version]");
    if (detail.verb === "post" && newest && detail.parameters.version !== undefined) {
      detail.parameters.version = newest.value;
    }
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (changesContent(event)) saved.textContent = saved.dataset.saving;
    event.detail.elt.classList.remove("is-typed");
  });
  // To htmx a refusal that is shown (422) is a success.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, xhr } = event.detail;
    if (successful && xhr.status !== 422) return;
    mark(elt);
    if (changesContent(event)) saved.textContent = saved.dataset.failed;
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("#properties.is-typed, .htmx-request[data-properties]")) {
      event.preventDefault();
    }
  });
  document.addEventListener("input", (event) => mark(event.target));
}

// As not on its way to the server yet.
function mark(element) {
  element.closest("#properties")?.classList.add("is-typed");
}

// Whoever presses something else has finished: what comes next begins with what was typed.
export function saveTyped(control) {
  if (control.form?.matches(".is-typed")) {
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function changesContent(event) {
  return event.detail.requestConfig?.verb === "post" && event.detail.elt.closest?.("[data-editor], #history");
}
