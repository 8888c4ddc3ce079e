// The menus of merge tags. Their search leaves those that hold every word that was typed, and Enter takes
// the first of them. What is chosen says what those read who have no value.

export function watchTagPickers() {
  // Before the form around it hears: what is searched for is nothing to be saved.
  document.addEventListener("input", search, true);
  document.addEventListener("change", keepFromForm, true);
  document.addEventListener("keydown", takeFirst, true);
  document.addEventListener("toggle", begin, true);
}

// What the chosen item of a menu writes.
export function tagOf(chosen) {
  const fallback = chosen.closest("[data-tag-picker]").querySelector("[data-tag-fallback]").value.trim();
  if (!fallback || !("fallsBack" in chosen.dataset)) return chosen.dataset.inserts;
  // Neither may stand within a text of the language.
  const words = fallback.replaceAll('"', "”").replaceAll(/[[\]]/g, "");
  return chosen.dataset.inserts.replace("]]", () => `|"${words}"]]`);
}

function keepFromForm(event) {
  const field = event.target.closest?.("[data-tag-search], [data-tag-fallback]");
  if (field) event.stopPropagation();
  return field;
}

function search(event) {
  const field = keepFromForm(event);
  if (field?.matches("[data-tag-search]")) show(field.closest("[data-tag-picker]"), field.value);
}

function show(picker, text) {
  const words = text.toLocaleLowerCase().split(/\s+/);
  const groups = [...picker.querySelectorAll("[data-tag-group]")];
  groups.forEach((group) => {
    const title = group.getAttribute("aria-label").toLocaleLowerCase();
    const items = [...group.querySelectorAll("[data-inserts]")];
    items.forEach((item) => {
      const own = `${title} ${item.textContent.toLocaleLowerCase()}`;
      item.hidden = !words.every((word) => own.includes(word));
    });
    group.hidden = items.every((item) => item.hidden);
  });
  picker.querySelector("[data-tag-none]").hidden = groups.some((group) => !group.hidden);
}

function takeFirst(event) {
  const field = event.target.closest?.("[data-tag-search], [data-tag-fallback]");
  if (!field || event.key !== "Enter") return;
  event.preventDefault();
  field.closest("[data-tag-picker]").querySelector("[data-inserts]:not([hidden])")?.click();
}

// It opens with everything in it.
function begin(event) {
  const picker = event.target;
  if (!picker.matches?.("[data-tag-picker]") || !picker.open) return;
  const field = picker.querySelector("[data-tag-search]");
  field.value = picker.querySelector("[data-tag-fallback]").value = "";
  show(picker, "");
}
