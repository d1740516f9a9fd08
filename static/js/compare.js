// Before and after: the slider over both pictures, and the other ways to look.  Works on every [data-compare], also one that htmx brings later.
import { say } from "./words.js";

const MODES = ["slider", "side", "hold", "map"];
const figures = () => document.querySelectorAll("[data-compare]");

function set(figure, mode) {
  figure.dataset.mode = mode;
  const map = figure.querySelector(".map");
  if (mode === "map" && map && !map.src) map.src = map.dataset.src; // drawn by the server, so only when asked for
  for (const button of document.querySelectorAll("[data-mode-set]")) button.setAttribute("aria-pressed", button.dataset.modeSet === mode);
}

function next(figure) {
  const known = figure.querySelector(".map") ? MODES : MODES.slice(0, 3);
  set(figure, known[(known.indexOf(figure.dataset.mode) + 1) % known.length]);
}

function start(figure) {
  if (figure.dataset.mode) return;
  const range = figure.querySelector("input[type=range]");
  const slide = () => {
    figure.style.setProperty("--x", `${range.value}%`);
    range.setAttribute("aria-valuetext", say(document.body, "originalShare", { percent: Math.round(range.value) }));
  };
  range.addEventListener("input", slide);
  slide();
  const after = figure.querySelector(".after");
  const fit = () => after.naturalHeight && figure.style.setProperty("--ar", after.naturalWidth / after.naturalHeight);
  after.addEventListener("load", fit, { once: true });
  fit();
  const hold = (on) => () => figure.dataset.mode === "hold" && figure.classList.toggle("holding", on);
  figure.addEventListener("pointerdown", hold(true));
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) figure.addEventListener(end, hold(false));
  set(figure, "slider");
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

const startAll = () => figures().forEach(start);
startAll();
document.addEventListener("htmx:afterSettle", startAll);
