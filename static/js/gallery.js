// The gallery with script: selecting, arrow keys between cards, the original while a card is held, and coming back to where one was.
import { say } from "./base.js";
const gallery = document.querySelector(".gallery");
const bulk = document.getElementById("bulk");
const cards = () => [...gallery.querySelectorAll(".card")];
const box = (card) => card?.querySelector(".pick input");
const here = () => document.activeElement?.closest?.(".card") ?? gallery.querySelector(".card:hover");
const go = (card) => card?.querySelector("a")?.focus();

// Selecting: the box, x, Shift for all between, Ctrl/⌘+A for all that is on the page, again for all of the list.
let last = null;
const whole = bulk.querySelector("[name=all]");
function count() {
  const number = gallery.querySelectorAll(".pick input:checked").length;
  const output = bulk.querySelector("output");
  output.textContent = whole?.checked ? say(output, "all") : say(output, "some", { number });
  for (const button of bulk.querySelectorAll("[name=action]")) {
    const most = { compare: 2, sheet: 9 }[button.value]; // those that show several beside each other
    button.disabled = most ? number < 2 || number > most || whole?.checked : !number && !whole?.checked;
  }
}
function selectPage() {
  for (const one of cards()) if (box(one)) box(one).checked = true;
}
whole?.addEventListener("change", () => {
  if (whole.checked) selectPage();
  count();
});
function select(card, on, range = false) {
  const all = cards();
  const from = range && last ? all.indexOf(last) : -1;
  const to = all.indexOf(card);
  const [first, end] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
  for (const one of all.slice(first, end + 1)) if (box(one)) box(one).checked = on;
  if (!on && whole) whole.checked = false; // all but one is not all
  last = card;
  count();
}
gallery.addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  if (event.target.matches(".pick input")) select(card, event.target.checked, event.shiftKey);
  else if (card && gallery.classList.contains("selecting") && event.target.closest(".card > a")) {
    event.preventDefault();
    select(card, !box(card)?.checked);
  } else if (event.target.closest("[data-selecting]")) {
    selecting(!gallery.classList.contains("selecting"));
  }
});
function selecting(on) {
  gallery.classList.toggle("selecting", on);
  gallery.querySelector("[data-selecting]").setAttribute("aria-pressed", on);
  if (!on) for (const one of cards()) if (box(one)) box(one).checked = false;
  if (!on && whole) whole.checked = false;
  count();
}
bulk.addEventListener("reset", () => {
  selecting(false);
  setTimeout(count);
});
// The focus stays in the list: on the card that takes the place of the first one that went, or that was acted on.
let place = -1;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.form !== bulk) return;
  const first = target.closest(".card") ?? gallery.querySelector(".card:has(.pick input:checked)");
  place = bulk.contains(target) || target.formAction.includes("/trash/") ? cards().indexOf(first) : -1;
});
function focusPlace() {
  const all = cards();
  if (place >= 0 && [document.body, null].includes(document.activeElement)) go(all[Math.min(place, all.length - 1)]);
  place = -1;
}
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (target.form === bulk && detail.xhr.status === 422) bulk.querySelector(".menu").open = true; // typed words were refused
  if (!detail.successful || detail.xhr.status === 422) return;
  if (target.form === bulk && target.name === "action") {
    if (bulk.contains(document.activeElement)) document.activeElement.blur(); // the bar goes away
    bulk.reset();
  }
  setTimeout(tidy, SETTLED_MS);
  setTimeout(focusPlace, SETTLED_MS);
});
// Cards that come and go out of band are settled without an event of their own.
const SETTLED_MS = 60;
function tidy() {
  if (whole?.checked) selectPage(); // what came while one scrolled belongs to the list too
  for (const rows of gallery.querySelectorAll(".rows:not(:has(.card))")) {
    if (rows.previousElementSibling?.matches(".day")) rows.previousElementSibling.remove();
    rows.remove();
  }
  count();
}

// Keys that mean the card in focus (or under the pointer); keys.js presses these buttons.
const acts = {
  select: (card) => select(card, !box(card)?.checked),
  range: (card) => select(card, true, true),
};
document.addEventListener("click", ({ target }) => {
  const act = acts[target.closest?.("[data-card]")?.dataset.card];
  if (act && here()) act(here());
});
const middle = (card) => {
  const area = card.getBoundingClientRect();
  return [area.left + area.width / 2, area.top + area.height / 2, area.height];
};
function beyond(card, down) {
  const [x, y, height] = middle(card);
  const rest = cards().map((one) => [one, ...middle(one)]).filter(([, , top]) => (down ? top - y : y - top) > height / 4);
  const nearest = Math.min(...rest.map(([, , top]) => Math.abs(top - y)));
  return rest.filter(([, , top]) => Math.abs(top - y) < nearest + height / 2).sort((a, b) => Math.abs(a[1] - x) - Math.abs(b[1] - x))[0]?.[0];
}
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select") || event.target.closest("details[open]")) return;
  const card = document.activeElement?.closest?.(".card");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && cards().length) {
    if (whole && cards().every((one) => !box(one) || box(one).checked)) whole.checked = true;
    selectPage();
    count();
    event.preventDefault();
  } else if (event.key === "Escape" && gallery.querySelector(".pick input:checked, .whole-list input:checked")) {
    bulk.reset();
  } else if (card && !event.ctrlKey && !event.metaKey && event.key.startsWith("Arrow")) {
    const all = cards();
    const to = {
      ArrowLeft: () => all[all.indexOf(card) - 1],
      ArrowRight: () => all[all.indexOf(card) + 1],
      ArrowUp: () => beyond(card, false),
      ArrowDown: () => beyond(card, true),
    }[event.key]();
    if (!to) return;
    event.preventDefault();
    if (event.shiftKey && last === null) select(card, true);
    go(to);
    if (event.shiftKey) select(to, true, true);
  }
});

// The original in place, while a card is pressed for a moment or "o" is held.
const HOLD_MS = 280;
let timer;
let held = null;
function hold(card) {
  const over = card?.querySelector(".over");
  if (!over) return;
  over.src ||= over.dataset.src;
  card.classList.add("held");
  held = card;
}
function release() {
  clearTimeout(timer);
  held?.classList.remove("held");
}
gallery.addEventListener("pointerdown", (event) => {
  const link = event.button === 0 && event.target.closest(".card > a");
  held = null;
  if (link && !event.shiftKey && !event.ctrlKey && !event.metaKey) timer = setTimeout(() => hold(link.closest(".card")), HOLD_MS);
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release);
gallery.addEventListener("dragstart", (event) => held && event.preventDefault());
gallery.addEventListener("contextmenu", (event) => held && event.preventDefault());
gallery.addEventListener("click", (event) => {
  if (held && event.target.closest(".card > a")) event.preventDefault(); // it was looked at, not opened
  held = null;
}, true);
document.addEventListener("hold:start", ({ target }) => target.matches("[data-card=original]") && hold(here()));
document.addEventListener("hold:end", release);

// Coming back: the address remembers the card that was opened; if it is on a later page, all up to it comes in one answer.
gallery.addEventListener("click", (event) => {
  const link = event.target.closest(".card > a");
  if (link && !event.defaultPrevented) history.replaceState({ y: scrollY }, "", `#${link.closest(".card").id}`);
});
async function comeBack(again = false) {
  const id = location.hash.match(/^#card-(.+)$/)?.[1];
  const card = id && document.getElementById(`card-${id}`);
  const more = gallery.querySelector(".more a");
  if (card) {
    if (history.state?.y === undefined) card.scrollIntoView({ block: "center" });
    else scrollTo(0, history.state.y);
    card.querySelector("a").focus({ preventScroll: true });
  } else if (id && more && !again) {
    await htmx.ajax("GET", `${more.href}&up_to=${encodeURIComponent(id)}`, { source: more, target: ".more", swap: "outerHTML" });
    setTimeout(comeBack, SETTLED_MS, true);
  }
}
// Not at once: htmx makes its links when the page is read, and the browser itself goes to the address's card, without focus.
addEventListener("load", () => requestAnimationFrame(() => setTimeout(comeBack)));
count();

// The address of a search has only what was asked for.
gallery.querySelector("[role=search]").addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
});
