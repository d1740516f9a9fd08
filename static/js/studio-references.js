// References with script: added one after the other, checked at once, moved and removed.  The list's order is the order sent.
import { chosen } from "./studio-model.js";
import { say, sayCount } from "./words.js";

const form = document.getElementById("edit-form");
const field = document.getElementById("references");
const input = document.getElementById("id_reference");
const announce = (words) => { document.getElementById("live").textContent = words; }; // polls replace the element
const list = () => document.getElementById("reference-list");
const items = () => [...list().children];
const most = () => Number(document.getElementById("reference-limit").dataset.most);
const files = new WeakMap(); // of an item: the file that the browser still holds
const MOST_BYTES = 50 * 1024 * 1024; // of everything that one form sends

export const state = () => items();
export function restore(nodes) {
  list().replaceChildren(...nodes);
  settle();
}
export function why() {
  if (field.disabled) return [];
  const reasons = [];
  const over = items().length - most();
  if (over > 0) reasons.push(sayCount(field, "over", most(), { over }));
  return reasons;
}

// Numbers, buttons and the files to send follow the list.
function settle() {
  const held = new DataTransfer();
  items().forEach((item, index, all) => {
    const number = index + 1;
    if (files.has(item)) held.items.add(files.get(item));
    item.querySelector("b").textContent = say(field, "name", { number });
    item.classList.toggle("over", number > most());
    for (const button of item.querySelectorAll("[data-move]")) {
      const move = Number(button.dataset.move);
      button.setAttribute("aria-label", say(field, move < 0 ? "earlier" : move > 0 ? "later" : "remove", { number }));
      button.ariaDisabled = String(Boolean(move) && !all[index + move]);
    }
  });
  input.files = held.files;
  field.hidden = field.disabled = most() < 1;
  document.getElementById("add-reference").hidden = items().length >= most();
  document.dispatchEvent(new Event("source:changed"));
}
function complain(...sentences) {
  document.getElementById("error-reference").replaceChildren(...sentences.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
}
const fail = () => document.dispatchEvent(new Event("check:failed"));
const weight = () => [form.elements.image.files[0], ...input.files].reduce((sum, file) => sum + (file?.size ?? 0), 0);

async function add(chosenFiles) {
  complain();
  const refused = [];
  let room = most() - items().length;
  let bytes = weight();
  const taken = [...chosenFiles].filter((file) => {
    bytes += file.size;
    if (bytes > MOST_BYTES) refused.push(say(field, "tooLarge", { name: file.name }));
    else if (room-- <= 0) refused.push(say(field, "tooMany", { name: file.name, most: most() }));
    else return true;
    bytes -= file.size;
    return false;
  });
  const waiting = taken.map((file) => [file, wait(file)]);
  if (refused.length) fail();
  settle();
  if (refused.length) complain(...refused);
  for (const [file, item] of waiting) {
    const words = await check(file, item);
    if (words) refused.push(words);
    if (words) fail();
    settle();
    if (refused.length) complain(...refused);
  }
  announce(sayCount(field, "now", items().length));
}
function wait(file) {
  const item = document.createElement("li");
  item.className = "reference checking";
  const picture = Object.assign(document.createElement("img"), { alt: "", width: 48, height: 48 });
  const words = document.createElement("span");
  words.className = "reference-words";
  words.append(document.createElement("b"), Object.assign(document.createElement("span"), { className: "clip", textContent: file.name }), Object.assign(document.createElement("span"), { textContent: say(field, "checking") }));
  item.append(picture, words);
  files.set(item, file);
  list().append(item);
  return item;
}
async function check(file, item) {
  const body = new FormData();
  body.set("model", chosen());
  body.set("reference", file);
  try {
    const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
    const answer = await fetch(field.dataset.check, { method: "POST", body, headers });
    if (answer.redirected) location.reload(); // signed out in the meantime
    const text = await answer.text();
    if (answer.ok) {
      const made = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
      files.set(made, file);
      item.replaceWith(made);
      return "";
    }
    item.remove();
    return /^text\/plain/.test(answer.headers.get("Content-Type")) ? text : say(field, "unchecked", { name: file.name });
  } catch {
    item.remove();
    return say(field, "unchecked", { name: file.name });
  }
}

input.addEventListener("change", () => {
  const added = [...input.files];
  settle(); // the browser replaced those that were chosen before
  add(added);
});
field.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  if (button.ariaDisabled === "true") return;
  const item = button.closest("li");
  const move = Number(button.dataset.move);
  const from = items().indexOf(item);
  if (move) items()[from + move][move < 0 ? "before" : "after"](item);
  else item.remove();
  complain();
  settle();
  announce(move ? say(field, "moved", { number: from + move + 1 }) : say(field, "removed"));
  if (move) button.focus();
  else (items()[from] ?? items().at(-1))?.querySelector("[data-move='0']").focus() ?? input.focus();
});

// What is dropped here is a reference; anywhere else it is the source.
field.addEventListener("dragover", (event) => { event.preventDefault(); field.classList.add("over-drop"); });
field.addEventListener("dragleave", () => field.classList.remove("over-drop"));
field.addEventListener("drop", (event) => {
  event.preventDefault();
  field.classList.remove("over-drop");
  document.dispatchEvent(new Event("drop:done"));
  event.stopPropagation();
  const dropped = [...event.dataTransfer.files];
  if (dropped.length) add(dropped);
  else complain(say(field, "notAFile"));
});

document.addEventListener("model:changed", settle);
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => { if (detail.target?.id === "reference-list") settle(); });
if (input.files.length) add([...input.files]); // the browser kept them over a reload
else settle();
