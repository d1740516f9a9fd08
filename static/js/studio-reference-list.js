// The list of references: added one after the other, checked at once, moved and removed.  Its order is the order sent.
import { say, sayCount } from "./base.js";
import { chosen } from "./studio-model.js";
import { MOST_BYTES, megabytes, upload } from "./uploads.js";

const field = document.getElementById("references");
const input = document.getElementById("id_reference");
const announce = (words) => { document.getElementById("live").textContent = words; }; // polls replace the element
const list = () => document.getElementById("reference-list");
const items = () => [...list().children].filter(({ hidden }) => !hidden); // one that stands for files in the moment before
const most = () => Number(document.getElementById("reference-limit").dataset.most);
const uploads = new WeakMap(); // of an item that is on its way

export function restore(nodes) {
  list().replaceChildren(...nodes);
  settle();
}

// Numbers and buttons follow the list.
export function settle() {
  items().forEach((item, index, all) => {
    const number = index + 1;
    item.querySelector("b").textContent = say(field, "name", { number });
    item.classList.toggle("over", number > most());
    for (const button of item.querySelectorAll("[data-move]")) {
      const move = Number(button.dataset.move);
      button.setAttribute("aria-label", say(field, move < 0 ? "earlier" : move > 0 ? "later" : "remove", { number }));
      button.ariaDisabled = String(Boolean(move) && !all[index + move]);
    }
  });
  document.getElementById("add-reference").hidden = items().length >= most();
  document.dispatchEvent(new Event("source:changed"));
}
function complain(...sentences) {
  document.getElementById("error-reference").replaceChildren(...sentences.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
}
const fail = () => document.dispatchEvent(new Event("check:failed"));

export async function add(chosenFiles) {
  complain();
  const refused = [];
  let room = most() - items().length;
  const taken = [...chosenFiles].filter((file) => {
    if (file.size > MOST_BYTES) refused.push(say(field, "tooLarge", { name: file.name, megabytes: megabytes(file) }));
    else if (room-- <= 0) refused.push(say(field, "tooMany", { name: file.name, most: most() }));
    else return true;
    return false;
  });
  const waiting = taken.map((file) => [file, wait(file)]);
  if (refused.length) fail();
  settle();
  if (refused.length) complain(...refused);
  await Promise.all(waiting.map(async ([file, item]) => {
    const words = await check(file, item);
    if (words) refused.push(words);
    if (words) fail();
    settle();
    if (refused.length) complain(...refused);
  }));
  announce(sayCount(field, "now", items().length));
}
function wait(file) {
  const item = document.createElement("li");
  item.className = "reference checking";
  const picture = Object.assign(document.createElement("img"), { alt: "", width: 48, height: 48, src: URL.createObjectURL(file) });
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
  picture.addEventListener("error", () => picture.classList.add("blank"), { once: true });
  const words = document.createElement("span");
  words.className = "reference-words";
  words.append(document.createElement("b"), Object.assign(document.createElement("span"), { className: "clip", textContent: file.name }), Object.assign(document.createElement("span"), { className: "reference-state" }));
  const stop = Object.assign(document.createElement("button"), { type: "button", className: "link muted", textContent: say(field, "cancel") });
  stop.addEventListener("click", () => {
    uploads.get(item)?.cancel();
    item.remove();
    settle();
    announce(say(field, "removed"));
    input.focus();
  });
  const actions = Object.assign(document.createElement("span"), { className: "reference-actions" });
  actions.append(stop);
  item.append(picture, words, actions);
  list().append(item);
  return item;
}
async function check(file, item) {
  const line = item.querySelector(".reference-state");
  const tell = (state, value) => {
    const share = state === "sending" ? ` · ${Math.round(100 * value)} %` : "";
    line.textContent = say(field, share || state === "waiting" ? "uploading" : state, { megabytes: megabytes(file), seconds: value }) + share;
  };
  const mine = upload(file, { address: field.dataset.check, field: "reference", fields: { model: chosen() }, tell });
  uploads.set(item, mine);
  const answer = await mine.done;
  if (!answer) return ""; // canceled
  if (answer.status === 200) {
    item.replaceWith(new DOMParser().parseFromString(answer.text, "text/html").body.firstElementChild);
    return "";
  }
  item.remove();
  return /^text\/plain/.test(answer.type) ? answer.text : say(field, "unchecked", { name: file.name });
}

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
