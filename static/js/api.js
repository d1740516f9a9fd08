// The reference of the API: sends a call with the key that was typed, and shows what comes back.  The key is kept nowhere.

const key = document.getElementById("api-key");
const LONGEST = 300; // characters of a text that are shown, so that a picture in Base64 does not bury the rest
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

document.querySelector("[data-key-form]").addEventListener("submit", (event) => event.preventDefault());
for (const form of document.querySelectorAll("form[data-call]")) {
  const curl = form.querySelector("[data-curl]");
  curl.addEventListener("click", () => { curl.dataset.copy = asCurl(form); }, true);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

// What was filled in, by where it goes: path, query, header or body.
function filled(form, where) {
  return [...form.elements]
    .filter((control) => control.dataset.in === where && control.value)
    .flatMap((control) => (control.type === "file" ? [...control.files] : [control.value]).map((value) => [control.name, value]));
}

// The path of a call below the site's own.
function address(form) {
  let path = form.dataset.path;
  for (const [name, value] of filled(form, "path")) path = path.replace(`{${name}}`, encodeURIComponent(value));
  const query = new URLSearchParams(filled(form, "query")).toString();
  return query ? `${path}?${query}` : path;
}

function asCurl(form) {
  const words = ["curl", quoted(form.dataset.address + address(form)), '-H "Authorization: Bearer $RETAKE_API_KEY"'];
  if (form.dataset.method !== "GET") words.splice(1, 0, "-X", form.dataset.method);
  for (const [name, value] of filled(form, "header")) words.push(`-H ${quoted(`${name}: ${value}`)}`);
  for (const [name, value] of filled(form, "body")) {
    words.push(value instanceof File ? `-F ${quoted(`${name}=@${value.name}`)}` : `--form-string ${quoted(`${name}=${value}`)}`);
  }
  return words.join(" ");
}

async function send(form) {
  const button = form.querySelector(".primary");
  const body = new FormData();
  for (const [name, value] of filled(form, "body")) body.append(name, value);
  const headers = new Headers(filled(form, "header"));
  headers.set("Authorization", `Bearer ${key.value}`);
  const began = performance.now();
  button.disabled = true;
  form.classList.add("is-sent");
  try {
    const options = { method: form.dataset.method, headers, credentials: "omit", cache: "no-store" };
    if (options.method !== "GET") options.body = body;
    const response = await fetch(form.dataset.root + address(form), options);
    show(form, response, await response.text(), performance.now() - began);
  } catch (error) {
    show(form, null, `The call did not arrive: ${error.message}`, performance.now() - began);
  } finally {
    button.disabled = false;
    form.classList.remove("is-sent");
  }
}

function show(form, response, text, took) {
  const box = form.parentElement.querySelector(".answer");
  const part = (name) => box.querySelector(`[data-${name}]`);
  const said = parsed(text);
  part("status").textContent = response ? `${response.status} ${response.statusText}` : "No answer";
  part("status").className = `badge ${response?.ok ? "ok" : "bad"}`;
  part("took").textContent = `${(took / 1000).toFixed(2)} s`;
  part("body").textContent = said === undefined ? text : JSON.stringify(said, shortened, 2);
  part("headers").textContent = response ? [...response.headers].map((pair) => pair.join(": ")).join("\n") : "";
  const picture = pictureOf(said);
  part("picture").hidden = !picture;
  if (picture) part("picture").src = picture;
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
  if (said?.object === "edit" || said?.data?.[0]?.finish_reason) offer(said.id);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const shortened = (name, value) =>
  typeof value === "string" && value.length > LONGEST
    ? `${value.slice(0, 60)}… (${value.length.toLocaleString("en")} characters)`
    : value;

// Links lead to this site: by their path they load under whatever name it was opened.
function pictureOf(said) {
  const { b64_json: data, url } = said?.data?.[0] ?? {};
  if (data) return `data:image/png;base64,${data}`;
  const link = url ?? said?.result?.url;
  if (!link) return "";
  const { pathname, search } = new URL(link);
  return pathname + search;
}

// The edit that was just made or looked at is most likely the one for the next call.
function offer(id) {
  for (const control of document.querySelectorAll("[data-in=path][name=id]")) {
    if (control.closest("form").dataset.path.startsWith("/v1/edits/")) control.value = id;
  }
}
