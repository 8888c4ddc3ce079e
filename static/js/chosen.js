// Rows of chips and tabs that are wider than a phone, and lists longer than their place: the chosen one
// is brought into sight.

function show(root) {
  root.querySelectorAll(".chips > [aria-current], .tabs > [aria-current]").forEach((chosen) => {
    const row = chosen.parentElement;
    const offset = chosen.getBoundingClientRect().left - row.getBoundingClientRect().left;
    row.scrollLeft += offset - (row.clientWidth - chosen.clientWidth) / 2;
  });
  root.querySelectorAll(".folders-rows > [aria-current]").forEach((chosen) => {
    const list = chosen.parentElement;
    const offset = chosen.getBoundingClientRect().top - list.getBoundingClientRect().top;
    list.scrollTop += offset - (list.clientHeight - chosen.clientHeight) / 2;
  });
}

export function watchChosen() {
  document.addEventListener("htmx:load", (event) => show(event.target));
}
