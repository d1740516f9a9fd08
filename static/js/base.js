// What every page does with script: toasts, tokens and polls of htmx, menus, dialogs, forms.  Knows nothing of edits.

// Sentences of scripts come from the page, in the reader's language: an element has data-say-too-long="At most {most}.",
// and say(element, "tooLong", { most: 512 }) fills it in.  For numbers there are two, data-say-add-one and
// data-say-add-other, of which sayCount(element, "add", number) takes the one that fits.
const language = document.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);
export const mac = /^Mac/.test(navigator.platform);
export const grouped = (number) => numbers.format(number);

export function say(element, name, values = {}) {
  const sentence = element.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

export function sayCount(element, name, number, values = {}) {
  const form = plurals.select(number) === "one" ? "One" : "Other";
  return say(element, `${name}${form}`, { number: grouped(number), ...values });
}

const root = document.documentElement;
root.classList.add("js");

// Toasts are read out.  They leave by themselves, but never while somebody points at them or tabs into them.
const toasts = document.getElementById("toasts");
export function toast(text, level = "info") {
  const box = document.createElement("div");
  box.className = `toast ${level}`;
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  toasts.append(box);
  return box;
}
// The same again takes the place of the first, and three at a time are enough; what can be undone stays.
const MOST_TOASTS = 3;
const isPlain = (box) => !box.querySelector("form, .btn:not([data-dismiss]), textarea") && !box.contains(document.activeElement);
function makeRoom(box) {
  const words = (one) => one.querySelector("p")?.textContent;
  const others = [...toasts.children].filter((one) => one !== box && isPlain(one));
  const spare = Math.max(0, toasts.childElementCount - MOST_TOASTS);
  for (const [number, one] of others.entries()) if (number < spare || (isPlain(box) && words(one) === words(box))) one.remove();
}
function leaveInTime(box) {
  if ("stays" in box.dataset) return; // it asks something
  const seconds = box.dataset.toast === "undo" ? 10 : box.classList.contains("error") ? 15 : 6;
  let timer;
  const start = () => { timer = setTimeout(() => box.remove(), seconds * 1000); };
  const stop = () => clearTimeout(timer);
  box.addEventListener("mouseenter", stop);
  box.addEventListener("focusin", stop);
  box.addEventListener("mouseleave", start);
  box.addEventListener("focusout", start);
  start();
}
if (toasts) {
  for (const box of toasts.children) leaveInTime(box);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) {
      if (node.nodeType !== 1) continue;
      makeRoom(node);
      leaveInTime(node);
    }
  }).observe(toasts, { childList: true });
  toasts.addEventListener("click", ({ target }) => target.closest("[data-dismiss]")?.closest(".toast").remove());
}

// Both follow a sign-in in the dialog.
export const token = () => document.querySelector("meta[name=csrf-token]").content;
export const signIn = async (how) => (await import("./signed-out.js")).signIn(how);

// htmx: the CSRF token goes along, and an answer that is the sign-in page becomes a real visit to it.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = token();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // A refusal that says how it is to be shown has sentences of ours in it, whatever its number.
  if (event.detail.xhr.getResponseHeader("HX-Reswap")) event.detail.shouldSwap = true;
  const answered = new URL(event.detail.xhr.responseURL || location.href);
  if (answered.pathname === document.body.dataset.login) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.getResponseHeader("HX-Reswap")) return; // its own sentences are shown
  if (detail.xhr.status === 401 || (detail.xhr.status === 403 && !repeated.has(detail.elt))) return askAndRepeat(detail);
  if (retries(detail)) return;
  if (!quiet(detail)) toast(said(detail.xhr) || unsaid(detail.xhr), "error");
});
// Signed out, or with a token from before somebody signed in again: what was pressed is sent afterwards.  A press that is refused
// again had another reason.
const repeated = new WeakSet();
async function askAndRepeat(detail) {
  const { elt, xhr } = detail;
  const event = detail.requestConfig?.triggeringEvent;
  const isPress = !quiet(detail);
  if (xhr.status === 403) repeated.add(elt);
  if (!(await signIn({ isPress }))) return isPress && toast(said(xhr) || unsaid(xhr), "error");
  if (!isPress) return;
  if (elt.matches("form")) elt.requestSubmit();
  else htmx.trigger(elt, event?.type ?? "click");
}
// A form that says itself what becomes of a request without an answer, and tries again.
const retries = ({ elt, xhr }) => "retries" in elt.dataset && [0, 502, 503, 504].includes(xhr.status);

// An error page has a heading and a sentence, an answer for programs a message.  What a server in between says helps nobody.
function said(xhr) {
  if (/^application\/json/.test(xhr.getResponseHeader("Content-Type"))) {
    try { return JSON.parse(xhr.responseText).error.message; } catch { return ""; }
  }
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const [heading, sentence] = ["main h1", "main p.muted"].map((part) => page.querySelector(part)?.textContent.trim());
  return heading && sentence ? say(document.body, "error", { heading, sentence }) : "";
}
const unsaid = ({ status }) => say(document.body, status >= 500 ? "noAnswer" : status === 401 ? "signedOut" : "failed");
document.addEventListener("htmx:sendError", ({ detail }) => {
  if (!quiet(detail) && !retries(detail)) toast(say(document.body, "unreachable"), "error");
});
// A poll that fails tries again by itself: no need to say so every two seconds.
const quiet = (detail) => detail.requestConfig?.verb === "get" && !detail.requestConfig.triggeringEvent?.isTrusted;

// The poll (#poll) rests while the page shows nothing active.  An answer about a page that has changed since it was asked for
// is dropped: it would put back what is gone, or look for it in vain.  The next one comes within a second.
let asked = "";
const polled = () => [...document.querySelectorAll(".polled[name=id], .board-input, #on-stage")].map(({ value }) => value).join();

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "poll") return;
  if (!document.querySelector(".polled")) event.preventDefault();
  asked = polled();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.elt.id === "poll" && polled() !== asked) event.detail.shouldSwap = false;
});

// Menus are <details class="menu">: one open at a time, shut by Escape, a click elsewhere or moving on.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details.menu") || !target.open) return;
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
  target.classList.remove("flip");
  target.classList.toggle("flip", target.querySelector(".menu-list").getBoundingClientRect().left < 8);
}, true);
document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const menu = target.closest?.("details.menu[open]");
  if (menu && relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = [...openMenus()].pop();
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopImmediatePropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...menu.querySelectorAll("summary, a, button")].filter((item) => item.getClientRects().length);
    const at = items.indexOf(document.activeElement);
    if (at < 0) return;
    items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length].focus();
    event.preventDefault();
  }
}, true);

// Dialogs: data-dialog="id" opens one; a click on the backdrop shuts it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.matches("dialog[open]") && outside(event.target, event)) {
    event.target.close();
  }
});
function outside(dialog, { clientX: x, clientY: y, detail }) {
  const box = dialog.getBoundingClientRect();
  return detail > 0 && (x < box.left || x > box.right || y < box.top || y > box.bottom);
}

// A form sends once: a double click must not be two edits.  data-again on a form switches this off.
const REST_MS = 4000; // afterwards it may be sent again: what came back may have been a download, and the page is still here
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "again" in form.dataset) return;
  if (form.dataset.sent) return event.preventDefault();
  setTimeout(() => { // after everybody who may still stop it, htmx among them
    if (event.defaultPrevented) return;
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, REST_MS);
  });
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Ranges paint their filled part: --v is the share in percent.  Set through the CSSOM, which the policy allows.
const paint = (range) => range.style.setProperty("--v", `${(100 * (range.value - range.min)) / ((range.max || 100) - range.min)}%`);
document.querySelectorAll("input[type=range]").forEach(paint);
document.addEventListener("input", ({ target }) => { if (target.type === "range") paint(target); });
