// The controls of the panel: a slider beside its number, a colour of one's own, lists that grow, and
// buttons that press others.
import { showLink } from "./links.js";

export function watchProperties() {
  document.addEventListener("input", (event) => {
    mirror(event.target);
    takeOwnColour(event.target);
    grow(event.target);
  }, true);
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-own-colour]")) offer(target.value);
  });
  document.addEventListener("click", (event) => {
    const presses = event.target.closest("[data-presses]");
    if (presses) document.getElementById(presses.dataset.presses)?.click();
    const removes = event.target.closest("[data-removes-item]");
    if (removes) remove(removes.closest("[data-item]"));
  });
}

function mirror(control) {
  const number = control.dataset.mirrors && document.getElementById(control.dataset.mirrors);
  if (number) number.value = control.value;
  const slider = document.querySelector(`[data-mirrors="${control.id || "-"}"]`);
  if (slider) slider.value = control.value;
}

function takeOwnColour(control) {
  if (control.matches("[data-own-colour]")) {
    control.closest(".swatch-own").querySelector("[type=radio]").checked = true;
  }
}

// A colour that was chosen for one thing is offered for all others.
function offer(colour) {
  document.querySelectorAll("#properties .swatches").forEach((swatches) => {
    if (swatches.querySelector(`[type=radio][value="${colour}"]`)) return;
    const own = swatches.querySelector(".swatch-own");
    const swatch = own.previousElementSibling.cloneNode(true);
    const radio = swatch.querySelector("input");
    radio.checked = false;
    radio.value = colour;
    swatch.querySelector("circle").setAttribute("fill", colour);
    swatch.querySelector(".visually-hidden:not(input)").textContent = colour;
    own.before(swatch);
  });
}

// There is always an empty one at the end.
function grow(control) {
  const item = control.closest("[data-item]");
  if (!item || item.nextElementSibling?.matches("[data-item]")) return;
  const empty = item.cloneNode(true);
  empty.querySelectorAll("input").forEach((input) => (input.value = ""));
  empty.querySelectorAll("[data-address]").forEach(showLink);
  item.after(empty);
  window.htmx.process(empty);
}

function remove(item) {
  const items = item.closest("[data-items]");
  if (items.querySelectorAll("[data-item]").length > 1) item.remove();
  else {
    item.querySelectorAll("input").forEach((input) => (input.value = ""));
    item.querySelectorAll("[data-address]").forEach(showLink);
  }
  items.dispatchEvent(new Event("change", { bubbles: true }));
}
