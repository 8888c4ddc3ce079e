// The field that something is wrong with, the password that can be shown, the file that can be dropped, the
// boxes that are too many to look through.

export function watchFields() {
  document.querySelector(".has-error :is(input, select, textarea)")?.focus();
  document.querySelectorAll("[data-password] .field-button").forEach((button) => {
    button.hidden = false;
  });
  document.querySelectorAll("[data-narrow]").forEach((box) => (box.hidden = false));
  document.addEventListener("input", narrow);
  document.addEventListener("keydown", keepForm);
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

function narrow(event) {
  const box = event.target.closest("[data-narrow]");
  if (!box) return;
  const words = event.target.value.trim().toLowerCase();
  document.querySelectorAll(`${box.dataset.narrow} > .choice`).forEach((choice) => {
    choice.hidden = !choice.textContent.toLowerCase().includes(words);
  });
}

function keepForm(event) {
  if (event.key === "Enter" && event.target.closest?.("[data-narrow]")) event.preventDefault();
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
