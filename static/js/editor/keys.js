// The keyboard: undo and redo everywhere, and what is chosen moved, copied, deleted or left.
import { chosenPart, leave, whenDrawn } from "./canvas.js";

export function watchKeys() {
  document.addEventListener("keydown", press);
  whenDrawn((page) => page.addEventListener("keydown", press));
}

function press(event) {
  if (event.defaultPrevented) return; // Escape has closed a menu.
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
    if (writing(event.target)) return;
    event.preventDefault();
    submit(key === "y" || event.shiftKey ? "[data-redo]" : "[data-undo]");
  } else if (chosenPart() && !writing(event.target) && !event.target.closest?.("dialog")) {
    pressOnPart(event);
  }
}

function pressOnPart(event) {
  const forms = {
    "Alt+ArrowUp": "#block-up",
    "Alt+ArrowDown": "#block-down",
    "Ctrl+d": "#block-duplicate",
    Delete: "#block-delete",
  };
  const held = event.altKey ? "Alt+" : event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  const form = forms[held + event.key];
  if (form) {
    event.preventDefault();
    submit(form);
  }
  if (event.key === "Escape") leave();
}

function submit(form) {
  document.querySelector(form)?.requestSubmit();
}

const writing = (element) =>
  element.isContentEditable || element.matches?.("input:not([type=range], [type=radio], [type=checkbox]), textarea, select");
