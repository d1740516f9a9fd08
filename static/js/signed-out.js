// Signed out while a page is open: a dialog asks for the password in place, and what was pressed is sent afterwards.
const dialog = document.getElementById("signed-out"); // not on pages for strangers
const meta = document.querySelector("meta[name=csrf-token]");
let asking = null;
let wasDismissed = false;

// Resolves to whether the same person is signed in again; somebody else gets a page of their own.  ``isPress`` asks again
// although the dialog was shut before.
export function signIn({ isPress = true } = {}) {
  if (!dialog || (wasDismissed && !isPress)) return Promise.resolve(false);
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

async function ask() {
  const found = await page(document.body.dataset.login);
  if (!found) return false; // no connection
  if (isSame(found)) return true; // in another tab, meanwhile
  const form = dialog.querySelector("form:not([method=dialog])");
  const errors = dialog.querySelector("[role=alert]");
  errors.replaceChildren();
  if (!dialog.open) dialog.showModal();
  form.elements.password.value = "";
  form.elements.password.focus();
  return new Promise((resolve) => {
    let known = found;
    const end = (value) => {
      form.removeEventListener("submit", send);
      dialog.removeEventListener("close", dismiss);
      wasDismissed = !value;
      dialog.close();
      resolve(value);
    };
    const dismiss = () => end(false);
    async function send(event) {
      event.preventDefault();
      const body = new FormData(form);
      body.set("csrfmiddlewaretoken", known?.querySelector("meta[name=csrf-token]")?.content ?? meta.content);
      known = await page(document.body.dataset.login, { method: "POST", body });
      if (isSame(known)) return end(true);
      const words = [...(known?.querySelectorAll("main .errorlist li, main p.muted") ?? [])].map((line) => line.textContent.trim());
      const lines = words.length ? words : [dialog.dataset.sayFailed];
      const list = Object.assign(document.createElement("ul"), { className: "errorlist" });
      list.append(...lines.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
      errors.replaceChildren(list);
      form.elements.password.select();
    }
    form.addEventListener("submit", send);
    dialog.addEventListener("close", dismiss);
  });
}

async function page(address, options = {}) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, ...options });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null; // no connection
  }
}

function isSame(found) {
  const person = found?.body.dataset.person;
  if (!person) return false;
  if (person !== document.body.dataset.person) {
    location.reload(); // what is on this page is not theirs
    return false;
  }
  const { content } = found.querySelector("meta[name=csrf-token]");
  meta.content = content;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = content;
  return true;
}
