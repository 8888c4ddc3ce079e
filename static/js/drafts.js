// What the steps of a draft share: merge tags put where the cursor is.
import { tagOf, watchTagPickers } from "./tag_picker.js";

watchTagPickers();

// In a form whose answers bring what others saved, only what was typed since it was sent stays, and what
// comes back as it was typed but for the spaces at its ends.
const stays = new WeakSet();
document.addEventListener("input", (event) => stays.add(event.target));
document.addEventListener("htmx:beforeSend", ({ detail }) => {
  for (const field of detail.elt.elements ?? []) stays.delete(field);
});
const renewed = (field) => field.form?.matches("[data-renewed]") && !stays.has(field);
window.Idiomorph.defaults.callbacks.beforeNodeMorphed = (now, next) => {
  if (now.matches?.("[data-renewed] input") && now.value.trim() === next.value.trim()) stays.add(now);
};

// A morph leaves alone what somebody typed, and the menu they opened.
window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !(name === "value" && element.matches("input:not([type=hidden])") && !renewed(element)) &&
  !(name === "open" && element.matches("details"));

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-inserts]");
  if (!chosen) return;
  chosen.closest("details").open = false;
  const into = document.getElementById(chosen.dataset.into);
  if (into?.offsetParent) insert(into, tagOf(chosen));
});

// The selection in words that can be edited is lost when the menu opens, so it is remembered.
let lastRange = null;
document.addEventListener("selectionchange", () => {
  const range = document.getSelection().rangeCount && document.getSelection().getRangeAt(0);
  const words = range && range.commonAncestorContainer.parentElement?.closest("[contenteditable=true]");
  if (words) lastRange = range.cloneRange();
});

// A field that nobody stood in yet has its cursor before its words; whoever adds to it means their end.
const visited = new WeakSet();
document.addEventListener("focusout", (event) => visited.add(event.target));

// Where something is still to be written, it is chosen, to be typed over.
const PLACE = "…";

function choosePlaceInWords(text) {
  const back = text.length - text.indexOf(PLACE);
  const { anchorNode: node, anchorOffset: end } = document.getSelection();
  if (!text.includes(PLACE) || end < back) return;
  document.getSelection().setBaseAndExtent(node, end - back, node, end - back + 1);
}

function insert(into, text) {
  into.focus();
  if (into.isContentEditable) {
    if (lastRange && into.contains(lastRange.commonAncestorContainer)) {
      document.getSelection().removeAllRanges();
      document.getSelection().addRange(lastRange);
    }
    document.execCommand("insertText", false, text);
    choosePlaceInWords(text);
    return;
  }
  const start = visited.has(into) ? into.selectionStart : into.value.length;
  into.setRangeText(text, start, Math.max(start, into.selectionEnd), "end");
  const place = text.indexOf(PLACE);
  if (place >= 0) into.setSelectionRange(start + place, start + place + 1);
  into.dispatchEvent(new Event("input", { bubbles: true }));
  into.dispatchEvent(new Event("change", { bubbles: true }));
}
