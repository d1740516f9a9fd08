// Looking closely comes with its first use: by a button or a key, the wheel, a double click or two fingers.  What was begun
// while zoom.js loads is done again for it.
import { fetched, later } from "./later.js";

let fingers = null; // of a touch that began before
const start = (event, Kind) => fetched(load).then(() => event.target.dispatchEvent(new Kind(event.type, event)), () => {});
const near = () => load().catch(() => {});
const first = {
  pointerover: near,
  wheel(event, frame) {
    const pinches = event.ctrlKey || event.metaKey;
    if (pinches) event.preventDefault(); // or the browser would scale the whole page
    if (pinches || frame.dataset.zoom === "wheel") start(event, WheelEvent);
  },
  dblclick: (event) => start(event, MouseEvent),
  touchstart(event) {
    near();
    if (event.touches.length !== 2) return;
    if (event.cancelable) event.preventDefault();
    fingers = event;
    fetched(load).then(() => fingers && again(event.target, fingers), () => {});
  },
  touchmove(event) {
    if (fingers && event.cancelable) event.preventDefault();
    if (fingers) fingers = event;
  },
  touchend() { fingers = null; },
};
function again(target, { touches, targetTouches, changedTouches }) {
  target.dispatchEvent(new TouchEvent("touchstart", { bubbles: true, touches: [...touches], targetTouches: [...targetTouches], changedTouches: [...changedTouches] }));
}
function act(event) {
  const frame = event.target.closest?.("[data-zoom]");
  if (frame) first[event.type](event, frame);
}
const load = () => import("./zoom.js").then(() => {
  for (const kind of Object.keys(first)) document.removeEventListener(kind, act, true);
});
for (const kind of Object.keys(first)) document.addEventListener(kind, act, { capture: true, passive: false });
later("[data-zoom-set]", load);
