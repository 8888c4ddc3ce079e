// Dialogues: data-opens and data-closes, those that the server sends into #dialogs, and data-confirm,
// which asks once before something is done (data-confirm-when: if the form has that, a ticked box say).

export function watchConfirmations() {
  document.addEventListener("click", openOrClose);
  document.addEventListener("htmx:afterSwap", openFromServer);
  document.addEventListener("submit", askBeforeSubmit, true);
  document.addEventListener("htmx:confirm", askBeforeRequest);
}

function openOrClose(event) {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer || event.target.matches("dialog.dialog[open]")) {
    event.target.closest("dialog")?.close();
  }
}

function openFromServer(event) {
  if (event.detail.target.id !== "dialogs") return;
  event.detail.target.querySelector("dialog:not([open])")?.showModal();
}

function askBeforeSubmit(event) {
  const form = event.target;
  const asker = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!asker.dataset.confirm || asker.dataset.confirmed) return;
  if (asker.dataset.confirmWhen && !form.querySelector(asker.dataset.confirmWhen)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(asker, () => {
    asker.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter);
    delete asker.dataset.confirmed;
  });
}

function askBeforeRequest(event) {
  const asker = event.target;
  if (!asker.dataset?.confirm || asker.matches("form")) return;
  event.preventDefault();
  ask(asker, () => event.detail.issueRequest(true));
}

function ask(asker, proceed) {
  const pattern = document.getElementById("confirm-pattern");
  const dialog = pattern.content.firstElementChild.cloneNode(true);
  const { confirm, confirmText, confirmAction, confirmDismiss, confirmKind } = asker.dataset;
  dialog.querySelector("[data-title]").textContent = confirm;
  dialog.querySelector("[data-text]").textContent = confirmText ?? "";
  if (confirmDismiss) dialog.querySelector("[data-closes]").textContent = confirmDismiss;
  const go = dialog.querySelector("[data-go]");
  go.textContent = confirmAction ?? asker.textContent.trim();
  go.classList.add(`button-${confirmKind ?? "primary"}`);
  go.addEventListener("click", () => {
    dialog.close();
    proceed();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
