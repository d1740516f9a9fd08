// Pictures for a run of a recipe: each is uploaded by itself, then the server shows all of them and what they cost.
import { grouped, say } from "./base.js";
import { MOST_BYTES, megabytes, upload } from "./uploads.js";

const MOST = 200;
const fields = () => document.getElementById("run-fields");
const leftOut = document.getElementById("left-out");
let running = 0;

document.addEventListener("change", ({ target }) => {
  if (target.id === "id_image" && target.dataset.check) addAll(target);
});

// A press in the meantime would leave out what is still on its way.
document.addEventListener("submit", (event) => {
  if (!running || event.submitter?.name !== "run") return;
  event.preventDefault();
  document.getElementById("uploading").scrollIntoView({ block: "nearest" });
});

async function addAll(input) {
  const files = [...input.files];
  const room = MOST - fields().querySelectorAll("[name=picture]").length;
  input.value = "";
  leftOut.replaceChildren();
  if (files.length > room) refuse(say(leftOut, "tooMany", { most: MOST, number: grouped(files.length - room) }));
  running += 1;
  const jobs = files.slice(0, room).map((file) => add(file, input));
  jobs.forEach((job) => job.then(() => tell(input, jobs)));
  (await Promise.all(jobs)).forEach(keep); // in the order of the files, whichever came first
  running -= 1;
  if (!running) fields().dispatchEvent(new Event("refresh-run"));
}

async function add(file, input) {
  if (file.size > MOST_BYTES) return refuse(say(leftOut, "tooLarge", { name: file.name, megabytes: megabytes(file) }));
  const answer = await upload(file, { address: input.dataset.check, accept: "application/json", fields: { model: input.dataset.model } }).done;
  const said = read(answer?.text ?? "");
  if (answer?.status !== 200 || !said.reference) {
    return refuse(say(leftOut, "why", { name: file.name, sentence: said.error?.message ?? say(leftOut, "failed") }));
  }
  return said.reference;
}

function keep(reference) {
  if (reference) fields().append(Object.assign(document.createElement("input"), { type: "hidden", name: "picture", value: reference }));
}

// How many of the files are behind us; the upload of others goes on.
function tell(input, jobs) {
  jobs.ended = (jobs.ended ?? 0) + 1;
  document.getElementById("uploading").textContent = say(leftOut, "uploading", { done: grouped(jobs.ended), total: grouped(jobs.length) });
}

function refuse(sentence) {
  leftOut.append(Object.assign(document.createElement("li"), { textContent: sentence }));
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
