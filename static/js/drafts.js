// What the steps of a draft share: merge tags put where the cursor is.
import { watchTagPickers } from "./tag_picker.js";

watchTagPickers();

// A morph leaves alone what somebody typed, and the menu they opened.
window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !(name === "value" && element.matches("input:not([type=hidden])")) &&
  !(name === "open" && element.matches("details"));

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-inserts]");
  if (!chosen) return;
  chosen.closest("details").open = false;
  const into = document.getElementById(chosen.dataset.into);
  if (into?.offsetParent) insert(into, chosen.dataset.inserts);
});

// The selection in words that can be edited is lost when the menu opens, so it is remembered.
let lastRange = null;
document.addEventListener("selectionchange", () => {
  const range = document.getSelection().rangeCount && document.getSelection().getRangeAt(0);
  const words = range && range.commonAncestorContainer.parentElement?.closest("[contenteditable=true]");
  if (words) lastRange = range.cloneRange();
});

function insert(into, text) {
  into.focus();
  if (into.isContentEditable) {
    if (lastRange && into.contains(lastRange.commonAncestorContainer)) {
      document.getSelection().removeAllRanges();
      document.getSelection().addRange(lastRange);
    }
    document.execCommand("insertText", false, text);
    return;
  }
  into.setRangeText(text, into.selectionStart, into.selectionEnd, "end");
  into.dispatchEvent(new Event("input", { bubbles: true }));
  into.dispatchEvent(new Event("change", { bubbles: true }));
}
