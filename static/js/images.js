// An image chosen in the dialogue of the library goes into the field that asked for one.

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-picks]");
  if (!chosen) return;
  const { picks, shows, width, into, altInto } = chosen.dataset;
  chosen.closest("dialog")?.close();
  const field = document.getElementById(into);
  const alt = altInto && document.getElementById(altInto);
  const describes = alt && shows && !alt.value.trim();
  if (describes) alt.value = shows;
  if (field?.matches("textarea")) insert(field, picks, shows, width);
  else if (field) field.value = picks;
  [describes && alt, field].filter(Boolean).forEach(tell);
  field?.focus();
});

// One that was uploaded for it.
document.addEventListener("htmx:load", (event) => {
  event.target.querySelector?.("[data-picked-at-once]")?.click();
});

function insert(field, address, alt, width) {
  const image = new Image();
  image.setAttribute("src", address);
  image.alt = alt;
  image.width = Math.min(width, 600);
  field.setRangeText(image.outerHTML, field.selectionStart, field.selectionEnd, "end");
}

function tell(field) {
  ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));
}
