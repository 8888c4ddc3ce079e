// Forms that save by themselves hear of what was typed, ticked or chosen before the scripts came. (They say
// autocomplete="off": what a browser fills in again when somebody comes back is not theirs.)

export function tellOfEarlyChanges() {
  document.addEventListener("htmx:load", tell, { once: true });
}

function tell() {
  for (const form of document.querySelectorAll("form[hx-trigger*=change]")) {
    [...form.elements].find(isChanged)?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function isChanged(control) {
  if (control.matches("select")) return control.selectedIndex !== indexAtFirst(control);
  if (control.matches("[type=checkbox], [type=radio]")) return control.checked !== control.defaultChecked;
  if (control.matches("[type=file]")) return control.files.length > 0;
  return control.matches("input:not([type=color], [type=range]), textarea") && control.value !== control.defaultValue;
}

function indexAtFirst({ options }) {
  return Math.max(0, [...options].findIndex((option) => option.defaultSelected));
}
