// The source, large on the stage, before there is a result: what is going to be edited.

const form = document.getElementById("edit-form");
const picture = () => document.querySelector(".launch .preview img");
let file = null;
let address = "";

// The file itself where the browser still holds it, or the stored picture in a larger width than the card's.
function largest(small) {
  const chosen = form.elements.image?.files[0] ?? null;
  if (chosen !== file) {
    URL.revokeObjectURL(address);
    address = chosen ? URL.createObjectURL(chosen) : "";
    file = chosen;
  }
  const upload = form.querySelector("#source [name=source]")?.value.match(/^upload:(.+)$/)?.[1];
  return address || (upload ? `${form.action}uploads/${upload}/` : small.replace(/\/320\/$/, "/1024/"));
}

function show() {
  const preview = picture();
  const small = document.querySelector("#source .source > img")?.getAttribute("src");
  if (!preview) return;
  preview.hidden = !small;
  if (!small) return preview.removeAttribute("src");
  const src = largest(small);
  if (preview.getAttribute("src") === src) return;
  preview.onerror = () => { preview.onerror = null; preview.src = small; }; // a kind that this browser cannot show
  preview.src = src;
}
document.addEventListener("source:changed", show);
show();
