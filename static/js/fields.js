// The field that something is wrong with, the password that can be shown, the file that can be dropped.

export function watchFields() {
  document.querySelector(".has-error :is(input, select, textarea)")?.focus();
  document.querySelectorAll("[data-password] .field-button").forEach((button) => {
    button.hidden = false;
  });
  document.addEventListener("click", showPassword);
  document.addEventListener("change", nameFile);
  document.addEventListener("dragover", (event) => overDrop(event, true));
  document.addEventListener("dragleave", (event) => overDrop(event, false));
  document.addEventListener("drop", takeFile);
}

function showPassword(event) {
  const button = event.target.closest("[data-password] .field-button");
  if (!button) return;
  const input = button.parentElement.querySelector("input");
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
}

function nameFile(event) {
  const line = event.target.closest("[data-file-drop]")?.querySelector("[data-file-name]");
  if (line && event.target.files?.length) line.textContent = event.target.files[0].name;
}

function overDrop(event, over) {
  const area = event.target.closest?.("[data-file-drop]");
  if (!area) return;
  event.preventDefault();
  area.classList.toggle("is-over", over);
}

function takeFile(event) {
  const area = event.target.closest?.("[data-file-drop]");
  if (!area) return;
  event.preventDefault();
  area.classList.remove("is-over");
  const input = area.querySelector("input[type=file]");
  if (!event.dataTransfer.files.length || input.disabled) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
