// The viewer with script: the info panel, full screen, the neighbors' pictures in advance, the link to copy.

const viewer = document.querySelector(".viewer");
const opener = viewer.querySelector("[data-info]");
const wide = matchMedia("(min-width: 761px) and (min-height: 501px)"); // else the panel lies below

function show(open) {
  viewer.classList.toggle("no-info", !open);
  opener.setAttribute("aria-expanded", open);
}
// A cookie, so that the server leaves the panel out and nothing jumps.
const YEAR_SECONDS = 365 * 24 * 3600;
const remember = (state) => {
  document.cookie = `info_panel=${state}; path=${document.querySelector(".brand").pathname}; max-age=${YEAR_SECONDS}; samesite=lax`;
};
show(!viewer.classList.contains("no-info") || !wide.matches);
opener.addEventListener("click", (event) => {
  if (!wide.matches) return; // there the panel lies below, and the link leads to it
  event.preventDefault();
  const open = viewer.classList.contains("no-info");
  show(open);
  remember(open ? "open" : "closed");
});

viewer.querySelector("[data-fullscreen]").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else viewer.requestFullscreen?.();
});

const link = viewer.querySelector("[data-copy-address]");
if (link) link.dataset.copy = location.origin + location.pathname; // as the reader reached it, without what the list added

// Going on is then a matter of a blink.
addEventListener("load", () => {
  for (const { dataset } of viewer.querySelectorAll("[data-picture]")) new Image().src = dataset.picture;
});

// A swipe over what is no slider leads on as the arrows do.
const MIN_SWIPE_PX = 60;
let start = null;
const stage = viewer.querySelector(".viewer-stage");
stage.addEventListener("touchstart", ({ touches, target }) => {
  start = touches.length === 1 && !target.matches("input") && !stage.querySelector(".zoomed") ? touches[0] : null;
}, { passive: true });
stage.addEventListener("touchend", ({ changedTouches }) => {
  const [end] = changedTouches;
  if (!start || Math.abs(end.clientX - start.clientX) < MIN_SWIPE_PX || Math.abs(end.clientY - start.clientY) > MIN_SWIPE_PX) return;
  stage.querySelector(end.clientX < start.clientX ? ".edge.next" : ".edge.prev")?.click();
});
