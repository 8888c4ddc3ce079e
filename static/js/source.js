// The source of HTML of one's own, and how it looks.
import { watchSaving } from "./saving.js";

const look = document.querySelector("[data-look] > iframe");

watchSaving();

// How it looks follows, and is shown as wide as a mail program shows it, smaller where there is no room.
document.addEventListener("content-saved", () => look.contentWindow.location.reload());

function fit() {
  const { clientWidth, clientHeight } = look.parentElement;
  const by = Math.min(1, clientWidth / look.offsetWidth);
  look.style.transform = `scale(${by})`;
  look.style.height = `${clientHeight / by}px`;
}

new ResizeObserver(fit).observe(look.parentElement);
