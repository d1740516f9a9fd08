// The tree of a lineage by arrow keys: ← to what an edit was made of, → to what was made of it, ↑ and ↓ among those beside it.

const tree = document.querySelector("[data-tree]");
const linkOf = (item) => item?.querySelector(":scope > [data-node], :scope > .node > a");
const itemOf = (link) => link?.closest("li");

function beside(item, side) {
  for (let at = item; at; at = at.parentElement.closest("li")) {
    if (at[side]) return at[side];
  }
  return null;
}
const WAYS = {
  ArrowLeft: (item) => item.parentElement.closest("li"),
  ArrowRight: (item) => item.querySelector(":scope > ol > li"),
  ArrowUp: (item) => beside(item, "previousElementSibling"),
  ArrowDown: (item) => beside(item, "nextElementSibling"),
};

document.addEventListener("keydown", (event) => {
  const way = WAYS[event.key];
  if (!way || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.body.dataset.shortcuts === "off") return;
  if (document.querySelector("dialog[open]") || (document.activeElement !== document.body && !tree.contains(document.activeElement))) return;
  const from = itemOf(tree.contains(document.activeElement) ? document.activeElement : null);
  const to = from ? linkOf(way(from)) : tree.querySelector("[aria-current]");
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
});
const current = tree.querySelector("[aria-current]");
if (current?.getBoundingClientRect().right > innerWidth) current.scrollIntoView({ block: "nearest", inline: "center" });
