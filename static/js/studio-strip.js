// The strip of the latest edits: it follows the star on the stage, and what was sent in other tabs and on other devices.

const form = document.getElementById("edit-form");
const OLD_MS = 5000;
let read = performance.now();

document.addEventListener("htmx:afterSettle", () => {
  const star = document.getElementById("star");
  const mark = document.getElementById(`thumb-${document.getElementById("on-stage")?.value}`)?.querySelector(".thumb-marks .icon-star");
  if (star && mark) mark.toggleAttribute("hidden", star.getAttribute("aria-pressed") !== "true");
});

// Read again: with something active in it, the page's poll continues.
function readAgain() {
  read = performance.now();
  const shown = document.getElementById("on-stage")?.value;
  const query = shown ? `?${new URLSearchParams({ show: shown })}` : "";
  htmx.ajax("GET", form.action + query, { source: "#strip", target: "#strip", swap: "outerHTML" });
}
const news = "BroadcastChannel" in window ? new BroadcastChannel(`edits ${new URL(form.action).pathname}`) : null;
news?.addEventListener("message", () => { if (document.visibilityState === "visible") readAgain(); else read = -OLD_MS; });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && performance.now() - read > OLD_MS) readAgain();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.requestConfig.verb === "post" && detail.xhr.getResponseHeader("HX-Push-Url")) news?.postMessage("sent");
});
