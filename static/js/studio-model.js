// The model: choosing one replaces the parts of the form that follow it, and keeps everything that was entered.
const form = document.getElementById("edit-form");
const field = () => document.getElementById("field-model");
const menu = () => document.getElementById("model-menu");

export const chosen = () => form.elements.model.value;

// Asks for the form's parts again.  ``values`` count instead of what the form says.
const parts = document.getElementById("refit");
export function refit(values = {}) {
  const done = new Promise((resolve) => { parts.addEventListener("htmx:afterRequest", resolve, { once: true }); });
  htmx.ajax("POST", form.action, { source: parts, target: parts, swap: "none", values: { show: "options", ...values } });
  return done;
}
parts.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) return;
  document.dispatchEvent(new Event("model:changed"));
  const words = ["model-chosen", "model-note"].map((id) => document.getElementById(id)?.textContent.replace(/\s+/g, " ").trim());
  document.getElementById("live").textContent = words.filter(Boolean).join(". ");
});
export function choose(id) {
  const radio = field().querySelector(`[name=model][value="${CSS.escape(id)}"]:not(:disabled)`);
  if (radio?.type === "radio") radio.checked = true;
  return Boolean(radio);
}

form.addEventListener("change", ({ target }) => { if (target.name === "model") refit(); });

// Chosen with the pointer it shuts at once; with the arrow keys it stays open until Enter, Escape or Tab.
form.addEventListener("click", ({ target, detail }) => {
  if (detail && target.matches("#model-menu input")) setTimeout(shut); // the label is still at work
});
form.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#model-menu")) return;
  if (event.key === "Enter" && event.target.name === "model") {
    event.preventDefault(); // it would send the form
    shut();
  } else if (event.key === "ArrowDown" && event.target.matches("summary") && menu().open) {
    event.preventDefault();
    (menu().querySelector("input:checked") ?? menu().querySelector("input:enabled"))?.focus();
  }
});
function shut() {
  menu().open = false;
  menu().querySelector("summary").focus({ preventScroll: true });
}

// The rail scrolls and would cut the menu off, so it lies over the page, at the row and within the window.
const MARGIN_PX = 8;
const placeIfOpen = () => { if (menu()?.open) place(menu()); };
// An observer is asked before the page is painted, the event "toggle" may come after.
new MutationObserver(placeIfOpen).observe(form, { subtree: true, attributeFilter: ["open"] });
addEventListener("resize", placeIfOpen);
document.querySelector(".rail-fields").addEventListener("scroll", placeIfOpen);
function place(details) {
  const list = details.querySelector(".menu-list");
  const row = details.getBoundingClientRect();
  const above = row.top - MARGIN_PX;
  const below = innerHeight - row.bottom - MARGIN_PX;
  const up = list.scrollHeight > below && above > below;
  list.style.setProperty("--x", `${row.left}px`);
  list.style.setProperty("--y", up ? "auto" : `${row.bottom + 6}px`);
  list.style.setProperty("--bottom", up ? `${innerHeight - row.top + 6}px` : "auto");
  list.style.setProperty("--most", `${(up ? above : below) - 6}px`);
}
