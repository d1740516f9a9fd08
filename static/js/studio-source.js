// The source with script: drop it anywhere, paste it, take a photo; it is checked at once and shown as it will be sent.
import { chosen, refit } from "./studio-model.js";

const MOST_BYTES = 50 * 1024 * 1024;
const input = document.getElementById("id_image");
const empty = document.getElementById("no-source");
const box = () => document.getElementById("source");
const tell = () => document.dispatchEvent(new Event("source:changed"));

function forget() {
  input.value = "";
  box().replaceWith(empty.content.firstElementChild.cloneNode(true));
  htmx.process(box());
  tell();
}

function choose(file) {
  const files = new DataTransfer();
  files.items.add(file);
  input.files = files.files;
  check();
}

function check() {
  const [file] = input.files;
  document.getElementById("error-image").replaceChildren();
  if (!file) return tell();
  if (file.size > MOST_BYTES) {
    forget();
    return say(`“${file.name}” has ${(file.size / 1e6).toFixed(1)} MB, and at most 50 MB can be read. Make it smaller or save it as JPEG.`);
  }
  waiting(file);
  htmx.trigger(input, "check");
  return tell();
}

function say(words) {
  document.getElementById("error-image").replaceChildren(Object.assign(document.createElement("li"), { textContent: words }));
}

// Until the answer is there: the browser's own preview where it has one, the name, a bar for the way.
function waiting(file) {
  const card = document.createElement("div");
  card.className = "source checking";
  const picture = document.createElement("img");
  picture.alt = "";
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
  picture.addEventListener("error", () => picture.classList.add("blank"), { once: true });
  const words = document.createElement("div");
  words.className = "source-words";
  const name = Object.assign(document.createElement("b"), { className: "clip", textContent: file.name });
  const state = Object.assign(document.createElement("span"), { textContent: `Uploading ${(file.size / 1e6).toFixed(1)} MB` });
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", "Uploading the picture");
  words.append(name, state, bar);
  card.append(picture, words);
  box().replaceChildren(card);
  box().removeAttribute("data-reference");
}
input.addEventListener("htmx:xhr:progress", ({ detail, target }) => {
  const bar = target === input && document.querySelector(".checking progress");
  if (!bar || !detail.lengthComputable) return;
  bar.value = (100 * detail.loaded) / detail.total;
  if (detail.loaded >= detail.total) bar.previousElementSibling.textContent = "Checking";
});
for (const failed of ["htmx:responseError", "htmx:sendError"]) {
  input.addEventListener(failed, () => { forget(); say("The picture could not be checked. Choose it again."); });
}

input.addEventListener("change", check);
document.addEventListener("change", ({ target }) => {
  if ("shape" in target.dataset) again();
});
document.addEventListener("model:changed", () => { if (input.files.length) again(); });
// The same picture, to be made to fit in another way or for another model.
function again() {
  box().classList.add("busy");
  if (input.files.length) htmx.trigger(input, "check");
  else refit();
}
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "get" && detail.target?.id === "source") {
    detail.parameters.set("model", chosen());
    detail.parameters.set("size", input.form.elements.size?.value ?? "");
  }
  if (detail.elt !== input) return;
  const shape = document.querySelector("[data-shape]:checked");
  if (shape) detail.parameters.set("shape", shape.value);
});

// What came instead of the card: a picture by reference takes the place of the file.
let known = box();
document.addEventListener("htmx:afterSettle", () => {
  if (box() !== known) {
    known = box();
    document.getElementById("picker").close();
    if ("reference" in known.dataset) {
      input.value = "";
      document.getElementById("error-image").replaceChildren();
    }
  }
  tell();
});

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-remove]")) {
    event.preventDefault();
    forget();
  } else if (event.target.closest("[data-picker]")) {
    event.preventDefault();
    htmx.ajax("GET", event.target.closest("[data-picker]").href, { target: "#picker-body" });
    document.getElementById("picker").showModal();
  } else if (event.target.closest("[data-paste]")) {
    await readClipboard();
  }
});
async function readClipboard() {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((name) => name.startsWith("image/"));
      if (type) return choose(new File([await item.getType(type)], `pasted.${type.split("/")[1]}`, { type }));
    }
    say("There is no picture in the clipboard. Copy one first.");
  } catch {
    say("The browser does not hand out the clipboard here. Press Ctrl+V instead.");
  }
}

document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find(({ type }) => type.startsWith("image/"));
  // In a text field pasting is for text, unless there is only a picture to paste.
  if (!file || (event.target.matches?.("textarea, input") && event.clipboardData.types.includes("text/plain"))) return;
  event.preventDefault();
  choose(file);
});

let depth = 0;
const carriesFile = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => {
  if (!carriesFile(event)) return;
  depth += 1;
  document.body.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (carriesFile(event) && --depth <= 0) rest();
});
addEventListener("dragover", (event) => carriesFile(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!carriesFile(event)) return;
  event.preventDefault();
  rest();
  if (event.dataTransfer.files[0]) choose(event.dataTransfer.files[0]);
});
document.addEventListener("drop:done", rest);
function rest() {
  depth = 0;
  document.body.classList.remove("dropping");
}
if (input.files.length) check(); // the browser kept it over a reload
