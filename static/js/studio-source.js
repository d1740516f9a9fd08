// The source with script: choose it, paste it, take a photo; it is checked at once and shown as it will be sent.
import { chosen, refit } from "./studio-model.js";
import { MOST_BYTES, megabytes, upload } from "./uploads.js";
import { say } from "./base.js";
import { fetched } from "./later.js";

const input = document.getElementById("id_image");
const empty = document.getElementById("no-source");
const box = () => document.getElementById("source");
const tell = () => document.dispatchEvent(new Event("source:changed"));
const live = (words) => { document.getElementById("live").textContent = words; };
let current = null; // the upload that is on its way

function stop() {
  current?.cancel();
  current = null;
}

function forget() {
  stop();
  box().replaceWith(empty.content.firstElementChild.cloneNode(true));
  htmx.process(box());
  tell();
}

// Uploaded once: the form then names the picture by reference.
async function choose(file) {
  input.value = ""; // the same file may be chosen again
  document.getElementById("error-image").replaceChildren();
  if (file.size > MOST_BYTES) {
    forget();
    return complain("tooLarge", { name: file.name, megabytes: megabytes(file) });
  }
  stop();
  waiting(file);
  const fields = { model: chosen(), size: input.form.elements.size?.value ?? "" };
  let mine = null;
  mine = upload(file, { address: input.dataset.check, fields, tell: (...state) => mine === current && progress(...state) });
  current = mine;
  tell();
  const answer = await mine.done;
  if (!answer || mine !== current) return; // another picture took its place
  current = null;
  answered(answer, fields.model);
}
function answered({ text }, model) {
  const card = new DOMParser().parseFromString(text, "text/html").getElementById("source");
  if (!card) {
    document.dispatchEvent(new Event("check:failed"));
    forget();
    return complain("failed");
  }
  box().replaceWith(document.adoptNode(card));
  htmx.process(box());
  known = box();
  if (model !== chosen()) again(); // another one was chosen meanwhile
  tell();
}

// Shows one of the field's sentences, data-say-…, as what is wrong.
export function complain(name, values = {}) {
  const line = Object.assign(document.createElement("li"), { textContent: say(input, name, values) });
  document.getElementById("error-image").replaceChildren(line);
}

// Until the answer is there: the browser's own preview where it has one, the name, a bar for the way.
function waiting(file) {
  uploading = "";
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
  const state = Object.assign(document.createElement("span"), { textContent: say(input, "uploading", { megabytes: megabytes(file) }) });
  state.id = "upload-state";
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", say(input, "bar"));
  const replace = Object.assign(document.createElement("span"), { className: "replace" });
  const stopLink = Object.assign(document.createElement("a"), { className: "link muted", href: input.form.action, textContent: say(input, "cancel") });
  stopLink.dataset.remove = "";
  replace.append(stopLink);
  words.append(name, state, bar, replace);
  card.append(picture, words);
  box().replaceChildren(card);
  box().removeAttribute("data-reference");
}
let uploading = "";
function progress(state, value) {
  const line = document.getElementById("upload-state");
  const bar = box().querySelector(".checking progress");
  if (!line || !bar) return;
  if (state === "sending") {
    uploading ||= line.textContent;
    line.textContent = uploading;
    bar.value = 100 * value;
  } else if (state !== "waiting") {
    line.textContent = say(input, state, { seconds: value });
    if (state !== "checking") live(line.textContent);
  }
}

input.addEventListener("change", () => { if (input.files.length) take([...input.files]); });
document.addEventListener("change", ({ target }) => {
  if ("shape" in target.dataset) again();
});
// The same picture, to be made to fit in another way or for another model.
function again() {
  box().classList.add("busy");
  refit();
}
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "get" && detail.target?.id === "source") {
    detail.parameters.set("model", chosen());
    detail.parameters.set("size", input.form.elements.size?.value ?? "");
  }
});

// What came instead of the card: a picture by reference takes the place of the file.
let known = box();
document.addEventListener("htmx:afterSettle", () => {
  if (box() !== known) {
    known = box();
    document.getElementById("picker").close();
    if ("reference" in known.dataset) {
      stop();
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
    complain("noPicture");
  } catch {
    complain("noClipboard");
  }
}

document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  // In a text field pasting is for text, unless there is only a picture to paste.
  if (!files.some(({ type }) => type.startsWith("image/")) || (event.target.matches?.("textarea, input") && event.clipboardData.types.includes("text/plain"))) return;
  event.preventDefault();
  take(files);
});

// One picture is the source; several, or one more for several, are a list of its own (studio-batch.js).
export function take(files) {
  input.value = ""; // the same files may be chosen again
  if (files.length < 2 && !("many" in box().dataset)) return choose(files[0]);
  document.getElementById("error-image").replaceChildren();
  stop();
  takeMany(files);
}
async function takeMany(files) {
  const mark = Object.assign(document.createElement("span"), { className: "checking", hidden: true }); // a press waits for them
  box().append(mark);
  await fetched(() => import("./studio-batch.js")).then(({ add }) => add(files), () => {});
  mark.remove();
}

// A picture of an edit of ours is used by its reference; nothing is uploaded.
export async function useOwn(query) {
  const before = box();
  await htmx.ajax("GET", `${input.form.action}?${query}`, { target: "#source", swap: "outerHTML" });
  if (box() === before || !("reference" in box().dataset)) complain("unusable");
}
if (input.files.length) take([...input.files]); // the browser kept it over a reload
