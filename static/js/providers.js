// Settings > Providers: the panel beside the list, what a kind of provider changes in the form, and the count on its button.
import { say, sayCount } from "./base.js";
const dock = document.getElementById("dock");
const wide = matchMedia("(min-width: 1180px)");
let opener;

// The panel: where there is no room for it, the link leads to the page.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-dock]");
  if (link && dock && wide.matches && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    opener = link;
    await window.htmx.ajax("GET", link.href, { target: dock });
    show(true);
    dock.querySelector("#dock-title")?.focus();
  } else if (dock && !dock.hidden && event.target.closest("[data-dock-close]")) {
    event.preventDefault();
    close();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && dock && !dock.hidden && dock.contains(document.activeElement)) close();
});
function show(open) {
  dock.hidden = !open;
  opener?.setAttribute("aria-expanded", String(open));
}
function close() {
  show(false);
  dock.replaceChildren();
  opener?.focus();
}

// The kind: prefilled addresses, what is usual, and whether a key is needed.
document.addEventListener("change", ({ target }) => {
  const form = target.closest("#adding, #adding-models");
  if (!form) return;
  if (target.name === "preset") choose(form, target);
  if (target.name === "model") count(form);
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest("#adding, #adding-models");
  if (form && target.name === "typed") count(form);
});
const field = (form, name) => form.elements[name];
function choose(form, kind) {
  const hosted = "hosted" in kind.dataset;
  const prefilled = [...form.querySelectorAll("[data-hosted]")].map((each) => each.dataset.url);
  const url = field(form, "url");
  if (!url.value || prefilled.includes(url.value)) url.value = hosted ? kind.dataset.url : "";
  form.querySelector("#preset-note").textContent = kind.dataset.note;
  const rule = form.querySelector("#key-rule");
  rule.textContent = say(rule, kind.dataset.key); // nothing where a key is required
  form.classList.toggle("of-hosted", hosted && !field(form, "is_private").checked);
  form.querySelector("#found")?.remove(); // it was about another kind
  form.querySelector("#add-button")?.remove();
  hint(form, kind);
}
function hint(form, { dataset }) {
  field(form, "url").placeholder = dataset.url;
  field(form, "timeout_seconds").placeholder = dataset.timeout;
  field(form, "max_concurrent").placeholder = dataset.concurrent;
  field(form, "max_per_minute").placeholder = dataset.minute;
}

// The button says what it does.
function count(form) {
  const words = form.querySelector("[data-count-words]");
  if (!words) return;
  const typed = field(form, "typed").value.split("\n").map((line) => line.trim()).filter(Boolean);
  const chosen = new Set([...form.querySelectorAll("[name=model]:checked")].map((box) => box.value).concat(typed));
  words.textContent = chosen.size ? sayCount(words, "some", chosen.size) : say(words, "none");
}

// After an answer the focus goes to what is new: the first field in error, or the models.
document.addEventListener("htmx:afterSettle", () => {
  const form = document.getElementById("adding");
  const kind = form?.querySelector("[name=preset]:checked");
  if (kind) hint(form, kind);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.requestConfig.verb !== "post") return;
  const form = document.getElementById("adding");
  (form?.querySelector("[aria-invalid=true]") || form?.querySelector("#found") || form?.querySelector("#test-connection"))?.focus();
});
const shown = document.querySelector("#adding [name=preset]:checked");
if (shown) hint(shown.form, shown);
