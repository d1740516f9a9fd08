// Use prompt, use seed, use all: into the form at once, with a way back; and what a visit before could not save any more.
import { say } from "./base.js";
import { choose, chosen, refit } from "./studio-model.js";
import { changed } from "./studio-options.js";
import { undoable, write } from "./studio-prompts.js";
import * as references from "./studio-references.js";

const form = document.getElementById("edit-form");
const OPTIONS = ["seed", "steps", "cfg_scale", "size", "negative_prompt", "quality", "background", "output_format"];
const USED = { prompt: ["prompt"], seed: ["seed"], all: ["prompt", ...OPTIONS] };
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-recall]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const menu = link.closest("details.menu");
  if (menu) menu.open = false;
  const made = link.closest("[data-prompt]").dataset;
  if (link.dataset.recall === "preset") return usePreset(made);
  const all = link.dataset.recall === "all";
  const said = say(form, { prompt: "usedPrompt", seed: "usedSeed", all: "usedAll" }[link.dataset.recall]);
  if (all && ((made.model ?? chosen()) !== chosen() || made.references || references.state().length)) return useAll(made, said);
  const which = USED[link.dataset.recall];
  const before = new Map([...which, "lock"].map((name) => [name, read(name)]));
  for (const name of which) set(name, made[name] ?? (all && name !== "seed" ? "" : undefined));
  if (which.includes("seed")) set("lock", true);
  undoable(said, () => before.forEach((value, name) => set(name, value)));
});
// Of another model, or with references: the server fits the form to it.
async function useAll(made, said) {
  const before = { ...Object.fromEntries(new FormData(form)), kept: form.elements.kept.value };
  delete before.image;
  const nodes = references.state();
  const model = made.model ?? chosen(); // what a file says of itself names none
  const known = choose(model);
  const options = Object.fromEntries(OPTIONS.map((name) => [name, made[name] ?? ""]));
  const list = made.references ? made.references.split(" ") : [];
  await refit({ ...options, kept: "", model, lock: made.seed ? "on" : "", reference_source: list.length ? list : "", new_references: "1" });
  write(made.prompt);
  undoable(known ? said : say(form, "usedAllElsewhere"), async () => {
    choose(before.model);
    await refit({ ...before, reference_source: [], reference_order: [] });
    references.restore(nodes);
    write(before.prompt);
  });
}
// A preset: its prompt, and the options and the model that it has.  The edit that is sent with it says so.
async function usePreset(made) {
  document.getElementById("library").close();
  const before = { ...Object.fromEntries(new FormData(form)), kept: form.elements.kept.value };
  delete before.image;
  const nodes = references.state();
  const known = !made.model || made.model === chosen() || choose(made.model);
  const options = "options" in made ? Object.fromEntries(OPTIONS.filter((name) => name !== "seed").map((name) => [name, made[name] ?? ""])) : {};
  const fits = "options" in made || (made.model && made.model !== before.model);
  if (fits) await refit({ ...options, kept: "options" in made ? "" : before.kept, model: made.model || before.model });
  form.elements.preset.value = made.id;
  write(made.prompt);
  form.elements.prompt.focus();
  undoable(say(form, known ? "usedPreset" : "usedPresetElsewhere"), async () => {
    form.elements.preset.value = before.preset;
    if (fits) {
      choose(before.model);
      await refit({ ...before, reference_source: [], reference_order: [] });
      references.restore(nodes);
    }
    write(before.prompt);
  });
}
const read = (name) => (name === "lock" ? form.elements.lock?.checked : form.elements[name]?.value);
function set(name, value) {
  const field = form.elements[name];
  if (!field || value === undefined) return;
  if (name === "lock") field.checked = value;
  else field.value = value;
  form.dispatchEvent(new Event("input", { bubbles: true }));
  changed();
}
// The fields of a form as they were, and its list of references.
export async function takeUp({ prompt: words = "", model, ...values }, list) {
  choose(model);
  const options = Object.fromEntries(OPTIONS.map((name) => [name, values[name] ?? ""]));
  await refit({ ...options, ...values, lock: values.lock ?? "", kept: values.kept ?? "", model: model ?? chosen(), reference_source: list.length ? list : "", new_references: "1" });
  form.elements.preset.value = values.preset ?? "";
  write(words);
}
