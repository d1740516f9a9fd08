// Dropping a picture anywhere on the studio: files, pictures of our own pages, and a sentence for those of other sites.
import { complain, take, useOwn } from "./studio-source.js";

const form = document.getElementById("edit-form");
const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const EDIT = new RegExp(`^edits/(${ID})/(?:(result|source|map|download)/.*)?$`);
let depth = 0;
let isPlainLink = false; // that this page itself lets go

addEventListener("dragstart", ({ target }) => { isPlainLink = !(target.matches?.("img") || target.querySelector?.("img")); });
addEventListener("dragend", () => { isPlainLink = false; rest(); });

// What is dragged can only be read once it is dropped; before, there are only its kinds.  In text fields addresses are text.
function carriesPicture({ dataTransfer, target }) {
  const types = dataTransfer?.types ?? [];
  if (types.includes("Files")) return true;
  return types.includes("text/uri-list") && !isPlainLink && !target.closest?.("textarea, input[type=text], input[type=number]");
}
addEventListener("dragenter", (event) => {
  if (!carriesPicture(event)) return;
  event.preventDefault();
  depth += 1;
  document.body.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (carriesPicture(event) && --depth <= 0) rest();
});
addEventListener("dragover", (event) => carriesPicture(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!carriesPicture(event)) return;
  event.preventDefault();
  rest();
  const files = [...event.dataTransfer.files];
  const own = ownPicture(event.dataTransfer.getData("text/uri-list"));
  if (own) useOwn(own);
  else if (files.length) take(files);
  else complain("saveFirst");
});
document.addEventListener("drop:done", rest);
function rest() {
  depth = 0;
  document.body.classList.remove("dropping");
}

// How the studio's address names the picture of an edit or a sample that this link leads to; "" for anything else.
function ownPicture(list) {
  const line = list.split(/\r?\n/).find((one) => one && !one.startsWith("#")) ?? "";
  if (!URL.canParse(line)) return "";
  const { origin, pathname, searchParams } = new URL(line);
  const home = new URL(form.action);
  if (origin !== home.origin || !pathname.startsWith(home.pathname)) return "";
  const [, id, part] = pathname.slice(home.pathname.length).match(EDIT) ?? [];
  if (id) return `from=${id}&use=${part === "source" ? "source" : "result"}`;
  if (pathname !== home.pathname) return "";
  if (searchParams.has("sample")) return `sample=${encodeURIComponent(searchParams.get("sample"))}`;
  const shown = searchParams.get("from") ?? searchParams.get("show");
  return shown ? `from=${encodeURIComponent(shown)}&use=result` : "";
}
