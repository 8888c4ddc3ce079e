// Text written where it stands. The canvas is a picture that runs no scripts, so the words are lifted
// out of it: a field with the same look is laid over them, and grows as they do. What is written
// goes into the control of the panel, which saves it.
import "../../vendor/dompurify/purify.min.js";
import Squire from "../../vendor/squire/squire.mjs";
import { showLink } from "./links.js";
import { chosenPart, fit, layOver, page, partElement, partOf, whenDrawn, whenShifted } from "./canvas.js";
import { saveTyped } from "../saving.js";

const paper = document.querySelector("[data-paper]");
const LOOK = ["font", "color", "textAlign", "letterSpacing", "lineHeight", "padding", "borderRadius"];
const ALLOWED = {
  ALLOWED_TAGS: ["p", "br", "b", "strong", "i", "em", "u", "s", "a", "ul", "ol", "li", "span", "div"],
  ALLOWED_ATTR: ["href", "style"],
  RETURN_DOM_FRAGMENT: true,
};

// This page's policy refuses styles in HTML, and as attributes. That of the canvas allows them: HTML
// is read there, and its copy keeps them.
function sanitize(html) {
  const purify = window.DOMPurify(page().defaultView);
  return document.importNode(purify.sanitize(html, ALLOWED), true);
}

class Writer extends Squire {
  // A state of its own that Squire goes back to.
  _setRawHTML(html) {
    super._setRawHTML("");
    const read = page().createElement("div");
    read.innerHTML = html;
    this.getRoot().replaceChildren(...document.importNode(read, true).childNodes);
    return this;
  }

  // What is typed over marked words has their look: the browser sees to it, where Squire deletes first.
  fireEvent(type, event) {
    if (type !== "keydown" || !typesOver(event, this.getSelection())) {
      return super.fireEvent(type, event);
    }
    return this.saveUndoState();
  }

  // Squire would write it as an attribute: it gives the words a class, and the look is set here.
  setLook(className, property, value) {
    const span = { tag: "SPAN", attributes: { class: className } };
    this.changeFormat(span, span);
    this.getRoot().querySelectorAll(`.${className}:not([style])`).forEach((each) => {
      each.style[property] = value;
    });
  }
}

function typesOver(event, marked) {
  const isLetter = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
  const block = (node) => (node.closest ? node : node.parentElement).closest("p, li");
  const { collapsed, startContainer, endContainer } = marked;
  return isLetter && !collapsed && block(startContainer) === block(endContainer);
}

let writing = null; // { part, control, box, field, squire }

export function watchWriting() {
  document.addEventListener("htmx:afterSettle", () => begin());
  whenDrawn((canvas) => {
    begin();
    canvas.addEventListener("click", rememberPoint, true);
  });
  whenShifted(place);
  document.addEventListener("selectionchange", showTags);
}

let point = null;
function rememberPoint(event) {
  if (!partOf(event.target)) return;
  const frame = paper.getBoundingClientRect();
  point = { x: event.clientX + frame.left, y: event.clientY + frame.top };
}

// On whatever is chosen now; the field stays while the canvas beneath it is drawn anew.
function begin() {
  const control = document.querySelector("#properties [data-in-place]");
  const part = chosenPart();
  const words = control && wordsOf(part, control.dataset.inPlace);
  if (writing && (!words || writing.control !== control)) end();
  if (!words) return;
  if (!writing) writing = open(part, control, words);
  place();
  if (point) focusAt(writing.field, point);
  point = null;
}

// The element of the e-mail that holds the words of a block.
function wordsOf(part, kind) {
  const block = partElement(part);
  if (kind === "html") return block?.querySelector("div > div, div");
  return block?.querySelector("h1, h2, h3, a, td > p");
}

function open(part, control, words) {
  // The box has the look, since Squire takes every change of the field itself for writing.
  const box = document.createElement("div");
  box.className = `in-place in-place-${control.dataset.inPlace}`;
  const field = document.createElement("div");
  field.id = "in-place";
  field.contentEditable = "true";
  field.setAttribute("role", "textbox");
  field.setAttribute("aria-label", paper.dataset.words);
  box.append(field);
  field.addEventListener("blur", () => saveTyped(control));
  field.addEventListener("click", chooseInTag);
  paper.append(box);
  const opened = { part, control, box, field, squire: null };
  if (control.dataset.inPlace === "html") openRich(opened);
  else openLine(opened);
  return opened;
}

function openLine({ field, control }) {
  field.textContent = control.value;
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  field.addEventListener("paste", (event) => {
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain").replace(/\s+/g, " ");
    document.execCommand("insertText", false, text);
  });
  field.addEventListener("input", () => tell(control, field.textContent));
  control.addEventListener("input", () => {
    if (document.activeElement !== field) field.textContent = control.value;
    place();
  });
}

function openRich(opened) {
  const { field, control } = opened;
  field.setAttribute("aria-multiline", "true");
  opened.squire = new Writer(field, { blockTag: "P", sanitizeToDOMFragment: sanitize });
  opened.squire.setHTML(control.value);
  opened.squire.addEventListener("input", () => tell(control, opened.squire.getHTML()));
  opened.squire.addEventListener("pathChange", () => showFormats(opened.squire));
  control.hidden = true;
  watchTools(control.closest("[data-rich-text]"), opened.squire);
}

function tell(control, value) {
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  place();
}

function end() {
  const words = wordsOf(writing.part, writing.control.dataset.inPlace);
  if (words) words.style.visibility = "";
  writing.squire?.destroy();
  writing.box.remove();
  writing = null;
  CSS.highlights?.delete("merge-tag");
}

// Over the words, with their look; they stay beneath, unseen, and as high as what is written.
function place() {
  if (!writing) return;
  const { part, control, box } = writing;
  const words = wordsOf(part, control.dataset.inPlace);
  if (!words) return;
  const look = page().defaultView.getComputedStyle(words);
  LOOK.forEach((property) => (box.style[property] = look[property]));
  const link = words.querySelector("a");
  box.style.setProperty("--link", link ? page().defaultView.getComputedStyle(link).color : "inherit");
  words.style.visibility = "hidden";
  words.style.minHeight = "";
  layOver(box, words);
  box.style.height = "auto";
  box.style.minHeight = `${words.offsetHeight}px`;
  words.style.boxSizing = "border-box";
  if (box.offsetHeight > words.offsetHeight) words.style.minHeight = `${box.offsetHeight}px`;
  fit();
  showTags();
}

function focusAt(field, { x, y }) {
  field.focus({ preventScroll: true });
  const caret = document.caretPositionFromPoint?.(x, y) ?? document.caretRangeFromPoint?.(x, y);
  const node = caret?.offsetNode ?? caret?.startContainer;
  if (node && field.contains(node)) {
    document.getSelection().collapse(node, caret.offset ?? caret.startOffset);
  } else {
    document.getSelection().selectAllChildren(field);
    document.getSelection().collapseToEnd();
  }
}

// Merge tags stand out from the words around them.
function showTags() {
  if (!writing || !CSS.highlights) return;
  const ranges = [];
  const texts = document.createTreeWalker(writing.field, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const found of texts.currentNode.data.matchAll(/\[\[[^\]]*\]\]/g)) {
      const range = new Range();
      range.setStart(texts.currentNode, found.index);
      range.setEnd(texts.currentNode, found.index + found[0].length);
      ranges.push(range);
    }
  }
  CSS.highlights.set("merge-tag", new Highlight(...ranges));
}

// A press on a merge tag chooses what those read who have no value, to be typed over; else all of it.
function chooseInTag() {
  const { isCollapsed, anchorNode, anchorOffset } = document.getSelection();
  if (!isCollapsed || anchorNode.nodeType !== Node.TEXT_NODE) return;
  for (const { 0: tag, index } of anchorNode.data.matchAll(/\[\[[^\]]*\]\]/g)) {
    if (anchorOffset <= index || anchorOffset >= index + tag.length) continue;
    const fallback = tag.match(/\|"([^"]*)"/);
    const from = index + (fallback ? fallback.index + 2 : 0);
    const length = (fallback ? fallback[1] : tag).length;
    document.getSelection().setBaseAndExtent(anchorNode, from, anchorNode, from + length);
  }
}

const FORMATS = {
  bold: ["B", "bold", "removeBold"],
  italic: ["I", "italic", "removeItalic"],
  underline: ["U", "underline", "removeUnderline"],
  unordered: ["UL", "makeUnorderedList", "removeList"],
  ordered: ["OL", "makeOrderedList", "removeList"],
};

function watchTools(tools, squire) {
  tools.querySelector(".rich-tools").hidden = false;
  tools.querySelector("[data-written-there]").hidden = false;
  const link = watchLink(tools.querySelector(".rich-link"), squire);
  tools.querySelectorAll("[data-format]").forEach((button) => {
    // The selection stays in the words while a button is pressed.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => format(squire, button.dataset.format, link));
  });
  const colour = tools.querySelector("[data-text-colour]");
  colour.addEventListener("input", (event) => event.stopPropagation());
  colour.addEventListener("change", (event) => {
    event.stopPropagation();
    squire.setLook("color", "color", colour.value);
  });
  const size = tools.querySelector("[data-text-size]");
  size.addEventListener("input", (event) => event.stopPropagation());
  size.addEventListener("change", (event) => {
    event.stopPropagation();
    squire.setLook("size", "fontSize", size.value);
    size.value = "";
  });
  squire.setKeyHandler("Ctrl-k", (_squire, event) => {
    event.preventDefault();
    link.ask();
  });
}

function format(squire, name, link) {
  if (name === "link") return link.ask();
  if (name === "clear") return squire.removeAllFormatting();
  if (!FORMATS[name]) return squire.setTextAlignment(name);
  const [tag, on, off] = FORMATS[name];
  squire[squire.hasFormat(tag) ? off : on]();
  showFormats(squire);
}

function showFormats(squire) {
  Object.entries(FORMATS).forEach(([name, [tag]]) => {
    const button = document.querySelector(`[data-format="${name}"]`);
    button?.setAttribute("aria-pressed", String(squire.hasFormat(tag)));
  });
}

// A row under the tools asks where the link leads.
function watchLink(row, squire) {
  const address = row.querySelector("[data-link-address]");
  const close = (act) => {
    row.hidden = true;
    CSS.highlights?.delete("marked");
    squire.focus();
    act?.();
  };
  const use = () => close(() => (address.value.trim() ? squire.makeLink(address.value.trim()) : squire.removeLink()));
  row.querySelector("[data-link-set]").addEventListener("click", use);
  row.querySelector("[data-link-remove]").addEventListener("click", () => close(() => squire.removeLink()));
  // What is typed here is no property of the block.
  ["input", "change"].forEach((kind) => address.addEventListener(kind, (event) => event.stopPropagation()));
  address.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      use();
    }
    if (event.key === "Escape") close();
  });
  return {
    ask() {
      const range = squire.getSelection();
      const link = range.startContainer.parentElement?.closest("#in-place a");
      address.value = link?.getAttribute("href") ?? "";
      row.hidden = false;
      row.dataset.words = range.toString();
      CSS.highlights?.set("marked", new Highlight(range));
      showLink(row);
      (address.hidden ? row.querySelector("[data-chooses-link]") : address).focus();
    },
  };
}
