// Sending the edit: at once, as soon as the picture is checked, or not, with the reason.  Never twice, never silently.
//
//   press ──▶ offline: remembered ──▶ online: sent
//         ──▶ something is missing: its reason, and the focus goes there
//         ──▶ a picture is still on its way: remembered ──▶ checked: sent         the button takes it back meanwhile
//         ──▶ the one before is still on its way, of another content: remembered ──▶ taken in: sent
//         ──▶ sent ──▶ refused: the reasons,                └─▶ not usable: dropped, with the reason
//                │     and the focus goes to the first wrong field
//                │     (a press that waits for a connection outlives its page: the next one in this tab sends it)
//                └──▶ no answer: the same again, with the same key, so that it is one edit however often it was taken in
import * as references from "./studio-references.js";
import { grouped, say } from "./base.js";

const form = document.getElementById("edit-form");
const prompt = document.getElementById("id_prompt");
const button = document.getElementById("send");
const [now, later] = button.children;
const status = document.getElementById("send-status");
const reasons = document.getElementById("reasons");
const upload = document.getElementById("upload");
const counter = () => document.getElementById("prompt-count");
const most = () => Number(counter().dataset.most);
const LONGEST_PAUSE = 30;
const PRESS = `press-${document.body.dataset.person}`;
const REST_MS = 1500; // for a press that was meant to take back what has just been sent; what was changed since counts
let asked = false; // reasons are not held against somebody who has only just begun
let remembered = false;
let dropped = ""; // why a remembered press was not sent, until something changes
let sending = false;
let sentLater = false;
let restUntil = 0;
let focused = null; // what had the focus when the form was sent
let sent = ""; // what the form held then
let unanswered = 0; // times in a row that nobody said what became of the edit
let timer;

// Code points after trimming, as the server counts them; .length would count an emoji as two.
const length = () => [...prompt.value.trim()].length;
const hasPicture = () => form.querySelector("#source [name=source], #source .checking") !== null;
const isChecking = () => form.querySelector("#source .checking, .reference.checking") !== null;
const tell = (words) => { status.textContent = words; };
const sentence = (name, values = {}) => say(status, name, values);

function why() {
  const list = [];
  if (!hasPicture()) list.push(sentence("noPicture"));
  else if (form.querySelector(".source-offers") && !form.querySelector("[data-shape]:checked")) list.push(sentence("noShape"));
  if (!length()) list.push(sentence("noPrompt"));
  if (length() > most()) list.push(sentence("tooLong", { number: grouped(length()), most: grouped(most()) }));
  return [...list, ...references.why()];
}
export function show() {
  const count = length();
  counter().textContent = `${grouped(count)} / ${grouped(most())}`;
  counter().classList.toggle("near", count >= Math.floor(most() * 0.9) && count <= most());
  counter().classList.toggle("full", count > most());
  const list = why();
  if (!list.length) asked = false;
  const shown = [dropped, ...(asked || count > most() ? list : [])].filter(Boolean);
  reasons.replaceChildren(...shown.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  form.classList.toggle("ready", !list.length);
}
form.addEventListener("input", () => {
  dropped = "";
  sentLater = false;
  restUntil = 0;
  show();
});
document.addEventListener("source:changed", () => {
  if (remembered && !unanswered) goOn();
  show();
});

form.addEventListener("htmx:confirm", (event) => {
  if (event.target !== form) return;
  if (sending && !remembered && content() !== sent && !why().length) {
    event.preventDefault();
    tell(sentence("sending"));
    return remember(true);
  }
  if (sending || performance.now() < restUntil) {
    event.preventDefault();
    return tell(sentence(sending ? "sending" : "sent"));
  }
  const list = why();
  dropped = "";
  asked = list.length > 0;
  show();
  if (asked) {
    event.preventDefault();
    tell(list.join(" "));
    (hasPicture() ? prompt : form.elements.image).focus();
  } else if (isChecking() || !navigator.onLine) {
    event.preventDefault();
    if (!remembered) tell(sentence(navigator.onLine ? "later" : "offline"));
    remember(true);
    if (!navigator.onLine) note(sentence("offline"));
  }
});
function note(words) {
  dropped = words;
  show();
}
function remember(value) {
  remembered = value;
  if (value) keep();
  else sessionStorage.removeItem(PRESS);
  clearTimeout(timer);
  now.hidden = value;
  later.hidden = !value;
}
// Only a press on the button itself takes it back: not the shortcut, the rest of a double click or a key held down.
button.addEventListener("click", (event) => {
  if (!remembered) return;
  event.preventDefault();
  if (!event.isTrusted || event.detail > 1) return;
  const isUnsure = unanswered > 0;
  drop(sentence(isUnsure ? "canceledUnsure" : "canceled"));
  if (!isUnsure) note("");
});
button.addEventListener("keydown", (event) => { if (event.repeat && event.key === "Enter") event.preventDefault(); });

// Every picture has been checked, or was removed; or there is a connection again.
function goOn() {
  if (unanswered && content() !== sent) return drop(sentence("canceledUnsure")); // with another content it would be a second edit
  if (sending || isChecking() || !navigator.onLine) return;
  const unusable = form.querySelector("#id_image_error") && !form.querySelector(".source-offers");
  const list = why();
  if (unusable) return drop(sentence("unusable"));
  if (list.length) return drop([sentence("nothingSent"), ...list].join(" "));
  remember(false);
  restUntil = 0;
  sentLater = true;
  note("");
  form.requestSubmit();
  tell(sentence("checked"));
}
addEventListener("online", () => { if (remembered) goOn(); });
addEventListener("offline", () => { if (remembered) note(sentence("offline")); });
function tryAgain() {
  const seconds = Math.min(2 ** unanswered, LONGEST_PAUSE);
  unanswered += 1;
  remember(true);
  const words = navigator.onLine ? sentence("brokeOff", { seconds }) : sentence("offline");
  note(words);
  tell(words);
  if (navigator.onLine) timer = setTimeout(goOn, seconds * 1000);
}
function drop(words) {
  remember(false);
  unanswered = 0;
  note(words);
  tell(words);
}
const content = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
document.addEventListener("check:failed", () => { if (remembered) drop(sentence("oneUnusable")); });

// A picture that is still on its way would be lost with the page, and its press with it; an edit's key is of one content.
function keep() {
  if (sending || isChecking() || !entered) return sessionStorage.removeItem(PRESS);
  sessionStorage.setItem(PRESS, JSON.stringify([form.elements.submission_key.value, sorted(entered()), unanswered]));
}
let entered = null; // says what the draft holds
const sorted = (text) => text.split("&").sort().join("&");
addEventListener("pagehide", () => {
  if (!remembered) return;
  keep();
  const kept = sessionStorage.getItem(PRESS);
  remember(false); // a page that nobody sees any more sends nothing
  if (kept) sessionStorage.setItem(PRESS, kept);
});
// The same key, so that it is one edit however often it was taken in; and only what was pressed.
export function goOnFromBefore(fields) {
  entered = fields;
  const [key, pressed, times] = JSON.parse(sessionStorage.getItem(PRESS) ?? "[]");
  if (!key) return;
  sessionStorage.removeItem(PRESS);
  if (sorted(entered()) !== pressed) return drop(sentence(times ? "canceledUnsure" : "nothingSent"));
  form.elements.submission_key.value = key;
  unanswered = times;
  sent = content();
  remember(true);
  if (navigator.onLine) goOn();
  else note(sentence("offline"));
}
addEventListener("pageshow", ({ persisted }) => { if (persisted && entered) goOnFromBefore(entered); });

form.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target !== form) return;
  sending = true;
  sent = content();
  focused = document.activeElement;
  button.ariaDisabled = "true"; // truly disabled it would lose the focus
});
form.addEventListener("htmx:xhr:progress", ({ detail, target }) => {
  if (target !== form || !detail.lengthComputable || detail.total < 200000) return;
  upload.hidden = detail.loaded >= detail.total;
  upload.value = (100 * detail.loaded) / detail.total;
});
form.addEventListener("htmx:afterRequest", ({ detail, target }) => {
  if (target !== form) return;
  sending = false;
  upload.hidden = true;
  button.ariaDisabled = "false";
  if (sentLater) restUntil = performance.now() + REST_MS;
  sentLater = false;
  if (!detail.xhr.getResponseHeader("HX-Reswap") && [0, 502, 503, 504].includes(detail.xhr.status)) return tryAgain();
  unanswered = 0;
  if (detail.xhr.status === 401) return remember(false);
  const done = detail.successful && detail.xhr.status !== 422; // htmx calls whatever it may swap a success
  if (done) tell(sentence("sent"));
  else goToErrors();
  if (remembered && done) setTimeout(() => { if (remembered) goOn(); }); // htmx is done with this one by then
  else if (remembered) remember(false);
});

// What the server says about a field arrives next to it: the field is marked, and shown if it was folded away.
document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
  const name = target.id?.startsWith("error-") && target.id.slice(6);
  if (!name) return;
  const wrong = target.childElementCount > 0;
  for (const field of form.querySelectorAll(`[name="${name}"]:not([type=radio], [type=file])`)) {
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  if (!wrong) return;
  const folded = target.closest("details:not([open])");
  if (folded) folded.open = true;
  target.scrollIntoView({ block: "nearest" });
});
function goToErrors() {
  const wrong = [...form.querySelectorAll(".errorlist[id^=error-]")].filter((list) => list.childElementCount);
  tell(wrong.flatMap((list) => [...list.children]).map((line) => line.textContent).join(" "));
  // Somebody who went on meanwhile is not called back.
  if (![focused, document.body].includes(document.activeElement)) return;
  wrong.map((list) => fieldOf(list.id.slice(6))).find(Boolean)?.focus();
}
function fieldOf(name) {
  if (name === "model") return form.querySelector("#model-menu summary");
  const fields = [...form.querySelectorAll(`[name="${name}"]:not([type=hidden])`)].filter((field) => field.getClientRects().length);
  return fields.find((field) => field.checked) ?? fields[0];
}
