// Prompts: own ones from before, examples, and Alt+↑ and Alt+↓ between them, each with a way back.
import { say, toast } from "./base.js";

const form = document.getElementById("edit-form");
const prompt = document.getElementById("id_prompt");

// Own prompts: Alt+↑ and Alt+↓ walk them, the draft waits at the end.
const recent = document.getElementById("recent");
const past = [...recent.querySelectorAll("[data-recent]")].map((button) => button.dataset.fill);
let at = -1;
let draft = "";
export function remember(words) {
  const known = past.indexOf(words);
  if (known >= 0) past.splice(known, 1);
  past.unshift(words);
  at = -1;
  offer(words);
}
// The menu has it too, in front; a first one brings the menu.
const MENU_CHARS = 90;
function offer(words) {
  [...recent.children].find((button) => button.dataset.fill === words)?.remove();
  const button = Object.assign(document.createElement("button"), { type: "button" });
  Object.assign(button.dataset, { fill: words, recent: "", own: "" });
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
export function write(words) {
  prompt.value = words;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button || event.ctrlKey || event.metaKey) return;
  event.preventDefault(); // without script it is a link
  button.closest("dialog")?.close();
  const before = prompt.value;
  write(button.dataset.fill);
  const menu = button.closest("details.menu");
  if (menu) menu.open = false;
  prompt.focus();
  if (before.trim() && before !== prompt.value) undoable(say(form, "replaced"), () => write(before));
});

export function undoable(words, undo) {
  toast(words);
  const box = document.querySelector("#toasts > :last-child");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn tiny", textContent: say(form, "undo") });
  button.dataset.key = "u";
  button.addEventListener("click", () => { undo(); box.remove(); });
  box.append(button);
}
