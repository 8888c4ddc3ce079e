// Files that are uploaded as soon as they are chosen: how far they have come, and another try when
// they did not arrive.

document.addEventListener("htmx:xhr:progress", (event) => {
  const { loaded, total, lengthComputable } = event.detail;
  const bar = event.target.querySelector?.("progress");
  if (!bar || !lengthComputable || !event.target.matches("[data-upload]")) return;
  bar.hidden = false;
  bar.max = total;
  bar.value = loaded;
  // All is there: the server is at work on it, and nobody knows for how long.
  if (loaded === total) bar.removeAttribute("value");
});

document.addEventListener("htmx:sendError", begin);
document.addEventListener("htmx:responseError", begin);

// Emptied, because the same files chosen once more would be no change.
function begin(event) {
  const form = event.target;
  if (!form.matches?.("[data-upload]")) return;
  form.reset();
  form.querySelector("progress").hidden = true;
}
