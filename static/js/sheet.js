// The contact sheet with script: one candidate is in focus, and keys mean it.  Keeping posts at once (htmx, on the checkbox);
// what is zoomed is zoom.js's.  Enlarged, the candidate in focus fills the sheet, and everything works as before.
import { say, toast } from "./base.js";

const page = document.querySelector(".sheet-page");
const sheet = page.querySelector(".sheet");
const form = document.getElementById("sheet-form");
const output = form?.querySelector("output");
const enlarge = page.querySelector("[data-enlarge]");
const all = [...sheet.querySelectorAll(".cand")];
const box = (cand) => cand.querySelector("[name=keep]");
const isKept = (cand) => Boolean(box(cand)?.checked);
let here = all[0];

// Roving tabindex: Tab goes to one candidate, its picture and its Keep, and on to the bar.
function rove() {
  for (const cand of all) {
    cand.classList.toggle("here", cand === here);
    for (const part of cand.querySelectorAll(".look, [name=keep]")) part.tabIndex = cand === here ? 0 : -1;
  }
}
function go(cand, focus = true) {
  if (!cand) return;
  here = cand;
  rove();
  if (focus) cand.querySelector(".look").focus({ preventScroll: enlarged() });
}
sheet.addEventListener("focusin", ({ target }) => go(target.closest(".cand"), false));

const middle = (cand) => {
  const area = cand.getBoundingClientRect();
  return [area.left + area.width / 2, area.top + area.height / 2, area.height];
};
function beyond(down) {
  const [x, y, height] = middle(here);
  const rest = all.map((one) => [one, ...middle(one)]).filter(([, , top]) => (down ? top - y : y - top) > height / 4);
  const nearest = Math.min(...rest.map(([, , top]) => Math.abs(top - y)));
  return rest.filter(([, , top]) => Math.abs(top - y) < nearest + height / 2).sort((a, b) => Math.abs(a[1] - x) - Math.abs(b[1] - x))[0]?.[0];
}
const beside = (step) => all[all.indexOf(here) + step];
const ways = {
  ArrowLeft: () => beside(-1),
  ArrowRight: () => beside(1),
  ArrowUp: () => (enlarged() ? beside(-1) : beyond(false)),
  ArrowDown: () => (enlarged() ? beside(1) : beyond(true)),
};

const enlarged = () => sheet.classList.contains("one");
function toggle(on = !enlarged()) {
  if (on) for (const button of page.querySelectorAll("[data-zoom-set=fit]")) button.click(); // another size, another part
  sheet.classList.toggle("one", on);
  enlarge.setAttribute("aria-pressed", on);
  go(here);
}
enlarge.addEventListener("click", () => toggle());
sheet.addEventListener("click", (event) => {
  const look = event.target.closest(".look");
  if (!look || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(look.closest(".cand"));
  toggle();
});

// Keeping: how many, and which one that was.
function tally() {
  if (!output) return;
  const kept = all.filter(isKept).length + Number(output.dataset.elsewhere);
  const total = Number(output.dataset.all);
  output.textContent = say(page, "tally", { kept, all: total });
  sheet.classList.toggle("has-kept", kept > 0);
  form.classList.toggle("none-kept", !kept);
  return { kept, all: total };
}
function tell(cand) {
  const counted = tally();
  document.getElementById("sheet-said").textContent = say(page, isKept(cand) ? "kept" : "dropped", { number: cand.dataset.number, ...counted });
}
sheet.addEventListener("change", ({ target }) => target.name === "keep" && tell(target.closest(".cand")));
// Only this candidate's mark: what another device did with the others stays.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (target.name !== "keep") return;
  for (const name of [...detail.formData.keys()]) detail.formData.delete(name);
  detail.formData.append("shown", target.value);
  if (target.checked) detail.formData.append("keep", target.value);
});
for (const end of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(end, ({ target, detail }) => {
    if (target.name !== "keep" || [401, 403].includes(detail.xhr.status)) return; // signing in sends it again
    target.checked = !target.checked;
    tally();
  });
}
// What needs a kept one says so before it asks the server.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-needs-kept]");
  if (!button || tally().kept) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  toast(say(page, "nothing"));
}, true);

function digit(number) {
  const cand = all[number - 1];
  if (!cand) return;
  go(cand);
  if (!form) cand.querySelector(".vote")?.click();
  else if (box(cand)) box(cand).click();
  else toast(say(page, "notYet", { number }));
}

const PRESSED = "input, button, summary, a, select, textarea";
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]") || event.target.closest?.("details[open]")) return;
  const own = event.target.closest?.(".look") || !event.target.closest?.(PRESSED);
  const off = document.body.dataset.shortcuts === "off" && !sheet.contains(event.target);
  if (ways[event.key] && !event.shiftKey) {
    event.preventDefault();
    go(ways[event.key]());
  } else if (event.key === "Escape" && enlarged()) {
    event.preventDefault();
    toggle(false);
  } else if (off) {
    return;
  } else if (/^[1-9]$/.test(event.key)) {
    event.preventDefault();
    digit(Number(event.key));
  } else if (event.key === "Enter" && (own || event.target.name === "keep")) {
    event.preventDefault();
    if (!event.repeat) form?.querySelector("[data-finish]")?.click();
  } else if (event.key === " " && own) {
    event.preventDefault();
    toggle();
  } else if (event.key === " ") {
    event.stopPropagation(); // a checkbox or button in focus is pressed, nothing is enlarged
  }
}, true);

// The originals over all pictures, while the key or the button is held.
const original = page.querySelector("[data-original]");
function before(on) {
  if (on) for (const over of sheet.querySelectorAll(".over")) over.src ||= over.dataset.src;
  sheet.classList.toggle("before", on);
}
original.addEventListener("hold:start", () => before(true));
original.addEventListener("hold:end", () => before(false));
original.addEventListener("pointerdown", (event) => event.button === 0 && before(true));
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => before(false));
original.addEventListener("contextmenu", (event) => event.preventDefault());
original.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && before(true));
for (const end of ["keyup", "blur"]) original.addEventListener(end, () => before(false));

// What the poll brought: the first picture says what 100 % is.
document.addEventListener("htmx:oobAfterSwap", () => {
  sheet.dataset.zoomWidth ||= sheet.querySelector("[data-zoom-sheet] img")?.getAttribute("width") ?? "";
  rove();
  tally();
});
rove();
tally();
