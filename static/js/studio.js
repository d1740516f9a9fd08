// The studio's form with script: prompts and settings brought back with undo.
import { say, toast } from "./base.js";
import "./studio-dropping.js";
import "./keyboard-room.js";
import { changed } from "./studio-options.js";
import "./studio-preview.js";
import "./studio-strip.js";
import "./studio-batch.js"; // its list belongs to the draft
import { unsaved, wasSent } from "./studio-draft.js";
import { choose, chosen, refit } from "./studio-model.js";
import * as references from "./studio-references.js";
import { show } from "./studio-sending.js";

const form = document.getElementById("edit-form");
const prompt = document.getElementById("id_prompt");

document.addEventListener("model:changed", () => { changed(); show(); });
form.addEventListener("htmx:afterRequest", ({ detail, target }) => {
  if (target !== form || !detail.successful || detail.xhr.status === 422) return; // htmx calls whatever it may swap a success
  form.elements.image.value = ""; // it is stored now, and the card refers to it
  remember(prompt.value.trim());
  if (form.elements.lock && !form.elements.lock.checked) form.elements.seed.value = "";
  changed();
  show();
  wasSent();
});

// Own prompts: Alt+↑ and Alt+↓ walk them, the draft waits at the end.
const recent = document.getElementById("recent");
const past = [...recent.querySelectorAll("[data-recent]")].map((button) => button.dataset.preset);
let at = -1;
let draft = "";
function remember(words) {
  const known = past.indexOf(words);
  if (known >= 0) past.splice(known, 1);
  past.unshift(words);
  at = -1;
  offer(words);
}
// The menu has it too, in front; a first one brings the menu.
const MENU_CHARS = 90;
function offer(words) {
  [...recent.children].find((button) => button.dataset.preset === words)?.remove();
  const button = Object.assign(document.createElement("button"), { type: "button" });
  Object.assign(button.dataset, { preset: words, recent: "", own: "" });
  const shown = [...words].length > MENU_CHARS ? `${[...words].slice(0, MENU_CHARS - 1).join("")}…` : words;
  button.append(Object.assign(document.createElement("bdi"), { dir: "auto", textContent: shown }));
  recent.prepend(button);
  recent.closest("details").hidden = false;
}
prompt.addEventListener("keydown", (event) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  if (at < 0) draft = prompt.value;
  at = Math.min(Math.max(at + (event.key === "ArrowUp" ? 1 : -1), -1), past.length - 1);
  write(at < 0 ? draft : past[at]);
});
function write(words) {
  prompt.value = words;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-preset]");
  if (!button) return;
  const before = prompt.value;
  write(button.dataset.preset);
  const menu = button.closest("details.menu");
  if (menu) menu.open = false;
  prompt.focus();
  if (before.trim() && before !== prompt.value) undoable(say(form, "replaced"), () => write(before));
});

// Use prompt, use seed, use all: into the form at once, with a way back.
const OPTIONS = ["seed", "steps", "cfg_scale", "size", "negative_prompt", "quality", "background", "output_format"];
const USED = { prompt: ["prompt"], seed: ["seed"], all: ["prompt", ...OPTIONS] };
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-recall]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const menu = link.closest("details.menu");
  if (menu) menu.open = false;
  const made = link.closest("[data-prompt]").dataset;
  const all = link.dataset.recall === "all";
  const said = say(form, { prompt: "usedPrompt", seed: "usedSeed", all: "usedAll" }[link.dataset.recall]);
  if (all && (made.model !== chosen() || made.references || references.state().length)) return useAll(made, said);
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
  const known = choose(made.model);
  const options = Object.fromEntries(OPTIONS.map((name) => [name, made[name] ?? ""]));
  const list = made.references ? made.references.split(" ") : [];
  await refit({ ...options, kept: "", model: made.model, lock: made.seed ? "on" : "", reference_source: list.length ? list : "", new_references: "1" });
  write(made.prompt);
  undoable(known ? said : say(form, "usedAllElsewhere"), async () => {
    choose(before.model);
    await refit({ ...before, reference_source: [], reference_order: [] });
    references.restore(nodes);
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
function undoable(words, undo) {
  toast(words);
  const box = document.querySelector("#toasts > :last-child");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn tiny", textContent: say(form, "undo") });
  button.dataset.key = "u";
  button.addEventListener("click", () => { undo(); box.remove(); });
  box.append(button);
}

// A region of the source is marked on the stage; most edits have none.
const mark = async () => document.getElementById("only-here")?.checked && (await import("./region.js")).open();
form.addEventListener("change", ({ target }) => { if (["only-here", "id_region"].includes(target.id)) mark(); });
form.addEventListener("click", ({ target }) => { if (target.closest("[data-mark-open]")) mark(); });

// The strip marks what is on the stage.
document.addEventListener("htmx:afterSettle", () => {
  const id = document.getElementById("on-stage")?.value;
  for (const link of document.querySelectorAll("#strip a")) {
    if (link.parentElement.id === `thumb-${id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
});
// What was entered in the last moment of the visit before.
const kept = unsaved();
if (kept) takeUp(Object.fromEntries(kept), kept.getAll("reference_source"));
async function takeUp({ prompt: words = "", model, ...values }, list) {
  choose(model);
  const options = Object.fromEntries(OPTIONS.map((name) => [name, values[name] ?? ""]));
  await refit({ ...options, ...values, lock: values.lock ?? "", kept: values.kept ?? "", model: model ?? chosen(), reference_source: list.length ? list : "", new_references: "1" });
  write(words);
}

if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelector("#send kbd").textContent = "⌘ ↵";
show();
