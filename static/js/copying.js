// Copying text: data-copy="text" on a button, data-copied="…" for a sentence after "Copied."
//
// Over plain http a page has no clipboard, and a browser may refuse it.  Then the text is copied as people do it: selected
// in a field, by the browser's own command.  Where that fails too it is left selected, and a sentence says which keys to press.
import { mac, say, toast } from "./base.js";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const { copy: text, copied = "" } = button.dataset;
  if (await inClipboard(text) || bySelecting(text, button)) toast(`${say(document.body, "copied")} ${copied}`.trim());
  else byHand(text, button);
});

async function inClipboard(text) {
  try {
    await navigator.clipboard.writeText(text); // no such thing over plain http
    return true;
  } catch {
    return false;
  }
}

function bySelecting(text, button) {
  const before = document.activeElement;
  const shown = fieldBeside(button, text);
  const field = shown ?? fieldOf(text);
  if (!shown) button.after(field); // inside the menu that it may be in, or the menu would shut
  select(field);
  const done = document.execCommand("copy");
  if (!shown) field.remove();
  if (done) before?.focus({ preventScroll: true });
  return done;
}

function byHand(text, button) {
  const how = matchMedia("(pointer: coarse)").matches ? "holdToCopy" : "pressToCopy";
  const box = toast(say(document.body, how, { keys: mac ? "⌘C" : "Ctrl+C" }), "error");
  let field = fieldBeside(button, text);
  if (!field) box.append(field = fieldOf(text));
  select(field);
}

const fieldBeside = (button, text) =>
  [...button.parentElement.querySelectorAll("input[readonly]")].find(({ value }) => value === text);

function fieldOf(text) {
  const field = document.createElement("textarea");
  field.className = "to-copy";
  field.readOnly = true;
  field.setAttribute("aria-label", say(document.body, "toCopy"));
  field.value = text;
  return field;
}

function select(field) {
  field.focus({ preventScroll: true });
  field.select();
}
