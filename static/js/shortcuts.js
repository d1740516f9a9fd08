// Fills the "?" dialog with this page's keys, from the elements that have them; keys.js loads it with the first use.

const GLYPHS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Enter: "Enter", Delete: "Del" };

function words(element) {
  const said = element.dataset.keyLabel ?? element.getAttribute("aria-label");
  if (said) return said;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((cap) => cap.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

export function list(dialog, controls, keysOf, mac) {
  if (dialog.open) return;
  const glyphs = { ...GLYPHS, Mod: mac ? "⌘" : "Ctrl" };
  const also = [...document.querySelectorAll("[data-key-also]")].map((element) => [element.dataset.keyAlso, element.dataset.keyLabel]);
  const lines = new Map([...controls.map((element) => [keysOf(element), words(element)]), ...also]);
  dialog.querySelector(".keys").replaceChildren(...[...lines].flatMap(([keys, label]) => [line("dt", label), line("dd", "", keys, glyphs)]));
  dialog.showModal();
}
function line(tag, text, keys = "", glyphs = {}) {
  const cell = document.createElement(tag);
  cell.textContent = text;
  for (const key of keys === "+" ? ["+"] : keys.split(/[ +]/).filter(Boolean)) {
    const cap = document.createElement("kbd");
    cap.textContent = glyphs[key] ?? key;
    cell.append(cap, " ");
  }
  return cell;
}
