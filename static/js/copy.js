// Buttons that copy what stands in a field: data-copies names it, data-copied is said afterwards.
import { showToast } from "./toasts.js";

document.querySelectorAll("[data-copies]").forEach((button) => {
  // Browsers give the clipboard to pages of https and of this computer only.
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    showToast(button.dataset.copied);
  });
});
