// The options: sliders and numbers that follow each other, seed with dice and lock, and the line that sums them up.
const form = document.getElementById("edit-form");
const summary = document.getElementById("summary");
const MOST_SEED = 2 ** 31 - 1;

export function changed() {
  const { size, steps, cfg_scale, seed, lock } = form.elements;
  const said = seed.value.trim() && seed.value.trim() !== "0" ? `seed ${seed.value.trim()}${lock.checked ? ", locked" : ""}` : "random seed";
  const side = size?.value ? `${size.value.split("x")[0]} · ` : "";
  summary.textContent = `${side}${steps.value} steps · cfg ${cfg_scale.value} · ${said}`;
  for (const range of form.querySelectorAll("[data-for]")) {
    range.value = document.getElementById(range.dataset.for).value;
    range.style.setProperty("--v", `${(100 * (range.value - range.min)) / (range.max - range.min)}%`);
  }
  const result = form.querySelector("[data-results]");
  const about = result?.getAttribute(`data-result-${size?.value || "same"}`);
  if (about) result.textContent = `Result about ${about}${size?.value ? ` at ${size.value.split("x")[0]}` : ""}`;
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
form.querySelector("[data-dice]").addEventListener("click", draw);

// On the phone the options are a sheet: a tap beside it or "Done" shuts it.
const options = form.querySelector(".options");
form.querySelector("[data-close-options]").addEventListener("click", () => { options.open = false; });
options.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && options.open && matchMedia("(max-width: 760px)").matches) options.open = false;
});
changed();
