// Scripts that come with their first use.  What asked for one waits while it loads, and then happens.
import { say, toast } from "./base.js";

// Resolves once it is there; where it cannot be had that is said, and the next use asks for it again.
export function fetched(load) {
  return load().catch((error) => {
    toast(say(document.body, "unreachable"), "error");
    throw error;
  });
}

// A click on what matches is made again once its script listens.  It begins to load when the pointer or the focus comes near.
const NEAR = ["pointerover", "focusin"];
export function later(selector, load) {
  const near = ({ target }) => { if (target.closest?.(selector)) load().catch(() => {}); };
  const first = (event) => {
    const control = event.target.closest?.(selector);
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    fetched(load).then(() => {
      document.removeEventListener("click", first, true);
      for (const kind of NEAR) document.removeEventListener(kind, near);
      control.click();
    }, () => {});
  };
  document.addEventListener("click", first, true);
  for (const kind of NEAR) document.addEventListener(kind, near);
}

later("[data-copy]", () => import("./copying.js"));
