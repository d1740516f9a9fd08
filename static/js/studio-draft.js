// The draft: what is entered is saved on the server a moment after each change, and filled in by it on the next visit.
//
//   change ──▶ a moment ──▶ saved ──▶ its revision is known here
//                             ├──▶ no answer: again in a few seconds
//                             └──▶ another tab has saved since: said, and this tab saves no more until somebody has chosen
import { say, signIn, toast, token } from "./base.js";

const form = document.getElementById("edit-form");
const MOMENT_MS = 600;
const AGAIN_MS = 5000;
const LEFT_OUT = ["csrfmiddlewaretoken", "submission_key", "image", "reference", "reference_order", "has_recent", "provider", "picture"];
const UNSAVED = `draft-${document.body.dataset.person}`;
const TAB = `tab-${document.body.dataset.person}`;
const fresh = () => [...crypto.getRandomValues(new Uint32Array(3))].join("-");
let tab = sessionStorage.getItem(TAB) ?? fresh(); // one after the other in it are one
sessionStorage.setItem(TAB, tab);
// A tab that the browser duplicates begins with the name of the first, which is still there and says so: the copy takes its own.
const page = fresh();
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(TAB) : null;
tabs?.addEventListener("message", ({ data }) => {
  if (data.asks === tab) tabs.postMessage({ taken: data.page });
  if (data.taken === page) sessionStorage.setItem(TAB, (tab = fresh()));
});
tabs?.postMessage({ asks: tab, page });
let revision = Number(form.dataset.revision);
let sent = "draftSent" in form.dataset ? fields() : ""; // what the form held once its edit was taken in
let saved = body();
let timer;
let saving = null;
let isStale = false;
let isLeft = false;

export function fields() {
  const pairs = [...new FormData(form)].filter(([name, value]) => !LEFT_OUT.includes(name) && typeof value === "string" && value !== "");
  const pictures = [...form.querySelectorAll("[name=picture]")].map(({ value }) => ["picture", value]); // also those that are left out
  return new URLSearchParams([...pairs, ...pictures]).toString();
}
function body() {
  const show = new URLSearchParams(location.search).get("show");
  return `${fields()}${show ? `&show=${encodeURIComponent(show)}` : ""}${fields() === sent ? "&sent=1" : ""}`;
}
const isChanged = () => !isStale && body() !== saved;

export function changed() {
  isLeft = false; // not every beforeunload leads away: a download does not
  clearTimeout(timer);
  if (isChanged()) timer = setTimeout(save, MOMENT_MS);
}
export function wasSent() {
  sent = fields();
  changed();
}

function post(text, keepalive = false) {
  const headers = { "X-CSRFToken": token(), "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded" };
  return fetch(form.dataset.saves, { method: "POST", keepalive, headers, body: `${text}&revision=${revision}&tab=${tab}&at=${Date.now()}` }).catch(() => null);
}
async function save({ isLeaving = false } = {}) {
  clearTimeout(timer);
  if (!isChanged() || (saving && !isLeaving)) return;
  const now = body();
  saving = post(now, isLeaving);
  const answer = await saving;
  saving = null;
  if (answer?.ok) {
    saved = now;
    ({ revision } = await answer.json());
    changed();
  } else if (answer?.status === 409) {
    conflict(await answer.json());
  } else if (answer && [401, 403].includes(answer.status)) {
    if (await signIn({ isPress: false })) changed();
  } else if (answer?.status !== 413) {
    timer = setTimeout(save, AGAIN_MS);
  }
}

// Nothing is overwritten in silence: one of the two is chosen.
function conflict({ revision: latest }) {
  isStale = true;
  const box = toast(say(form, "draftElsewhere"), "warn");
  const choice = (words, act) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn tiny", textContent: words });
    button.addEventListener("click", () => { box.remove(); act(); });
    box.append(button);
  };
  box.dataset.stays = "";
  choice(say(form, "draftLoad"), () => location.assign(form.action));
  choice(say(form, "draftKeep"), () => {
    isStale = false;
    revision = latest;
    changed();
  });
}

for (const name of ["input", "change"]) form.addEventListener(name, changed);
for (const name of ["source:changed", "model:changed", "htmx:pushedIntoHistory"]) document.addEventListener(name, changed);

// On the way out there may be no answer any more, or no connection: the next visit in this tab takes it up from here.
function leave() {
  if (isLeft || !isChanged()) return;
  isLeft = true;
  sessionStorage.setItem(UNSAVED, JSON.stringify([Date.now(), revision, location.search, body()]));
  save({ isLeaving: true });
}
addEventListener("beforeunload", leave);
addEventListener("pagehide", leave);
addEventListener("pageshow", () => { isLeft = false; });
document.getElementById("clear-draft").addEventListener("submit", () => { isStale = true; });

// What was entered in the last moment before, as pairs; null where the server has it, or somebody has gone on since.
export function unsaved() {
  const [at, seen, address, text] = JSON.parse(sessionStorage.getItem(UNSAVED) ?? "[]");
  sessionStorage.removeItem(UNSAVED);
  const [by, savedAt] = (form.dataset.savedBy ?? "").split(" ");
  const isMine = (by === tab ? Number(savedAt) < at : seen === revision) && address === location.search && !("refused" in form.dataset);
  return isMine && text !== saved ? new URLSearchParams(text) : null;
}

// A list of pictures is drawn by the server: it is saved first, and the page is loaded again.
export async function bringBack(pairs) {
  sessionStorage.setItem(UNSAVED, JSON.stringify([Date.now(), revision, location.search, pairs.toString()])); // for another reload meanwhile
  const answer = await post(pairs.toString());
  if (!answer?.ok) return;
  sessionStorage.removeItem(UNSAVED);
  isStale = true;
  location.reload();
}
