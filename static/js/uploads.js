// A queue of uploads: three at once, with progress.  One that breaks off is tried again by itself until it is there or canceled.
//
//   waiting ──▶ sending ──▶ checking ──▶ done
//      ▲           │
//      └── paused ◀┘  no connection, or a server that is away: 1, 2, 4 … 30 s, and at once when the browser is online again
//
// upload(file, { address, fields, field, accept, tell }) gives { done, cancel }.  ``done`` resolves to { status, type, text }
// whatever the server said in the end, or to null once it is canceled; ``tell(state, value)`` says how it goes: "waiting",
// "sending" with a share from 0 to 1, "checking", "paused" with the seconds until the next try, "offline".
// For many files ask with accept "application/json": { reference, name, preview, … }, or { error: { message } }.
import { signIn, token } from "./base.js";

export const MOST_BYTES = 50 * 1024 * 1024;
export const megabytes = ({ size }) => (size / 1e6).toFixed(1);

const AT_ONCE = 3;
const LONGEST_PAUSE = 30;
const AGAIN = [0, 408, 425, 429, 502, 503, 504];
const waiting = [];
let running = 0;

export function upload(file, options) {
  const job = { file, tell: () => {}, accept: "text/html", field: "image", fields: {}, tries: 0, ...options };
  const done = new Promise((resolve) => { job.resolve = resolve; });
  job.tell("waiting");
  waiting.push(job);
  next();
  return { done, cancel: () => cancel(job) };
}

function next() {
  while (running < AT_ONCE && waiting.length) send(waiting.shift());
}

function send(job) {
  running += 1;
  const body = new FormData();
  for (const [name, value] of Object.entries(job.fields)) body.set(name, value);
  body.set(job.field, job.file);
  const request = new XMLHttpRequest();
  job.request = request;
  request.open("POST", job.address);
  request.setRequestHeader("X-CSRFToken", token());
  request.setRequestHeader("Accept", job.accept);
  request.setRequestHeader("HX-Request", "true"); // signed out, the answer is 401 and not the sign-in page
  request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
    if (lengthComputable) job.tell(...(loaded < total ? ["sending", loaded / total] : ["checking"]));
  });
  request.addEventListener("loadend", () => {
    running -= 1;
    if (!job.isCanceled) answered(job, request);
    next();
  });
  job.tell("sending", 0);
  request.send(body);
}

async function answered(job, request) {
  const { status } = request;
  const type = request.getResponseHeader("Content-Type") ?? "";
  if (status === 401 || (status === 403 && !job.wasRefused)) {
    job.wasRefused = status === 403; // a token from before somebody signed in again; a second time it is something else
    if (!(await signIn())) return job.resolve({ status, type, text: "" });
    return again(job, 0);
  }
  if (AGAIN.includes(status)) {
    job.tries += 1;
    const pause = Math.min(2 ** (job.tries - 1), LONGEST_PAUSE);
    return again(job, Math.max(pause, Number(request.getResponseHeader("Retry-After")) || 0));
  }
  job.resolve({ status, type, text: request.responseText });
}

function again(job, seconds) {
  if (job.isCanceled) return;
  const go = () => {
    clearTimeout(job.timer);
    removeEventListener("online", go);
    if (job.isCanceled) return;
    waiting.unshift(job);
    next();
  };
  if (!seconds) return go();
  addEventListener("online", go);
  if (navigator.onLine) {
    job.tell("paused", seconds);
    job.timer = setTimeout(go, seconds * 1000);
  } else {
    job.tell("offline");
  }
}

function cancel(job) {
  job.isCanceled = true;
  clearTimeout(job.timer);
  const at = waiting.indexOf(job);
  if (at >= 0) waiting.splice(at, 1);
  job.request?.abort();
  job.resolve(null);
}
