// Text as it will look, in place of its HTML; the text area stays, and is what goes to the server.

export function watchRichText(field) {
  if (field.dataset.watched) return;
  field.dataset.watched = "yes";
  const source = field.querySelector("textarea");
  const words = field.querySelector(".rich-words");
  const linkRow = field.querySelector(".rich-link");
  const state = { range: null };

  words.innerHTML = source.value;
  source.hidden = true;
  words.hidden = false;
  field.querySelector(".rich-tools").hidden = false;
  document.execCommand("defaultParagraphSeparator", false, "p");

  words.addEventListener("input", () => tell(words, source));
  words.addEventListener("paste", pastePlain);
  words.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      event.preventDefault();
      askForLink(words, linkRow, state);
    }
  });
  field.querySelectorAll("[data-format]").forEach((button) => {
    // The selection stays in the words while a button is pressed.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (button.dataset.format === "link") askForLink(words, linkRow, state);
      else format(words, button.dataset.format);
    });
  });
  watchLink(words, linkRow, state);
}

function tell(words, source) {
  source.value = words.innerHTML;
  source.dispatchEvent(new Event("input", { bubbles: true }));
}

function format(words, command, value = null) {
  words.focus();
  document.execCommand(command, false, value);
}

function pastePlain(event) {
  event.preventDefault();
  const text = event.clipboardData.getData("text/plain");
  document.execCommand("insertText", false, text);
}

function askForLink(words, row, state) {
  const selection = document.getSelection();
  if (!selection.rangeCount || !words.contains(selection.anchorNode)) return;
  state.range = selection.getRangeAt(0).cloneRange();
  const link = selection.anchorNode.parentElement.closest("a");
  if (link && words.contains(link)) state.range.selectNode(link);
  row.hidden = false;
  const address = row.querySelector("[data-link-address]");
  address.value = link?.getAttribute("href") ?? "";
  address.focus();
}

function watchLink(words, row, state) {
  const address = row.querySelector("[data-link-address]");
  const set = (command, value) => {
    row.hidden = true;
    words.focus();
    document.getSelection().removeAllRanges();
    document.getSelection().addRange(state.range);
    if (command === "createLink" && state.range.collapsed) {
      document.execCommand("insertText", false, value);
      document.getSelection().modify("extend", "backward", "line");
    }
    document.execCommand(command, false, value);
  };
  const use = () => (address.value.trim() ? set("createLink", address.value.trim()) : set("unlink"));
  row.querySelector("[data-link-set]").addEventListener("click", use);
  row.querySelector("[data-link-remove]").addEventListener("click", () => set("unlink"));
  // What is typed here is no property of the block.
  ["input", "change"].forEach((kind) => address.addEventListener(kind, (event) => event.stopPropagation()));
  address.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      use();
    }
    if (event.key === "Escape") {
      row.hidden = true;
      words.focus();
    }
  });
}
