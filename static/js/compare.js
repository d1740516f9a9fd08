// Before and after: the slider over both pictures, and the other ways to look.  Works on every [data-compare], also one that htmx brings later.
// The page says with which mode it begins.  zoom.js looks closer.
import { say } from "./base.js";

const MODES = ["slider", "side", "hold", "map"];
const figures = () => document.querySelectorAll("[data-compare]");

function set(figure, mode) {
  figure.dataset.mode = mode;
  const map = figure.querySelector(".map");
  if (mode === "map" && map && !map.src) bring(map, figure.querySelector("[data-share]")); // drawn by the server, so only when asked for
  for (const button of document.querySelectorAll("[data-mode-set]")) button.setAttribute("aria-pressed", button.dataset.modeSet === mode);
}

// A map that is drawn at that moment says in a header how much differs.
async function bring(map, share) {
  if (!("drawn" in map.dataset)) return map.setAttribute("src", map.dataset.src);
  map.src = "data:,";
  const answer = await fetch(map.dataset.src);
  if (!answer.ok) return map.removeAttribute("src");
  map.src = URL.createObjectURL(await answer.blob());
  share.textContent = say(share, "share", { share: answer.headers.get("X-Changed-Share") });
}

function next(figure) {
  const known = figure.querySelector(".map") ? MODES : MODES.slice(0, 3);
  set(figure, known[(known.indexOf(figure.dataset.mode) + 1) % known.length]);
}

const started = new WeakSet();
function start(figure) {
  if (started.has(figure)) return;
  started.add(figure);
  const range = figure.querySelector("input[type=range]");
  const slide = () => {
    figure.style.setProperty("--x", `${range.value}%`);
    range.setAttribute("aria-valuetext", say(document.body, "originalShare", { percent: Math.round(range.value) }));
  };
  range.addEventListener("input", slide);
  slide();
  // A double click looks closer: the slider goes back to where it was before the first press.
  let kept = range.value;
  range.addEventListener("mousedown", ({ detail }) => { if (detail === 1) kept = range.value; });
  range.addEventListener("dblclick", () => {
    range.value = kept;
    slide();
  });
  const hold = (on) => () => figure.dataset.mode === "hold" && figure.classList.toggle("holding", on);
  figure.addEventListener("pointerdown", hold(true));
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) figure.addEventListener(end, hold(false));
  set(figure, figure.dataset.mode);
}

// The true ratio, where the class of the page is the nearest step; and what is small leaves once the picture over it is there.
function settle(figure) {
  const after = figure.querySelector(".after");
  figure.style.setProperty("--ar", after.getAttribute("width") / after.getAttribute("height"));
  for (const small of figure.querySelectorAll(".under")) {
    small.nextElementSibling.decode().then(() => small.remove(), () => {});
  }
}

// The original while a key or a button is held, whatever the mode.
let before = null;
function holdAll(on) {
  for (const figure of figures()) {
    if (on && before === null) before = figure.dataset.mode;
    figure.dataset.mode = on ? "hold" : before ?? "slider";
    figure.classList.toggle("holding", on);
  }
  if (!on) before = null;
}
document.addEventListener("hold:start", ({ target }) => target.matches("[data-mode-hold]") && holdAll(true));
document.addEventListener("hold:end", ({ target }) => target.matches("[data-mode-hold]") && holdAll(false));
document.addEventListener("pointerdown", ({ target }) => target.closest("[data-mode-hold]") && holdAll(true));
document.addEventListener("pointerup", () => before !== null && holdAll(false));

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-mode-set], [data-mode-next], [data-mode-swap]");
  if (!button) return;
  for (const figure of figures()) {
    if (button.dataset.modeSet) set(figure, button.dataset.modeSet);
    else if ("modeNext" in button.dataset) next(figure);
    else figure.classList.toggle("swapped");
  }
});

function startAll() {
  figures().forEach(start);
  document.querySelectorAll(".compare").forEach(settle);
}
startAll();
document.addEventListener("htmx:afterSettle", startAll);
