// The studio's form with script: its parts, and what follows when it was sent.
import { fetched, later } from "./later.js";
import "./studio-dropping.js";
import "./keyboard-room.js";
import { changed } from "./studio-options.js";
import "./studio-preview.js";
import "./studio-recipes.js";
import "./studio-strip.js";
import { remember } from "./studio-prompts.js";
import "./studio-fold.js";
import { bringBack, fields, unsaved, wasSent } from "./studio-draft.js";
import { goOnFromBefore, show } from "./studio-sending.js";

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

// A region of the source is marked on the stage; most edits have none.
const mark = async () => document.getElementById("only-here")?.checked && (await fetched(() => import("./region.js"))).open();
form.addEventListener("change", ({ target }) => { if (["only-here", "id_region"].includes(target.id)) mark(); });
form.addEventListener("click", ({ target }) => { if (target.closest("[data-mark-open]")) mark(); });
// One that is there already, of a draft or an edit before, is said.
const isMarked = () => document.getElementById("only-here")?.checked && (form.elements.region.value || form.elements.region_paint.value);
const tellRegion = () => { if (isMarked()) import("./region.js").then(({ ask }) => ask(), () => {}); };
document.addEventListener("source:changed", tellRegion);

// The strip marks what is on the stage.
document.addEventListener("htmx:afterSettle", () => {
  const id = document.getElementById("on-stage")?.value;
  for (const link of document.querySelectorAll("#strip a")) {
    if (link.parentElement.id === `thumb-${id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
});
// What several edits of one press make and cost: comes with the first of them.
const plan = () => fetched(() => import("./studio-batch.js")).catch(() => {});
for (const kind of ["input", "change"]) form.addEventListener(kind, ({ target }) => { if (target.closest("#field-batch")) plan(); });
document.addEventListener("model:changed", () => { if (form.querySelector("[name=variations]:checked:not([value='1']), [name=also_model]:checked")) plan(); });

// Comes with its first use.
const recalling = () => import("./studio-recall.js");
later("[data-recall]", recalling);
later("[data-library]", () => import("./studio-library.js"));
// What was entered in the last moment of the visit before.
const kept = unsaved();
if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelector("#send kbd").textContent = "⌘ ↵";
show();
tellRegion();
if (kept?.has("picture")) bringBack(kept);
else if (kept) fetched(recalling).then(({ takeUp }) => takeUp(Object.fromEntries(kept), kept.getAll("reference_source"))).then(() => goOnFromBefore(fields), () => {});
else document.addEventListener("DOMContentLoaded", () => goOnFromBefore(fields)); // htmx has the form by then
