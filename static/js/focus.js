// Where the focus goes when what had it is taken away: by an answer that comes into the page, or by a page that is loaded again.
// First to what is wrong, then to the same control in its new form, then to what its surroundings name
// (data-keeps-focus="selector"), and never to nowhere.  data-focus="id" on a control: where its answer leads.

const FRESH_MS = 30_000;
const KEPT = "focus";
const MARKS = ["data-key", "data-dialog", "data-recall", "name", "value", "href", "aria-label"];
const shown = (element) => element.getClientRects().length > 0;

// How the control can be found in another page: by its id, or by the nearest id above it and what marks it there.
function nameOf(control) {
  if (control.id) return `#${CSS.escape(control.id)}`;
  const home = control.closest("[id]");
  const own = MARKS.filter((mark) => control.hasAttribute(mark));
  const marks = own.map((mark) => `[${mark}=${JSON.stringify(control.getAttribute(mark))}]`);
  const form = !own.length && control.form?.getAttribute("action");
  return [home && `#${CSS.escape(home.id)}`, form && `form[action=${JSON.stringify(form)}]`, control.localName + marks.join("")].filter(Boolean).join(" ");
}

function namesOf(element) {
  const dialog = element.closest("dialog");
  const menu = element.closest("details.menu");
  const control = (dialog && document.querySelector(`[data-dialog="${dialog.id}"]`)) || menu?.querySelector("summary") || element;
  const around = [element, control].map((one) => one.closest("[data-keeps-focus]")).find(Boolean);
  return [nameOf(control), around?.dataset.keepsFocus].filter(Boolean);
}

let resting = null; // what holds the focus until the control is there again
function give(names, options) {
  for (const [number, name] of names.entries()) {
    const found = [...document.querySelectorAll(name)].find(shown);
    if (!found) continue;
    if (found.tabIndex < 0) found.tabIndex = -1;
    found.focus(options);
    resting = number ? found : null;
    return true;
  }
  return false;
}

// Past what one would have to tab through
document.addEventListener("click", (event) => {
  const skip = event.target.closest?.("[data-skip]");
  if (skip && give([skip.dataset.skip])) event.preventDefault();
});

// Answers of htmx
let held = null;
let names = [];
document.addEventListener("htmx:beforeSwap", () => {
  const active = document.activeElement;
  if (!active || active === document.body || active === resting) return;
  held = active;
  names = namesOf(active);
});
function giveBack() {
  if (document.activeElement !== document.body || (held?.isConnected && shown(held) && held !== resting)) return;
  if (resting?.isConnected && shown(resting)) return; // somebody left it by themselves
  give(names, { preventScroll: true });
}
for (const done of ["htmx:oobAfterSwap", "htmx:afterSettle", "htmx:afterRequest"]) document.addEventListener(done, giveBack);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const field = detail.successful ? document.getElementById(detail.elt.dataset?.focus) : null;
  field?.focus();
  field?.select?.();
});

// A form that loads the page again
document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (target.method !== "post") return;
  const known = namesOf(submitter ?? document.activeElement);
  setTimeout(() => {
    if (!event.defaultPrevented) sessionStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), path: location.pathname, known }));
  });
});
function firstWrong() {
  const wrong = [...document.querySelectorAll("main [aria-invalid=true]")].find(shown);
  const list = [...document.querySelectorAll("main .errorlist")].find((one) => one.childElementCount && shown(one));
  if (wrong || !list) return wrong;
  const field = list.closest("fieldset")?.querySelector("input, select, textarea");
  if (!field) list.tabIndex = -1;
  return field ?? list;
}
function begin() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (![document.body, null].includes(document.activeElement)) return;
  const wrong = firstWrong();
  if (wrong) wrong.focus();
  else if (kept?.path === location.pathname && Date.now() - kept.at < FRESH_MS) give([...kept.known, "#main"]);
}
// With a place in the address the browser goes there first, and takes the focus away.
if (location.hash) addEventListener("load", () => requestAnimationFrame(() => setTimeout(begin)));
else begin();
