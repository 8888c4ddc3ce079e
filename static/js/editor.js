// The canvas: the e-mail in a frame from its own address. It grows with its content, so that the page
// around it scrolls and a frame can be laid around the chosen block.
import { watchRichText } from "./rich_text.js";

const paper = document.querySelector("[data-paper]");
const hover = document.querySelector("[data-hover]");
let canvas = document.getElementById("canvas");

document.querySelector("[data-editor]").classList.add("is-live");
canvas.addEventListener("load", begin);
if (canvas.contentDocument?.readyState === "complete") begin();
new ResizeObserver(fit).observe(paper);
document.querySelectorAll("[data-rich-text]").forEach(watchRichText);

document.addEventListener("content-saved", (event) => {
  document.querySelectorAll("[name=version]").forEach((field) => {
    field.value = event.detail.version;
  });
  redraw();
});

document.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("[data-rich-text]").forEach(watchRichText);
  layFrame(true);
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-own-colour]")) return;
  event.target.closest(".swatch-own").querySelector("[type=radio]").checked = true;
}, true);

function begin() {
  const page = canvas.contentDocument;
  page.addEventListener("click", choose);
  page.addEventListener("mousemove", showHover);
  page.addEventListener("mouseleave", () => (hover.hidden = true));
  page.querySelectorAll("img").forEach((image) => image.addEventListener("load", fit));
  fit();
}

// The new e-mail is drawn behind the old one and takes its place when it is there, so that nothing
// flickers. (Put into the old frame by script, it would lose its styles to this page's policy.)
function redraw() {
  paper.querySelector(".is-coming")?.remove();
  const coming = canvas.cloneNode();
  coming.removeAttribute("id");
  coming.classList.add("is-coming");
  coming.addEventListener("load", () => takeOver(coming), { once: true });
  canvas.after(coming);
}

function takeOver(coming) {
  coming.style.height = canvas.style.height;
  coming.classList.remove("is-coming");
  canvas.remove();
  canvas = coming;
  canvas.id = "canvas";
  hover.hidden = true;
  begin();
}

function fit() {
  const body = canvas.contentDocument?.body;
  if (!body) return;
  canvas.style.height = `${body.scrollHeight}px`;
  layFrame();
}

function blockOf(element) {
  const block = element.closest?.("[class*='block-']");
  const id = block?.className.match(/(?:^|\s)block-(\S+)/)?.[1];
  return id ? { id, block } : null;
}

function choose(event) {
  event.preventDefault();
  const found = blockOf(event.target);
  if (found) document.getElementById(`contents-${found.id}`)?.click();
}

function showHover(event) {
  const found = blockOf(event.target);
  hover.hidden = !found;
  if (found) layOver(hover, found.block);
}

// `reveal` brings the block into sight, clear of the sheet that holds its properties on phones.
function layFrame(reveal = false) {
  const frame = document.getElementById("block-frame");
  const id = frame.dataset.block;
  const block = id && canvas.contentDocument?.querySelector(`.block-${CSS.escape(id)}`);
  frame.hidden = !block;
  if (!block) return;
  layOver(frame, block);
  if (reveal) frame.scrollIntoView({ block: "nearest" });
}

function layOver(frame, block) {
  const { top, left, width, height } = block.getBoundingClientRect();
  const place = { top, left, width, height };
  Object.entries(place).forEach(([side, length]) => (frame.style[side] = `${length}px`));
}
