// Where something leads, chosen in a dialogue. Each control for an address stands in an element with
// data-address; when its value is the tag of a link with a name, the name is shown in its place.

const known = new Map(); // Of tags: what they are called, and their addresses.
let asking = null;

export function watchLinks() {
  document.addEventListener("htmx:configRequest", ask);
  document.addEventListener("htmx:load", (event) => begin(event.target));
  document.addEventListener("click", answer);
  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-address-field]")) offerTracking(target.closest("[data-address]"));
  });
  document.addEventListener("link-chosen", ({ detail }) => choose(detail));
}

export function showLink(place) {
  const field = fieldOf(place);
  const shown = place.querySelector("[data-link-shown]");
  const [name, url] = known.get(field.value) ?? [];
  field.hidden = Boolean(name);
  shown.hidden = !name;
  offerTracking(place);
  shown.querySelector("[data-link-name]").textContent = name ?? "";
  shown.querySelector("[data-link-url]").textContent = url ?? "";
}

// Of the address of a page that was typed.
function offerTracking(place) {
  const offer = place.querySelector("[data-offers-tracking]");
  if (offer) offer.hidden = !/^(https?:\/\/|www\.)./i.test(fieldOf(place).value);
}

function begin(root) {
  const listed = root.querySelector?.("[data-known-links]") ?? document.querySelector("[data-known-links]");
  Object.entries(JSON.parse(listed?.dataset.knownLinks ?? "{}")).forEach((each) => known.set(...each));
  root.querySelectorAll?.("[data-address]").forEach(showLink);
}

function ask(event) {
  const button = event.detail.elt;
  if (!button.matches("[data-chooses-link]")) return;
  asking = button.closest("[data-address]");
  event.detail.parameters.value = fieldOf(asking).value;
  event.detail.parameters.words = wordsOf(asking);
}

// That lead there: the marked ones, or those of the button or the entry.
function wordsOf(place) {
  const entry = place.closest("[data-item]")?.querySelector("input[type=text]:not([data-address-field])");
  const label = document.querySelector("#properties [data-in-place=line]");
  return place.dataset.words ?? (entry ?? label)?.value ?? "";
}

function answer(event) {
  const { leads: value, name, url: address } = event.target.closest("[data-leads]")?.dataset ?? {};
  if (value) choose({ value, name, address });
  const place = event.target.closest("[data-forgets-link]")?.closest("[data-address]");
  if (place) put(place, "");
}

function choose({ value, name, address }) {
  document.querySelector("#dialogs dialog")?.close();
  if (name) known.set(value, [name, address]);
  put(asking, value);
  // Words that were marked for it become a link at once.
  asking.querySelector("[data-link-set]")?.click();
}

function put(place, value) {
  const field = fieldOf(place);
  field.value = value;
  ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));
  showLink(place);
  (field.hidden ? place.querySelector("[data-forgets-link]") : field).focus();
}

function fieldOf(place) {
  return place.querySelector("[data-address-field]");
}
