// The part of an image, drawn over it with the pointer. The numbers are what is sent: they and the
// frame follow each other.

const form = document.querySelector("[data-crop]");
const area = form.querySelector("[data-crop-area]");
const picture = area.querySelector("img");
const frame = area.querySelector("[data-crop-frame]");
const corner = area.querySelector("[data-crop-corner]");
const { left, top: upper, width, height, new_width: newWidth } = form.elements;
const whole = { width: Number(picture.getAttribute("width")), height: Number(picture.getAttribute("height")) };

form.querySelector("[data-crop-help]").hidden = false;
area.addEventListener("pointerdown", begin);
form.addEventListener("input", (event) => event.target !== newWidth && choose(part()));
lay();

function begin(event) {
  if (event.button !== 0) return;
  event.preventDefault();
  const start = place(event);
  const before = part();
  const drag =
    event.target === corner
      ? (now) => between({ x: before.left, y: before.top }, now)
      : event.target === frame
        ? (now) => moved(before, now.x - start.x, now.y - start.y)
        : (now) => between(start, now);
  const move = (later) => choose(drag(place(later)));
  area.setPointerCapture(event.pointerId);
  area.addEventListener("pointermove", move);
  area.addEventListener("lostpointercapture", () => area.removeEventListener("pointermove", move), { once: true });
}

// In pixels of the image, which is shown smaller than it is.
function place(event) {
  const shown = picture.getBoundingClientRect();
  const along = (at, begins, length, pixels) =>
    Math.round(Math.min(1, Math.max(0, (at - begins) / length)) * pixels);
  return {
    x: along(event.clientX, shown.left, shown.width, whole.width),
    y: along(event.clientY, shown.top, shown.height, whole.height),
  };
}

function part() {
  return {
    left: Number(left.value),
    top: Number(upper.value),
    width: Number(width.value),
    height: Number(height.value),
  };
}

function between(one, other) {
  return {
    left: Math.min(one.x, other.x),
    top: Math.min(one.y, other.y),
    width: Math.abs(one.x - other.x),
    height: Math.abs(one.y - other.y),
  };
}

function moved(before, right, down) {
  const within = (at, most) => Math.min(Math.max(0, at), most);
  return {
    ...before,
    left: within(before.left + right, whole.width - before.width),
    top: within(before.top + down, whole.height - before.height),
  };
}

function choose(chosen) {
  if (chosen.width < 1 || chosen.height < 1) return;
  Object.entries({ left, top: upper, width, height }).forEach(([side, field]) => {
    if (Number(field.value) !== chosen[side]) field.value = chosen[side];
  });
  newWidth.value = Math.min(chosen.width, Number(newWidth.max));
  lay();
}

function lay() {
  const chosen = part();
  const percent = (pixels, of) => `${(100 * pixels) / of}%`;
  frame.style.left = percent(chosen.left, whole.width);
  frame.style.top = percent(chosen.top, whole.height);
  frame.style.width = percent(chosen.width, whole.width);
  frame.style.height = percent(chosen.height, whole.height);
  frame.hidden = false;
}
