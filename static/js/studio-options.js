// The options: sliders and numbers that follow each other, seed with dice and lock, and the line that sums them up.
// A model may take none of them, and choosing another one replaces them all.
import { say } from "./base.js";

const form = document.getElementById("edit-form");
const MOST_SEED = 2 ** 31 - 1;
const AUTO = "auto";
const summary = () => document.getElementById("summary"); // which the server replaces

const side = (size) => {
  const [width, height] = size.split("x");
  return size === AUTO || !size ? say(summary(), "sameSize") : width === height || !height ? width : `${width}×${height}`;
};
function summed() {
  const { size, steps, cfg_scale, seed, lock } = form.elements;
  const parts = [];
  if (size) parts.push(side(size.value));
  if (steps) parts.push(say(summary(), "steps", { steps: steps.value }));
  if (cfg_scale) parts.push(say(summary(), "cfg", { value: cfg_scale.value }));
  const typed = seed?.value.trim();
  const isTyped = typed && typed !== "0";
  parts.push(say(summary(), !seed ? "noSeed" : !isTyped ? "random" : lock.checked ? "locked" : "seed", { seed: typed }));
  return parts.join(" · ");
}
export function changed() {
  summary().textContent = summed();
  for (const range of form.querySelectorAll("[data-for]")) {
    range.value = document.getElementById(range.dataset.for).value;
    range.style.setProperty("--v", `${(100 * (range.value - range.min)) / (range.max - range.min)}%`);
  }
  const size = form.elements.size?.value;
  const result = form.querySelector("[data-results]");
  const about = result?.getAttribute(`data-result-${size || "same"}`);
  if (about) result.textContent = say(result, size && size !== AUTO ? "aboutAt" : "about", { result: about, size: side(size ?? "") });
}
form.addEventListener("input", ({ target }) => {
  const twin = target.dataset.for && document.getElementById(target.dataset.for);
  if (twin) twin.value = target.value;
  if (target.name === "lock" && target.checked && !form.elements.seed.value.trim()) draw();
  if (target.closest(".options")) changed();
});
document.addEventListener("source:changed", changed);

function draw() {
  form.elements.seed.value = 1 + (crypto.getRandomValues(new Uint32Array(1))[0] % MOST_SEED);
  changed();
}

// On the phone the options are a sheet: a tap beside it or "Done" shuts it.
const options = form.querySelector(".options");
form.addEventListener("click", ({ target }) => {
  if (target.closest("[data-dice]")) draw();
  if (target.closest("[data-close-options]")) options.open = false;
});
options.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && options.open && matchMedia("(max-width: 760px)").matches) options.open = false;
});
changed();
