// References, further pictures for models that take any: what the form and its press must know of them.  The list with
// its uploads (studio-reference-list.js) comes with the first one.
import { say, sayCount } from "./base.js";
import { fetched, later } from "./later.js";

const field = document.getElementById("references");
const input = document.getElementById("id_reference");
const list = () => document.getElementById("reference-list");
const most = () => Number(document.getElementById("reference-limit").dataset.most);
const load = () => import("./studio-reference-list.js");
const theirs = () => fetched(load);

export const state = () => [...list().children].filter(({ hidden }) => !hidden);
export const restore = (nodes) => theirs().then((its) => its.restore(nodes), () => {});
export function why() {
  const over = field.disabled ? 0 : state().length - most();
  return over > 0 ? [sayCount(field, "over", most(), { over })] : [];
}

function add(files) {
  const mark = Object.assign(document.createElement("li"), { className: "reference checking", hidden: true }); // a press waits for them
  list().append(mark);
  theirs().then((its) => { mark.remove(); its.add(files); }, () => mark.remove());
}
input.addEventListener("change", () => {
  const added = [...input.files];
  input.value = ""; // the same file may be chosen again
  add(added);
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
  if (dropped.length) return add(dropped);
  const line = Object.assign(document.createElement("li"), { textContent: say(field, "notAFile") });
  document.getElementById("error-reference").replaceChildren(line);
});

function follow() {
  field.hidden = field.disabled = most() < 1;
  document.getElementById("add-reference").hidden = state().length >= most();
  if (state().length) theirs().then((its) => its.settle(), () => {});
}
later("#reference-list [data-move]", load);
document.addEventListener("model:changed", follow);
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => { if (detail.target?.id === "reference-list") follow(); });
if (input.files.length) add([...input.files]); // the browser kept them over a reload
else follow();
