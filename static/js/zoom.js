// Looking closely: zoom and pan of every frame of the page, with all pictures of a frame in step.
//
//   <div data-zoom data-zoom-width="1024">            the frame; with the width in pixels of the picture that 100 % is about
//     <div data-zoom-pane>                            what clips, once or often
//       <div data-zoom-sheet><img …></div>            what moves: as large as its picture is at fit; may be the <img> itself
//   <img src="/1024/" data-full="/" data-px="1024">   the whole picture is loaded when more than these pixels is shown
//   data-zoom-relative                                instead of a width: 100 % is what fits, for pictures that are not shown as they are
//   <div data-zoom-map><img><img></div>               the whole picture twice, small: where one is; where one looks at one frame
//   <button data-zoom-set="in|out|fit|toggle|1|4">    for all frames; 1 is 100 %: one pixel of the picture is one of the screen
//   <button data-zoom-step aria-pressed="true">       switches off that the panes of a frame move together: then each by itself
//
// data-zoom="wheel" takes a mouse's bare wheel too: for pages that do not scroll.  A view is { z: 1 at fit, x, y: the point
// in the middle, in shares of the picture }, so that frames and panes of any size show the same part.
import { say } from "./base.js";

const FIT = { z: 1, x: 0.5, y: 0.5 };
const MOST = 16; // times 100 %
const STEP = 1.5;
const [PAUSE_MS, SAID_MS] = [200, 500];
const views = new WeakMap();
const sizes = new WeakMap();
const loose = new WeakMap(); // of a frame whose panes are not in step: the one that is moved
const viewOf = (frame) => views.get(loose.get(frame) ?? frame) ?? FIT;
const viewIn = (frame, pane) => views.get(loose.has(frame) ? pane : frame) ?? FIT;
const frames = () => [...document.querySelectorAll("[data-zoom]")];
const zoomed = () => frames().filter((frame) => frame.classList.contains("zoomed"));
const relative = ({ dataset }) => "zoomRelative" in dataset;
const within = (value, least, most) => Math.min(Math.max(value, least), most);

// Read once and again after a change of size, never while something moves.
function sizeOf(frame) {
  if (!sizes.has(frame)) {
    const pane = [...frame.querySelectorAll("[data-zoom-pane]")].find((one) => one.querySelector("[data-zoom-sheet]"));
    const sheet = pane?.querySelector("[data-zoom-sheet]");
    if (!sheet?.offsetWidth) return null;
    const { offsetWidth: width, offsetHeight: height } = sheet;
    const shown = sheet.naturalWidth ? Math.min(width, (height * sheet.naturalWidth) / sheet.naturalHeight) : width;
    const px = relative(frame) ? shown * devicePixelRatio : Number(frame.dataset.zoomWidth) || sheet.naturalWidth || width;
    sizes.set(frame, { width, height, room: [pane.clientWidth, pane.clientHeight], one: px / (shown * devicePixelRatio) });
  }
  return sizes.get(frame);
}

function show(frame, { z, x, y }) {
  const apart = Math.abs(z - 1) > 0.005;
  if (zooms(frame, apart) !== viewOf(frame).apart) sizes.delete(frame);
  const size = sizeOf(frame);
  if (!size) return;
  const half = [0, 1].map((side) => size.room[side] / (2 * z * [size.width, size.height][side]));
  const middle = (value, share) => (share >= 0.5 ? 0.5 : within(value, share, 1 - share));
  const next = apart ? { z, x: middle(x, half[0]), y: middle(y, half[1]), apart } : { ...FIT, apart };
  views.set(loose.get(frame) ?? frame, next);
  place(frame);
  chart(next, half);
  const share = z / size.one;
  frame.classList.toggle("sharp", apart && share >= 2 && !relative(frame));
  if (apart) bringWhole(frame, size.width * z * devicePixelRatio);
  report(Math.round(100 * share), apart);
}
function place(frame) {
  for (const sheet of frame.querySelectorAll("[data-zoom-sheet]")) {
    const { z, x, y, apart } = viewIn(frame, sheet.closest("[data-zoom-pane]"));
    sheet.style.transform = apart ? `translate(${(0.5 - x) * z * 100}%, ${(0.5 - y) * z * 100}%) scale(${z})` : "";
  }
}
// The frame is zoomed as long as one of its panes is.
function zooms(frame, apart) {
  const others = loose.has(frame) ? panesOf(frame).filter((pane) => pane !== loose.get(frame)) : [];
  frame.classList.toggle("zoomed", apart || others.some((pane) => views.get(pane)?.apart));
  return apart;
}
const panesOf = (frame) => [...frame.querySelectorAll("[data-zoom-pane]")];
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-zoom-step]");
  if (!button) return;
  const isOn = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", isOn);
  for (const frame of frames()) {
    const view = viewOf(frame);
    if (isOn) loose.delete(frame);
    else loose.set(frame, panesOf(frame)[0]);
    for (const key of isOn ? [frame] : panesOf(frame)) views.set(key, view);
    show(frame, view);
  }
});
// What is not in step is moved where the pointer is.
for (const kind of ["pointerover", "touchstart"]) {
  document.addEventListener(kind, ({ target }) => {
    const pane = target.closest?.("[data-zoom-pane]");
    const frame = pane?.closest("[data-zoom]");
    if (frame && loose.has(frame)) loose.set(frame, pane);
  }, { passive: true, capture: true });
}

// The small map: what of the picture is seen is bright, and can be dragged.
function chart({ x, y, z, apart }, half) {
  for (const map of document.querySelectorAll("[data-zoom-map]")) {
    map.hidden = !apart || z < 1;
    const sides = [y - half[1], 1 - x - half[0], 1 - y - half[1], x - half[0]];
    map.lastElementChild.style.clipPath = `inset(${sides.map((side) => `${within(side, 0, 1) * 100}%`).join(" ")})`;
  }
}
function lead(event) {
  const map = event.buttons && event.target.closest?.("[data-zoom-map]");
  if (!map) return;
  event.preventDefault();
  map.setPointerCapture(event.pointerId);
  const area = map.getBoundingClientRect();
  const [x, y] = [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  for (const frame of zoomed()) show(frame, { ...viewOf(frame), x, y });
}
for (const kind of ["pointerdown", "pointermove"]) document.addEventListener(kind, lead);

// The picture under this point of the window stays there.
function zoomAt(frame, z, [left, top] = []) {
  const before = viewOf(frame);
  const away = () => {
    const areas = [...frame.querySelectorAll("[data-zoom-pane]")].map((pane) => pane.getBoundingClientRect());
    const area = areas.find((one) => left >= one.left && left <= one.right && top >= one.top && top <= one.bottom) ?? areas[0];
    return left === undefined ? [0, 0] : [left - area.left - area.width / 2, top - area.top - area.height / 2];
  };
  const size = sizeOf(frame);
  if (!size) return;
  const from = away();
  const x = before.x + from[0] / (size.width * before.z);
  const y = before.y + from[1] / (size.height * before.z);
  zooms(frame, Math.abs(z - 1) > 0.005); // it may now take more room, and its middle be elsewhere
  const to = away();
  show(frame, { z, x: x - to[0] / (size.width * z), y: y - to[1] / (size.height * z) });
}
function fits(frame) {
  for (const pane of loose.has(frame) ? panesOf(frame) : []) views.set(pane, FIT);
  show(frame, FIT);
}
function pan(frame, right, down) {
  const { z, x, y } = viewOf(frame);
  const size = sizeOf(frame);
  if (size) show(frame, { z, x: x + right / (size.width * z), y: y + down / (size.height * z) });
}
// By hand one does not go below what fits; below it is only 100 % of a small picture.
function scaled(frame, factor) {
  const [{ z }, { one }] = [viewOf(frame), sizeOf(frame) ?? { one: 1 }];
  const next = within(z * factor, Math.min(1, z), Math.max(one * MOST, 4));
  return Math.abs(next - 1) < 0.02 ? 1 : next;
}
function stepped(frame, factor) {
  const [{ z }, { one }] = [viewOf(frame), sizeOf(frame)];
  const stops = [1, one, 4 * one].filter((stop) => (stop - z) * (factor - 1) > 0.01).sort((a, b) => Math.abs(a - z) - Math.abs(b - z));
  const next = scaled(frame, factor);
  return stops.length && (stops[0] - next) * (factor - 1) < 0 ? stops[0] : next;
}
const ways = {
  in: (frame) => stepped(frame, STEP),
  out: (frame) => stepped(frame, 1 / STEP),
  toggle: (frame, { one }) => (viewOf(frame).apart ? 1 : one > 1.1 ? one : Math.max(4 * one, 2)),
  1: (frame, { one }) => one,
  4: (frame, { one }) => 4 * one,
};
function go(frame, way, at) {
  if (!sizeOf(frame)) return;
  eases(frame);
  if (way === "fit") fits(frame);
  else zoomAt(frame, ways[way](frame, sizeOf(frame)), at);
}
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-zoom-set]");
  if (button) for (const frame of frames()) go(frame, button.dataset.zoomSet);
});

// While something moves, the pictures are layers of their own; afterwards they are drawn sharp again.
let moving = 0; // a timer
const afterwards = [];
function moves(frame) {
  frame.classList.replace("easing", "moving") || frame.classList.add("moving");
  rest();
}
function eases(frame) {
  frame.classList.add("easing");
  rest();
}
function rest() {
  clearTimeout(moving);
  moving = setTimeout(() => {
    moving = 0;
    for (const frame of frames()) frame.classList.remove("moving", "easing");
    for (const act of afterwards.splice(0)) act();
  }, PAUSE_MS);
}

async function bringWhole(frame, shown) {
  for (const picture of frame.querySelectorAll("img[data-full]")) {
    if (shown < Number(picture.dataset.px)) continue;
    const whole = picture.cloneNode();
    whole.src = picture.dataset.full;
    delete picture.dataset.full; // asked for once
    delete whole.dataset.full;
    const swap = () => picture.replaceWith(whole);
    whole.decode().then(() => (moving ? afterwards.push(swap) : swap()), () => {}); // what is there stays where it cannot be had
  }
}

// How large it is: at the buttons at once, to screen readers when it has come to rest.
let [saying, last] = [0, ""];
function report(percent, apart) {
  const state = `${percent} ${apart}`;
  if (state === last) return;
  last = state;
  for (const now of document.querySelectorAll("[data-zoom-now]")) now.textContent = say(now, "percent", { percent });
  for (const button of document.querySelectorAll("[data-zoom-set][aria-pressed]")) {
    const is = button.dataset.zoomSet === "fit" ? !apart : apart && percent === 100 * Number(button.dataset.zoomSet);
    button.setAttribute("aria-pressed", is);
  }
  clearTimeout(saying);
  saying = setTimeout(() => {
    for (const said of document.querySelectorAll("[data-zoom-said]")) if (said.textContent || apart) said.textContent = say(said, "level", { percent });
  }, SAID_MS);
}

// A mouse's wheel turns in notches; two fingers on a trackpad glide, and what they began they end.
let glided = 0;
function turns(event) {
  const notch = event.deltaMode > 0 || (Math.abs(event.deltaY) >= 50 && (event.wheelDeltaY === undefined || event.wheelDeltaY % 120 === 0));
  if (event.deltaX || !notch) glided = event.timeStamp;
  return !event.shiftKey && event.timeStamp - glided > PAUSE_MS;
}

// The wheel: Ctrl, or two fingers on a trackpad that spread, always zoom.  A bare one pans what is zoomed, or zooms where nothing scrolls.
document.addEventListener("wheel", (event) => {
  const frame = event.target.closest?.("[data-zoom]");
  if (!frame) return;
  const pinches = event.ctrlKey || event.metaKey;
  const isMouse = turns(event);
  const down = event.deltaY * (event.deltaMode ? 33 : 1);
  const { apart } = viewOf(frame);
  if (!pinches && !apart && !(isMouse && frame.dataset.zoom === "wheel")) return;
  event.preventDefault();
  moves(frame);
  if (pinches || (isMouse && frame.dataset.zoom === "wheel")) zoomAt(frame, scaled(frame, Math.exp(within(-down, -25, 25) / 100)), [event.clientX, event.clientY]);
  else pan(frame, event.shiftKey ? down : event.deltaX, event.shiftKey ? 0 : down);
}, { passive: false });

// Mouse and pen: what is zoomed is dragged; a double click goes closer and back.
const SLOP_PX = 4;
const IDLE = "button, a, summary, input, label";
let drag;
document.addEventListener("pointerdown", (event) => {
  const frame = event.target.closest?.("[data-zoom]");
  if (!frame || event.pointerType === "touch" || event.button > 1 || !viewOf(frame).apart || event.target.closest(IDLE)) return;
  drag = { frame, x: event.clientX, y: event.clientY, way: 0 };
  frame.setPointerCapture(event.pointerId);
  event.preventDefault();
});
document.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (!drag) return;
  const [right, down] = [drag.x - clientX, drag.y - clientY];
  drag.way += Math.abs(right) + Math.abs(down);
  Object.assign(drag, { x: clientX, y: clientY });
  if (drag.way > SLOP_PX) drag.frame.classList.add("dragging");
  moves(drag.frame);
  pan(drag.frame, right, down);
});
function drops() {
  drag?.frame.classList.remove("dragging");
  drag = null;
}
document.addEventListener("pointerup", drops);
document.addEventListener("pointercancel", drops);
document.addEventListener("dragstart", (event) => event.target.closest?.("[data-zoom]") && event.preventDefault());
document.addEventListener("dblclick", (event) => {
  const frame = event.target.closest?.("[data-zoom]");
  if (frame && !event.target.closest("button, a, summary, label")) go(frame, "toggle", [event.clientX, event.clientY]);
});

// Fingers: two zoom; one moves what is zoomed, and scrolls the page or moves the slider at fit; two taps go closer and back.
const [TAPS_MS, TAPS_PX] = [300, 30];
let [touch, tap] = [null, { at: 0 }];
const middleOf = (touches) => [0, 1].map((side) => [...touches].reduce((sum, one) => sum + (side ? one.clientY : one.clientX), 0) / touches.length);
const spread = ([one, two]) => Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
const begins = (frame, touches) => ({ frame, fingers: touches.length, at: middleOf(touches), far: touches.length === 2 ? spread(touches) : 0 });
document.addEventListener("touchstart", (event) => {
  const frame = event.target.closest?.("[data-zoom]");
  const all = [...event.touches].every((one) => frame?.contains(one.target));
  const free = all && (event.touches.length === 2 || (event.touches.length === 1 && viewOf(frame).apart && !event.target.closest(IDLE)));
  touch = free ? begins(frame, event.touches) : null;
  if (touch?.fingers === 2 && event.cancelable) event.preventDefault(); // or the browser would scale the whole page
}, { passive: false });
document.addEventListener("touchmove", (event) => {
  if (!touch || event.touches.length !== touch.fingers) return;
  if (event.cancelable) event.preventDefault();
  const now = begins(touch.frame, event.touches);
  moves(touch.frame);
  if (now.fingers === 2) zoomAt(touch.frame, scaled(touch.frame, now.far / touch.far), touch.at);
  pan(touch.frame, touch.at[0] - now.at[0], touch.at[1] - now.at[1]);
  touch = now;
}, { passive: false });
document.addEventListener("touchend", (event) => {
  touch = touch && event.touches.length ? begins(touch.frame, event.touches) : null;
  const frame = event.target.closest?.("[data-zoom]");
  if (!frame || event.touches.length || event.changedTouches.length !== 1 || event.target.closest("button, a, summary, label")) return;
  const at = middleOf(event.changedTouches);
  const again = event.timeStamp - tap.at < TAPS_MS && Math.hypot(at[0] - tap.x, at[1] - tap.y) < TAPS_PX;
  tap = again ? { at: 0 } : { at: event.timeStamp, x: at[0], y: at[1] };
  if (!again) return;
  event.preventDefault(); // no double click follows
  go(frame, "toggle", at);
}, { passive: false });
document.addEventListener("touchcancel", () => { touch = null; });

// Arrows move what is zoomed and Escape ends it, before they mean anything else on the page; fields and open menus keep theirs.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
document.addEventListener("keydown", (event) => {
  const near = zoomed();
  if (!near.length || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], details[open]") || document.querySelector("dialog[open]")) return;
  const way = ARROWS[event.key];
  if (!way && event.key !== "Escape") return;
  event.preventDefault();
  for (const frame of near) {
    eases(frame);
    const part = event.shiftKey ? 0.5 : 0.1;
    if (way) pan(frame, way[0] * part * sizeOf(frame).room[0], way[1] * part * sizeOf(frame).room[1]);
    else fits(frame);
  }
}, true);

// Another window, another way to compare: what was 100 % stays 100 %.
const watcher = new ResizeObserver((entries) => {
  for (const frame of new Set(entries.map(({ target }) => target.closest("[data-zoom]")).filter(Boolean))) {
    const before = sizes.get(frame)?.one;
    sizes.delete(frame);
    const view = viewOf(frame);
    const now = sizeOf(frame)?.one;
    show(frame, view.apart && before && now ? { ...view, z: (view.z * now) / before } : view);
  }
});
const watch = () => frames().forEach((frame) => {
  if (views.has(frame)) place(frame); // a picture in it may be new
  for (const pane of frame.querySelectorAll("[data-zoom-pane]")) watcher.observe(pane);
});
watch();
document.addEventListener("htmx:afterSettle", watch);
document.addEventListener("load", ({ target }) => {
  const frame = target.matches?.("img[data-zoom-sheet]") && target.closest("[data-zoom]");
  if (frame && sizes.delete(frame)) show(frame, viewOf(frame)); // the picture's own size says what 100 % is
}, true);
