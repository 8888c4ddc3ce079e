// Menus are <details>: these close them on a click outside, on Escape and when another opens. Who chose
// something from one stands at its button again, also when the list around it is exchanged.

export function watchMenus() {
  document.addEventListener("click", closeOthers);
  document.addEventListener("keydown", moveOrClose);
  document.addEventListener("toggle", keepInView, true);
}

function closeOthers(event) {
  const chosen = event.target.closest(".menu-panel :is(a, button)");
  const kept = chosen ? null : event.target.closest("[data-menu]");
  document.querySelectorAll("[data-menu][open]").forEach((menu) => {
    if (menu === kept) return;
    if (chosen && menu.contains(chosen)) closeAndReturn(menu);
    else menu.open = false;
  });
}

function closeAndReturn(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

function moveOrClose(event) {
  const menu = event.target.closest?.("[data-menu][open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.preventDefault();
    closeAndReturn(menu);
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const all = menu.querySelectorAll(".menu-panel :is(a, button)");
    const items = [...all].filter((item) => item.offsetParent);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = items.indexOf(document.activeElement);
    items.at(at < 0 && step < 0 ? -1 : (at + step) % items.length)?.focus();
  }
}

function keepInView(event) {
  const menu = event.target;
  if (!menu.matches?.("[data-menu]") || !menu.open) return;
  const panel = menu.querySelector(".menu-panel");
  const room = window.innerHeight - menu.getBoundingClientRect().bottom;
  menu.toggleAttribute("data-up", panel.offsetHeight + 12 > room && room < window.innerHeight / 2);
  panel.scrollIntoView({ block: "nearest" });
  // Ready to type; on a touch screen a keyboard would hide the half.
  const search = matchMedia("(hover: hover)").matches && panel.querySelector("[type=search]");
  if (search) search.focus({ preventScroll: true });
}
