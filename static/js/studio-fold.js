// Folding a chain loads the form again: what was typed for the next step comes along, at the end of the joined prompt.
import { write } from "./studio-prompts.js";

const KEY = "fold-then";
const prompt = document.getElementById("id_prompt");

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-fold]")) sessionStorage.setItem(KEY, prompt.value.trim());
});

const then = sessionStorage.getItem(KEY);
sessionStorage.removeItem(KEY);
if (then && new URLSearchParams(location.search).has("fold") && !prompt.value.includes(then)) {
  const before = prompt.value.trim();
  const stop = !before || /[.!?…。！？]$/.test(before) ? "" : /[\u3040-\u30ff\u3400-\u9fff]$/.test(before) ? "。" : ".";
  write(`${before}${stop}${before && !/[。！？]$/.test(before + stop) ? " " : ""}${then}`);
}
