// Marks the region of an edit on the stage: a box, or what a brush paints.  Loaded once somebody asks for it.
//
//   box     the form's "region": x,y,width,height in pixels of the original
//   paint   the form's "region_paint": a small PNG, opaque where the picture may change; a box is painted into it once there is more
//   edge    the form's "feather_px": pixels of the original over which the answer fades; blank, the server says how many
//
// The server says what is sent of it (data-here).
import "./zoom.js";
import { say, token } from "./base.js";
import { chosen } from "./studio-model.js";

const PAINT_PX = 512;
const SHOWN_PX = 1280;
const MOST_STEPS = 20;
const LEAST_PX = 8;
const ASK_MS = 250;
const DIM = "rgb(11 11 10 / 0.62)";
const form = document.getElementById("edit-form");
const stage = document.querySelector("section.stage");
const here = () => form.querySelector("[data-here]");
const within = (value, least, most) => Math.min(Math.max(value, least), most);

let marker = null;
let wrote = ""; // what the form says of the box; somebody may type another one
let known = ""; // the picture in which it was marked
let size = [1, 1];
let box = null; // [x, y, width, height]
let paint = null; // a canvas, once something is painted
let tool = "box";
let steps = [];
let usual = 0; // how soft the edge is where nobody chose it
let [asking, asked] = [0, 0];

const part = (selector) => marker.querySelector(selector);
const names = ({ dataset }) => [form.elements.source?.value.split(":")[0], dataset.width, dataset.height, dataset.look].join(" ");

export function open() {
  const card = here();
  if (!card) return;
  if (!marker) build();
  if (known !== names(card) || form.elements.region.value !== wrote) takeUp(card);
  stage.prepend(marker);
  stage.classList.add("marking");
  part(".marker-size input").dispatchEvent(new Event("input", { bubbles: true })); // base.js paints it
  showEdge();
  draw();
  ask();
}
export function close() {
  stage.classList.remove("marking");
  marker?.remove();
}

function build() {
  marker = document.getElementById("marker-template").content.firstElementChild.cloneNode(true);
  const surface = part("[data-zoom-pane]");
  surface.addEventListener("pointerdown", begin);
  surface.addEventListener("touchstart", (event) => { if (event.touches.length < 2) event.stopPropagation(); }, { passive: true });
  surface.addEventListener("dblclick", (event) => event.stopPropagation());
  surface.addEventListener("touchend", (event) => { if (!event.touches.length) event.stopPropagation(); });
  part(".marker-box").addEventListener("keydown", step);
  part(".marker-edge input").addEventListener("input", ({ target }) => {
    form.elements.feather_px.value = target.value;
    form.dispatchEvent(new Event("input", { bubbles: true })); // the draft
    showEdge();
    draw();
    ask();
  });
  marker.addEventListener("click", ({ target }) => {
    const chosenTool = target.closest("[data-tool]")?.dataset.tool;
    const act = target.closest("[data-mark]")?.dataset.mark;
    if (chosenTool) use(chosenTool);
    if (act === "done") close();
    if (act === "undo") undo();
    if (act === "clear") change(() => { box = null; paint = null; });
  });
}

// Another picture begins without a region, but for what the form says already.
function takeUp(card) {
  known = names(card);
  wrote = form.elements.region.value;
  size = [Number(card.dataset.width), Number(card.dataset.height)];
  [box, paint, steps] = [null, null, []];
  const numbers = (form.elements.region.value.match(/-?\d+/g) ?? []).map(Number);
  if (numbers.length === 4) box = numbers;
  const painted = form.elements.region_paint.value;
  if (painted) load(painted);
  const frame = part(".marker-frame");
  frame.style.setProperty("--ar", size[0] / size[1]);
  frame.dataset.zoomWidth = size[0];
  const picture = part("img");
  picture.src = card.dataset.look;
  const shrink = Math.min(1, SHOWN_PX / Math.max(...size));
  [part("canvas").width, part("canvas").height] = size.map((side) => Math.max(1, Math.round(side * shrink)));
  use("box");
}
async function load(address) {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  canvas().getContext("2d").drawImage(picture, 0, 0, paint.width, paint.height);
  draw();
}
function canvas() {
  if (paint) return paint;
  paint = document.createElement("canvas");
  const shrink = Math.min(1, PAINT_PX / Math.max(...size));
  [paint.width, paint.height] = size.map((side) => Math.max(1, Math.round(side * shrink)));
  return paint;
}

function use(name) {
  tool = name;
  for (const button of marker.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === name);
  part(".marker-size").hidden = name === "box";
}

// What was there before each change, to go back to.
function keep() {
  steps.push({ box, pixels: paint?.getContext("2d").getImageData(0, 0, paint.width, paint.height) });
  if (steps.length > MOST_STEPS) steps.shift();
}
function undo() {
  const before = steps.pop();
  if (!before) return;
  [box, paint] = [before.box, null];
  if (before.pixels) canvas().getContext("2d").putImageData(before.pixels, 0, 0);
  save();
}
function change(act) {
  keep();
  act();
  save();
}

// Pixels of the original under the pointer.
function at({ clientX, clientY }) {
  const area = part("[data-zoom-sheet]").getBoundingClientRect();
  return [within(((clientX - area.left) / area.width) * size[0], 0, size[0]), within(((clientY - area.top) / area.height) * size[1], 0, size[1])];
}
const isIn = ([x, y]) => box && x >= box[0] && y >= box[1] && x <= box[0] + box[2] && y <= box[1] + box[3];
const between = ([left, top], [right, bottom]) => [Math.min(left, right), Math.min(top, bottom), Math.abs(right - left), Math.abs(bottom - top)].map(Math.round);

function begin(event) {
  if (event.button || !event.isPrimary) return;
  event.stopPropagation(); // zoom.js would move the picture
  event.preventDefault();
  keep();
  const start = at(event);
  const corner = event.target.dataset.corner;
  const how = event.altKey ? "erase" : tool;
  const move = how === "box" ? sized(start, corner) : painted(start, how);
  const surface = event.currentTarget;
  surface.setPointerCapture(event.pointerId);
  const going = (next) => { if (next.pointerId === event.pointerId) { move(at(next)); draw(); } };
  const end = (last) => {
    if (last.type === "pointerdown" && last.pointerId === event.pointerId) return;
    for (const [kind, act] of listeners) surface.removeEventListener(kind, act);
    if (last.type === "pointerdown") return undo(); // a second finger: it zooms
    finish();
  };
  const listeners = [["pointermove", going], ["pointerup", end], ["pointercancel", end], ["pointerdown", end]];
  for (const [kind, act] of listeners) surface.addEventListener(kind, act);
  move(start);
  draw();
}
function sized(start, corner) {
  if (corner) {
    const fixed = [corner.includes("w") ? box[0] + box[2] : box[0], corner.includes("n") ? box[1] + box[3] : box[1]];
    return (now) => { box = between(fixed, now); };
  }
  if (isIn(start)) {
    const [left, top, width, height] = box;
    return (now) => { box = [within(left + now[0] - start[0], 0, size[0] - width), within(top + now[1] - start[1], 0, size[1] - height), width, height].map(Math.round); };
  }
  return (now) => { box = between(start, now); };
}
function painted(start, how) {
  if (box) absorb();
  const brush = canvas().getContext("2d");
  const scale = paint.width / size[0];
  let last = start;
  return (now) => {
    brush.globalCompositeOperation = how === "erase" ? "destination-out" : "source-over";
    Object.assign(brush, { lineWidth: (Number(part(".marker-size input").value) / 100) * paint.width, lineCap: "round", lineJoin: "round" });
    brush.beginPath();
    brush.moveTo(last[0] * scale, last[1] * scale);
    brush.lineTo(now[0] * scale + 0.01, now[1] * scale);
    brush.stroke();
    last = now;
  };
}
// A box beside something painted becomes part of it.
function absorb() {
  const scale = canvas().width / size[0];
  const brush = paint.getContext("2d");
  brush.globalCompositeOperation = "source-over";
  brush.fillRect(...box.map((side) => side * scale));
  box = null;
}
function finish() {
  if (box && (box[2] < LEAST_PX || box[3] < LEAST_PX)) return undo();
  if (box && paint) absorb();
  save();
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function step(event) {
  const way = STEPS[event.key];
  if (!way || !box || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const by = way.map((side) => side * Math.max(1, Math.round(Math.max(...size) / 100)));
  change(() => {
    const [x, y, width, height] = box;
    box = event.shiftKey
      ? [x, y, within(width + by[0], LEAST_PX, size[0] - x), within(height + by[1], LEAST_PX, size[1] - y)]
      : [within(x + by[0], 0, size[0] - width), within(y + by[1], 0, size[1] - height), width, height];
  });
}

function isEmpty() {
  return !paint || !paint.getContext("2d").getImageData(0, 0, paint.width, paint.height).data.some((value) => value);
}
function save() {
  if (paint && isEmpty()) paint = null;
  wrote = box && !paint ? box.join(", ") : "";
  form.elements.region.value = wrote;
  form.elements.region_paint.value = paint ? paint.toDataURL("image/png") : "";
  document.getElementById("error-region")?.replaceChildren();
  form.dispatchEvent(new Event("input", { bubbles: true })); // the draft
  draw();
  ask();
}

// The number in the form counts; the slider follows it.
const edge = () => (form.elements.feather_px.value === "" ? usual : within(Number(form.elements.feather_px.value), 0, 256));
function showEdge() {
  const range = part(".marker-edge input");
  if (Number(range.value) !== edge()) range.value = edge();
  range.style.setProperty("--v", `${(100 * edge()) / 256}%`);
  part(".marker-edge output").textContent = `${edge()} px`;
}

const PERCENT = (value, whole) => `${(100 * value) / whole}%`;
function lay(element, area) {
  element.hidden = !area;
  if (!area) return;
  Object.assign(element.style, {
    left: PERCENT(area[0], size[0]), top: PERCENT(area[1], size[1]), width: PERCENT(area[2], size[0]), height: PERCENT(area[3], size[1]),
  });
}
function draw() {
  const shown = part("canvas");
  const brush = shown.getContext("2d");
  brush.globalCompositeOperation = "copy";
  brush.fillStyle = DIM;
  brush.fillRect(0, 0, shown.width, shown.height);
  brush.globalCompositeOperation = "destination-out";
  const scale = shown.width / size[0];
  brush.filter = `blur(${(edge() * scale) / 3}px)`; // some browsers show it hard
  if (paint) brush.drawImage(paint, 0, 0, shown.width, shown.height);
  if (box) {
    brush.fillStyle = "#000";
    brush.fillRect(...box.map((side) => side * scale));
  }
  brush.filter = "none";
  lay(part(".marker-box"), box);
}

// What is sent of it, or why it cannot be used.
export function ask() {
  clearTimeout(asking);
  asking = setTimeout(answer, ASK_MS);
}
async function answer() {
  const card = here();
  const [region, painted] = ["region", "region_paint"].map((name) => form.elements[name]?.value ?? "");
  if (!card || (!region && !painted)) return report({});
  asked += 1;
  const mine = asked;
  const body = new URLSearchParams({ source: form.elements.source.value, model: chosen(), region, region_paint: painted, feather_px: form.elements.feather_px?.value ?? "", size: form.elements.size?.value ?? "" });
  const said = await fetch(card.dataset.here, { method: "POST", headers: { "X-CSRFToken": token(), "HX-Request": "true" }, body }).then((found) => found.json(), () => ({}));
  if (mine === asked) report(said);
}
function report({ crop, feather, words, share, error }) {
  const line = document.getElementById("here-words");
  if (line && (words || error)) line.textContent = error ?? words;
  line?.classList.toggle("warn", Boolean(error));
  if (!marker) return;
  lay(part(".marker-sent"), crop && [crop[0], crop[1], crop[2] - crop[0], crop[3] - crop[1]]);
  part(".marker-share").textContent = share ? say(marker, "share", { share }) : "";
  if (feather === undefined || form.elements.feather_px.value !== "" || feather === usual) return;
  usual = feather;
  showEdge();
  draw();
}

form.addEventListener("change", ({ target }) => {
  if (target.id === "only-here" && !target.checked) close();
  if (["size", "feather_px"].includes(target.name)) ask();
  if (target.name === "feather_px" && marker) { showEdge(); draw(); }
});
document.addEventListener("source:changed", () => {
  const card = here();
  if (!card) return close();
  if (known && known !== names(card)) close();
  ask();
});
form.addEventListener("htmx:afterRequest", ({ detail, target }) => { if (target === form && detail.successful && detail.xhr.status !== 422) close(); });
document.addEventListener("keydown", (event) => {
  if (!stage.classList.contains("marking") || event.target.closest("input:not([type=range]), textarea")) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); undo(); }
  const range = part(".marker-size input");
  if (event.key === "[" || event.key === "]") range.value = Number(range.value) + (event.key === "]" ? 2 : -2);
});
