// Keyboard shortcuts.  The page says them itself: data-key on a visible control is both the key and its line in the "?" dialog.
//
//   data-key="m"          one key            data-key="g h"          one after the other
//   data-key="Shift+D"    with Shift         data-key="Mod+Enter"    Ctrl, or Command on a Mac; works in text fields too
//   data-key-label="…"    words for the dialog, where the control's own do not do
//   data-key-off="…"      says why the key does nothing, on a control that is disabled
//   data-key-also="m"     a key that something else takes care of: only its line
//   data-hold             fires "hold:start" and "hold:end" on the control instead of a click
//
// A key clicks its control, or focuses it if it is a field.  [data-search] has "/" without saying so.
// <body data-shortcuts="off"> switches off every key without Ctrl or Alt (WCAG 2.1.4).

import { mac, toast } from "./base.js";
import { fetched } from "./later.js";

const FIELDS = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=button], [type=submit])";
const SEQUENCE_MS = 1200;
let first = "";
let timer;
let held = null;

function named(event) {
  const key = event.key === " " ? "Space" : event.key;
  // Of a sign such as "?" Shift is a part already; of a letter or a named key it is not.
  const shift = event.shiftKey && (key.length > 1 || key.toLowerCase() !== key.toUpperCase());
  return (event.ctrlKey || event.metaKey ? "Mod+" : "") + (event.altKey ? "Alt+" : "") + (shift ? "Shift+" : "") + key;
}

const keysOf = (element) => element.dataset.key ?? "/";
const controls = () => [...document.querySelectorAll("[data-key], [data-search]")].filter((element) => !element.disabled && !element.closest("[hidden], [inert]"));
const shown = (element) => element.getClientRects().length > 0;
const same = (said, pressed) => said.toLowerCase() === pressed.toLowerCase();

function find(pressed) {
  const scope = document.querySelector("dialog[open]");
  const all = controls().filter((element) => same(keysOf(element), pressed) && (!scope || scope.contains(element)));
  return all.find(shown) ?? all[0];
}

// A key that is off here says so, in the words of its control.
function why(pressed) {
  const off = [...document.querySelectorAll("[data-key-off]:disabled")].find((element) => same(keysOf(element), pressed));
  return off?.dataset.keyOff;
}

function act(element) {
  if ("hold" in element.dataset) {
    held = element;
    element.dispatchEvent(new CustomEvent("hold:start", { bubbles: true }));
  } else if (element.matches(FIELDS)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const pressed = named(event);
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const typing = event.target.matches?.(FIELDS) || (event.target.type === "range" && /Arrow|Home|End|Page/.test(pressed));
  if (plain && (typing || document.body.dataset.shortcuts === "off")) {
    if (event.key === "Escape" && event.target.matches?.("[data-search]")) event.target.blur();
    return;
  }
  if (event.repeat && held) return event.preventDefault();
  const element = find(first ? `${first} ${pressed}` : pressed);
  clearTimeout(timer);
  const before = first;
  first = "";
  if (element) {
    event.preventDefault();
    act(element);
  } else if (!before && why(pressed)) {
    event.preventDefault();
    toast(why(pressed));
  } else if (!before && controls().some((control) => keysOf(control).startsWith(`${pressed} `))) {
    first = pressed;
    timer = setTimeout(() => { first = ""; }, SEQUENCE_MS);
  }
});
function release() {
  held?.dispatchEvent(new CustomEvent("hold:end", { bubbles: true }));
  held = null;
}
document.addEventListener("keyup", release);
addEventListener("blur", release);

// The "?" dialog: this page's keys, from the same elements.
document.addEventListener("click", ({ target }) => {
  const dialog = target.closest("[data-shortcuts-open]") && document.getElementById("shortcuts");
  if (dialog) fetched(() => import("./shortcuts.js")).then(({ list }) => list(dialog, controls(), keysOf, mac), () => {});
});
