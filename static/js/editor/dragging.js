// Drag and drop with a mouse or a pen: from the palette, the list of contents, the name of what is
// chosen, or the canvas itself. A line shows where it would go. Touch scrolls; there, and with the
// keyboard, the buttons do the same.
import { page, partElement, partOf, whenDrawn } from "./canvas.js";

const FAR = 6; // Pixels: less is a click.
const EDGE = 10; // Of a row: there, the line is beside the row and not in it.

const editor = document.querySelector("[data-editor]");
const canvas = document.querySelector("[data-canvas]");
const paper = document.querySelector("[data-paper]");
const line = document.querySelector("[data-drop-line]");
let drag = null;

export function watchDragging() {
  document.addEventListener("pointerdown", (event) => {
    const source = event.target.closest?.("[data-drags]");
    if (source) begin(event, source.dataset.drags, source.textContent.trim());
  });
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", giveUp, true);
  // What was dragged is not clicked as well.
  document.addEventListener("click", swallow, true);
  whenDrawn((email) => {
    email.addEventListener("pointerdown", beginOnCanvas);
    email.addEventListener("pointermove", move);
    email.addEventListener("pointerup", drop);
    email.addEventListener("click", swallow, true);
    email.addEventListener("dragstart", (event) => event.preventDefault());
  });
}

function beginOnCanvas(event) {
  const found = partOf(event.target);
  if (found) begin(event, `part:${found.id}`, "");
}

function begin(event, what, label) {
  if (event.button !== 0 || event.pointerType === "touch") return;
  drag = { what, label, from: place(event), moving: false };
}

function move(event) {
  if (!drag) return;
  const at = place(event);
  if (!drag.moving && Math.hypot(at.x - drag.from.x, at.y - drag.from.y) < FAR) return;
  if (!drag.moving) lift(at);
  event.preventDefault();
  drag.at = at;
  drag.ghost.style.transform = `translate(${at.x + 12}px, ${at.y + 12}px)`;
}

// As long as it is held, also where it is held still.
function follow() {
  if (!drag?.moving) return;
  scrollNear(drag.at.y);
  show(targetAt(drag.at));
  requestAnimationFrame(follow);
}

function lift(at) {
  drag.moving = true;
  drag.at = at;
  document.body.classList.add("is-dragging");
  document.getSelection().removeAllRanges();
  drag.ghost = document.createElement("div");
  drag.ghost.className = "drag-ghost";
  drag.ghost.textContent = drag.label || document.getElementById("panel-title").textContent;
  document.body.append(drag.ghost);
  follow();
}

function drop() {
  const { moving, what, at } = drag ?? {};
  const target = moving && targetAt(at);
  stop();
  if (!moving) return;
  swallowing = true;
  setTimeout(() => (swallowing = false));
  if (target) send(what, target);
}

// What is chosen stays so: the key has done what it was pressed for.
function giveUp(event) {
  if (event.key !== "Escape" || !drag?.moving) return;
  event.preventDefault();
  stop();
}

function stop() {
  drag?.ghost?.remove();
  drag = null;
  show(null);
  document.body.classList.remove("is-dragging");
}

let swallowing = false;
function swallow(event) {
  if (!swallowing) return;
  event.preventDefault();
  event.stopPropagation();
}

// In the window, wherever the event happened.
function place(event) {
  if (event.view === window) return { x: event.clientX, y: event.clientY };
  const frame = event.view.frameElement.getBoundingClientRect();
  return { x: event.clientX + frame.left, y: event.clientY + frame.top };
}

function scrollNear(y) {
  const near = 60;
  const { top, bottom } = canvas.getBoundingClientRect();
  const scrolls = canvas.scrollHeight > canvas.clientHeight ? canvas : window;
  if (y < Math.max(top, 0) + near) scrolls.scrollBy(0, -8);
  if (y > Math.min(bottom, window.innerHeight) - near) scrolls.scrollBy(0, 8);
}

// Where it would go: {before}, {after} or {row, column}, with the line to show, or the entry of the
// list of contents beside which it shows.
function targetAt({ x, y }) {
  const entry = document.elementFromPoint(x, y)?.closest("#contents [data-part]");
  if (entry) return besideEntry(entry, y);
  const frame = paper.getBoundingClientRect();
  if (x < frame.left || x > frame.right || y < frame.top - 20) return null;
  const at = { x: x - frame.left, y: y - frame.top };
  const element = page().elementFromPoint(at.x, at.y);
  const row = element && partOf(element, ["row"]);
  if (!row) return atTheEnd();
  const box = row.element.getBoundingClientRect();
  const nearEdge = at.y - box.top < EDGE || box.bottom - at.y < EDGE;
  if (isRow(drag.what) || nearEdge) return beside(row, at.y);
  const block = partOf(element, ["block"]);
  if (block) return beside(block, at.y);
  return inColumn(element, at) ?? beside(row, at.y);
}

function besideEntry(entry, y) {
  const { part } = entry.dataset;
  if (drag.what === `part:${part}`) return null;
  if (isRow(drag.what) && entry.matches(".is-within")) return null;
  const { top, bottom } = entry.getBoundingClientRect();
  const side = y > (top + bottom) / 2 ? "after" : "before";
  return { values: { [side]: part }, entry, side };
}

function beside({ id, element }, y) {
  if (drag.what === `part:${id}`) return null;
  const box = element.getBoundingClientRect();
  const after = y > (box.top + box.bottom) / 2;
  return { values: { [after ? "after" : "before"]: id }, box, y: after ? box.bottom : box.top };
}

function inColumn(element, at) {
  const column = partOf(element, ["column"]);
  if (!column) return null;
  const [, row, number] = column.id.match(/^(.*)-(\d+)$/);
  const blocks = [...column.element.querySelectorAll("[class*='block-']")];
  const last = blocks.at(-1)?.getBoundingClientRect();
  const box = column.element.getBoundingClientRect();
  if (last && at.y < last.top) return null;
  return { values: { row, column: number }, box, y: last ? last.bottom : box.top + 4 };
}

function atTheEnd() {
  const rows = [...page().querySelectorAll("[class*='row-']")].filter((each) => partOf(each, ["row"])?.element === each);
  const last = rows.at(-1);
  if (!last) return { values: {}, box: { left: 0, width: paper.clientWidth }, y: 4 };
  return beside(partOf(last, ["row"]), Infinity);
}

function isRow(what) {
  if (what.startsWith("row:")) return true;
  const element = what.startsWith("part:") && partElement(what.slice(5));
  return Boolean(element) && partOf(element).kind === "row";
}

function show(target) {
  document.querySelector("[data-drops]")?.removeAttribute("data-drops");
  target?.entry?.setAttribute("data-drops", target.side);
  line.hidden = !target?.box;
  if (line.hidden) return;
  line.style.left = `${target.box.left}px`;
  line.style.width = `${target.box.width}px`;
  line.style.top = `${target.y - 2}px`;
}

function send(what, { values }) {
  const version = document.querySelector("#properties [name=version]").value;
  const part = what.startsWith("part:") && what.slice(5);
  const url = editor.dataset.add.replace("/parts", part ? `/parts/${encodeURIComponent(part)}/move` : "/parts");
  htmx.ajax("POST", url, {
    source: "[data-editor]",
    target: "#panel",
    swap: "outerHTML",
    values: { version, ...(part ? {} : { type: what }), ...values },
  });
}
