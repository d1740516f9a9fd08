// Browsers that lay the on-screen keyboard over the page, instead of making the window smaller, hide the bar at its end:
// --keyboard says how much of the window is covered.  While somebody has zoomed in by pinching, it says nothing.

const view = window.visualViewport;
function measure() {
  const covered = view.scale > 1.01 ? 0 : Math.max(0, Math.round(innerHeight - view.offsetTop - view.height));
  document.documentElement.style.setProperty("--keyboard", `${covered}px`);
}
for (const change of ["resize", "scroll"]) view?.addEventListener(change, measure);
