// Tables and tiles with boxes to tick: the box in the head ticks all, the bar at the foot says how many.

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("[data-row], [data-all-rows]")) return;
  const list = box.closest("table, .tiles");
  const rows = [...list.querySelectorAll("[data-row]")];
  const all = list.querySelector("[data-all-rows]");
  if (box === all) rows.forEach((row) => (row.checked = all.checked));
  const chosen = rows.filter((row) => row.checked).length;
  if (all) {
    all.checked = chosen > 0 && chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  }
  document.querySelectorAll("[data-chosen]").forEach((place) => (place.textContent = chosen));
});

// The role of whom one adds is one, beside whichever button it is typed.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[name=role]")) return;
  document.querySelectorAll("[name=role]").forEach((role) => (role.value = event.target.value));
});
