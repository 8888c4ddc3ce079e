// Toasts: one at a time, gone after six seconds, or twenty where they can undo something, unless somebody
// is reading. The server sends one with HX-Trigger: {"toast": "Saved"} or {"toast": {"text": "…", "link": {"text": "Show", "url": "…"}}}.

const SHOWN_FOR = 6000;
const WITH_A_WAY_BACK = 20_000;

export function watchToasts() {
  document.querySelectorAll(".toast").forEach(retireLater);
  document.addEventListener("toast", (event) => showToast(event.detail));
}

export function showToast(detail) {
  const area = document.getElementById("toasts");
  const pattern = document.getElementById("toast-pattern");
  if (!area || !pattern) return;
  const toast = pattern.content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-text]").textContent = detail.text ?? detail.value ?? detail;
  if (detail.link) toast.append(link(detail.link));
  area.replaceChildren(toast);
  retireLater(toast);
}

function link({ text, url }) {
  const anchor = document.createElement("a");
  anchor.textContent = text;
  anchor.href = url;
  return anchor;
}

function retireLater(toast) {
  const timer = setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) retireLater(toast);
    else toast.remove();
  }, toast.querySelector("form") ? WITH_A_WAY_BACK : SHOWN_FOR);
  toast.addEventListener("pointerenter", () => clearTimeout(timer), { once: true });
  toast.addEventListener("pointerleave", () => retireLater(toast), { once: true });
}
