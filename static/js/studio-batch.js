// Several edits of one press: a list of pictures in place of the source, and what the press makes and costs.
import { chosen } from "./studio-model.js";
import { show } from "./studio-sending.js";
import { MOST_BYTES, megabytes, upload } from "./uploads.js";
import { grouped, say, sayCount } from "./base.js";

const MOST = 200;
const MOST_CELLS = 36;
const form = document.getElementById("edit-form");
const input = document.getElementById("id_image");
const template = document.getElementById("many");
const dollars = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const box = () => document.getElementById("source");
const isMany = () => "many" in box().dataset;
const items = () => (isMany() ? [...box().querySelectorAll(".many > li")] : []);
const jobs = new Map(); // of an item: its upload, while it is on its way
const tell = () => document.dispatchEvent(new Event("source:changed"));

// --- The list -------------------------------------------------------------------------------------------------

export function add(files) {
  const words = [];
  begin();
  const known = new Set(items().map(({ dataset }) => dataset.file));
  let room = MOST - items().length;
  let over = 0;
  for (const file of files) {
    const key = `${file.name}/${file.size}/${file.lastModified}`;
    if (known.has(key)) words.push(say(box(), "twice", { name: file.name }));
    else if (file.size > MOST_BYTES) words.push(say(box(), "tooLarge", { name: file.name, megabytes: megabytes(file) }));
    else if (room < 1) over += 1;
    else {
      known.add(key);
      room -= 1;
      send(file, key);
    }
  }
  if (over) words.push(say(box(), "tooMany", { most: MOST, number: grouped(over) }));
  leaveOut(...words);
  settle();
}

// The list takes the place of the source; a picture that was there already is the first of it.
function begin() {
  if (isMany()) return;
  const before = box();
  const reference = before.querySelector("[name=source]")?.value;
  const picture = before.querySelector("img")?.src;
  const name = before.querySelector("b")?.textContent.trim() ?? "";
  before.replaceWith(template.content.firstElementChild.cloneNode(true));
  if (reference) ready(item(name, picture), reference);
}

function item(name, picture) {
  const line = document.createElement("li");
  line.title = name;
  const image = Object.assign(document.createElement("img"), { alt: name, decoding: "async" });
  if (picture) image.src = picture;
  const remove = Object.assign(document.createElement("button"), { type: "button", className: "many-remove" });
  remove.setAttribute("aria-label", say(box(), "remove", { name }));
  remove.addEventListener("click", () => {
    const next = line.nextElementSibling ?? line.previousElementSibling;
    jobs.get(line)?.cancel();
    line.remove();
    next?.querySelector("button").focus();
    settle();
  });
  line.append(image, remove);
  box().querySelector(".many").append(line);
  return line;
}

async function send(file, key) {
  const line = item(file.name, "");
  line.dataset.file = key;
  line.className = "checking";
  const image = line.querySelector("img");
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  image.addEventListener("error", () => image.removeAttribute("src"), { once: true });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", file.name);
  line.append(bar);
  const fields = { model: chosen(), size: form.elements.size?.value ?? "" };
  const job = upload(file, { address: input.dataset.check, accept: "application/json", fields, tell: (state, value) => progress(bar, state, value) });
  jobs.set(line, job);
  const answer = await job.done;
  jobs.delete(line);
  if (!answer || !line.isConnected) return settle();
  answered(line, file, answer);
  settle();
}

function progress(bar, state, value) {
  if (state === "sending") bar.value = value;
  if (state === "checking") bar.removeAttribute("value");
  if (state === "paused" || state === "offline") words().textContent = say(box(), state, { seconds: value });
}

function answered(line, file, { status, text }) {
  const said = read(text);
  if (status === 200 && said.reference) {
    const twin = items().find((other) => other.dataset.reference === said.reference);
    if (twin) {
      line.remove();
      return leaveOut(say(box(), "twice", { name: file.name }));
    }
    if (said.preview) line.querySelector("img").src = said.preview;
    return ready(line, said.reference, said.offers?.length > 0);
  }
  line.remove();
  const sentence = said.error?.message;
  return leaveOut(sentence ? say(box(), "why", { name: file.name, sentence }) : say(box(), "failed", { name: file.name }));
}
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function ready(line, reference, isUnfit = false) {
  line.querySelector("progress")?.remove();
  line.className = isUnfit ? "unfit" : "";
  line.dataset.reference = reference;
  line.append(Object.assign(document.createElement("input"), { type: "hidden", name: "picture", value: reference }));
}

const words = () => box().querySelector(".many-words");
function leaveOut(...sentences) {
  if (!isMany()) return;
  box().querySelector(".many-left-out").append(...sentences.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
}

// Numbers, hidden fields and the choice for what does not fit follow the list.
function settle() {
  if (!isMany()) return;
  const all = items();
  const unfit = all.filter((line) => line.classList.contains("unfit"));
  const uploading = all.filter((line) => line.classList.contains("checking"));
  box().querySelector(".many-count").textContent = sayCount(box(), "count", all.length);
  words().textContent = !uploading.length && all.length ? say(box(), "allReady")
    : say(box(), "ready", { ready: grouped(all.length - uploading.length), uploading: grouped(uploading.length) });
  const shape = box().querySelector(".many-shape");
  shape.hidden = shape.disabled = !unfit.length;
  shape.querySelector("legend").textContent = sayCount(box(), "unfit", unfit.length);
  const takesUnfit = Boolean(shape.querySelector("[name=shape]:checked").value);
  for (const line of unfit) {
    line.querySelector("[name=picture]").disabled = !takesUnfit;
    line.classList.toggle("is-out", !takesUnfit);
  }
  const first = box().querySelector("[name=picture]:enabled");
  const source = box().querySelector("[name=source]");
  source.disabled = !first;
  source.value = first?.value ?? "";
  tell();
  sum();
}
form.addEventListener("change", ({ target }) => { if (target.closest(".many-shape")) settle(); });

// Cleared, or another picture took its place: what is on its way is not waited for.
new MutationObserver(() => {
  if (isMany()) return;
  for (const job of jobs.values()) job.cancel();
  jobs.clear();
  sum();
}).observe(document.querySelector(".field-source"), { childList: true });
// The list is the browser's: a part of the form that comes for another model does not replace it.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target?.id === "source" && isMany()) event.detail.shouldSwap = false;
});

// --- What the press makes -------------------------------------------------------------------------------------

const line = () => document.getElementById("batch-sum");
const split = (name, text) => text.split(name === "prompt" ? /\n/ : /[,;，、；\s]+/).map((part) => part.trim()).filter(Boolean);

function axes() {
  const pictures = box().querySelectorAll("[name=picture]:enabled").length + box().querySelectorAll(".checking").length;
  const variations = Number(form.querySelector("[name=variations]:checked")?.value ?? 1);
  const also = form.querySelectorAll("[name=also_model]:checked").length;
  const grid = ["vary_a", "vary_b"].map((which) => {
    const name = form.elements[which]?.value;
    return name ? new Set(split(name, form.elements[`${which}_values`].value)).size : 0;
  });
  return { pictures: isMany() ? pictures : 0, others: [variations > 1 ? variations : 0, also ? also + 1 : 0, ...grid].filter(Boolean) };
}

function sum() {
  const { pictures, others } = axes();
  const number = [pictures > 1 ? pictures : 1, ...others].reduce((product, count) => product * count, 1);
  const many = number > 1;
  const price = [line().dataset.price, ...[...form.querySelectorAll("[name=also_model]:checked")].map(({ dataset }) => dataset.price)]
    .map(Number).reduce((total, one) => total + one, 0) / (form.querySelectorAll("[name=also_model]:checked").length + 1);
  line().hidden = !many;
  const parts = [say(line(), "sumOther", { number: grouped(number) })];
  if (price) parts.push(say(line(), "cost", { cost: dollars.format(price * number) }));
  const trouble = many ? reason(number, price, pictures, others) : "";
  line().replaceChildren(...parts.map((textContent) => Object.assign(document.createElement("b"), { textContent })));
  if (trouble) line().append(Object.assign(document.createElement("span"), { className: "warn", textContent: trouble }));
  const write = (id, name) => { document.getElementById(id).textContent = say(line(), name, { number: grouped(number) }); };
  write("send-words", many ? "start" : "one");
  write("send-short", many ? "startShort" : "oneShort");
}

function reason(number, price, pictures, others) {
  const axesNumber = others.length + (pictures > 1 ? 1 : 0);
  const { roomEdits, roomCost } = line().dataset;
  if (axesNumber > 2) return say(line(), "axes");
  if (others.length === 2 && number > MOST_CELLS) return say(line(), "cells", { most: MOST_CELLS, number: grouped(number) });
  if (number > MOST) return say(line(), "most", { most: MOST, number: grouped(number) });
  const fits = Math.min(roomEdits === "" ? Infinity : Number(roomEdits), roomCost === "" || !price ? Infinity : Math.floor(Number(roomCost) / price + 1e-9));
  return number > fits ? say(line(), "room", { left: grouped(fits), number: grouped(number) }) : "";
}
form.addEventListener("input", sum);
form.addEventListener("change", sum);
document.addEventListener("source:changed", sum);
document.addEventListener("model:changed", sum);
document.addEventListener("htmx:afterSettle", sum);

// --- What was chosen before ---------------------------------------------------------------------------------------

const before = document.getElementById("kept-pictures");
if (before) {
  before.remove();
  box().replaceWith(template.content.firstElementChild.cloneNode(true));
  for (const { dataset } of before.children) ready(item(dataset.name, dataset.picture), dataset.reference, "unfit" in dataset);
  const shape = box().querySelector(`[name=shape][value="${before.dataset.shape}"]`);
  if (shape) shape.checked = true;
  settle();
  show();
}
sum();
