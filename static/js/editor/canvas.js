// The canvas: the e-mail in a frame from its own address. It grows with its content, so that the page
// around it scrolls and other things can be laid over a part of it.

const paper = document.querySelector("[data-paper]");
const hover = document.querySelector("[data-hover]");
let canvas = document.getElementById("canvas");

export function watchCanvas() {
  canvas.addEventListener("load", begin);
  if (canvas.contentDocument?.readyState === "complete") begin();
  new ResizeObserver(shift).observe(paper);
  document.addEventListener("content-saved", redraw);
  document.addEventListener("htmx:afterSettle", layFrame);
  document.addEventListener("htmx:afterRequest", () => (asked = null));
  document.querySelector("[data-canvas]").addEventListener("click", (event) => {
    if (event.target.matches("[data-canvas], [data-paper]")) leave();
  });
}

// Told whenever another e-mail is on the canvas.
const watchers = [];
export function whenDrawn(watch) {
  watchers.push(watch);
  if (page()?.readyState === "complete") watch(page());
}

// Told whenever the e-mail may lie otherwise: the paper or a picture has another size.
const followers = [];
export const whenShifted = (follow) => followers.push(follow);

export const page = () => canvas.contentDocument;

export const partElement = (id) =>
  id ? page()?.querySelector(`.block-${CSS.escape(id)}, .row-${CSS.escape(id)}`) : null;

// The nearest part around an element of the e-mail: its id, its kind and its element.
export function partOf(element, kinds = ["block", "row"]) {
  for (let each = element; each?.closest; each = each.parentElement) {
    for (const kind of kinds) {
      const id = String(each.className?.baseVal ?? each.className).match(
        new RegExp(`(?:^|\\s)${kind}-(\\S+)`),
      )?.[1];
      if (id && !id.endsWith("-outlook")) return { id, kind, element: each };
    }
  }
  return null;
}

export function choose(id) {
  const link = document.querySelector(`#contents-${CSS.escape(id)}, [data-row="${CSS.escape(id)}"]`);
  if (link) return link.click();
  const url = new URL(window.location);
  url.searchParams.set("part", id);
  const into = { source: "[data-editor]", target: "#panel", swap: "outerHTML" };
  htmx.ajax("GET", url.pathname + url.search, into);
}

export const leave = () => document.querySelector("[data-closes-part]")?.click();

const frameOfChosen = () => document.getElementById("block-frame");
export const chosenPart = () => frameOfChosen().dataset.part;

export function layOver(frame, element) {
  const { top, left, width, height } = element.getBoundingClientRect();
  const place = { top, left, width, height };
  Object.entries(place).forEach(([side, length]) => (frame.style[side] = `${length}px`));
}

export function fit() {
  const body = page()?.body;
  if (!body) return;
  canvas.style.height = `${body.scrollHeight}px`;
  layFrame();
}

function shift() {
  fit();
  followers.forEach((follow) => follow());
}

function begin() {
  page().addEventListener("click", press);
  page().addEventListener("mousemove", showHover);
  page().addEventListener("mouseleave", () => (hover.hidden = true));
  page().querySelectorAll("img").forEach((image) => image.addEventListener("load", shift));
  watchers.forEach((watch) => watch(page()));
  fit();
}

// The new e-mail is drawn behind the old one and takes its place when it is there, so that nothing
// flickers. (Put into the old frame by script, it would lose its styles to this page's policy.)
function redraw() {
  paper.querySelector(".is-coming")?.remove();
  const coming = canvas.cloneNode();
  coming.removeAttribute("id");
  coming.classList.add("is-coming");
  const frame = frameOfChosen();
  coming.addEventListener("load", () => takeOver(coming, frame), { once: true });
  canvas.after(coming);
}

function takeOver(coming, frame) {
  coming.style.height = canvas.style.height;
  coming.classList.remove("is-coming");
  canvas.remove();
  canvas = coming;
  canvas.id = "canvas";
  hover.hidden = true;
  if (frame !== frameOfChosen()) inSight = null;
  begin();
}

// The second press of a double click finds the first on its way: asked for again, what is written
// meanwhile would be exchanged.
let asked = null;
function press(event) {
  event.preventDefault();
  const found = partOf(event.target);
  if (!found) leave();
  else if (found.id !== chosenPart() && found.id !== asked) {
    asked = found.id;
    choose(found.id);
  }
}

function showHover(event) {
  const found = partOf(event.target);
  hover.hidden = !found || found.id === chosenPart();
  if (found) layOver(hover, found.element);
}

// What was chosen or moved just now has a new frame, and comes into sight with it, clear of the sheet
// that holds its properties on phones. To write in it moves nothing.
let inSight = null;
function layFrame() {
  const frame = frameOfChosen();
  const element = partElement(frame.dataset.part);
  frame.hidden = !element;
  if (!element) return;
  layOver(frame, element);
  if (frame !== inSight) frame.scrollIntoView({ block: "nearest" });
  inSight = frame;
}
