// The review page: shows what fits the chosen decision, and what the author will read, before it is sent.
const form = document.querySelector("[data-decide]");
const timeline = () => document.getElementById("timeline");

if (form) {
  const reason = form.elements.reason;
  const chosen = () => form.querySelector("[name=decision]:checked");
  const chips = [...form.querySelectorAll("[data-for]")];
  const textOf = (chip) => chip.firstElementChild.dataset.text;

  function pick(chip) {
    chip.firstElementChild.checked = true;
    reason.value = textOf(chip);
  }

  function choose(option) {
    // Ready-made words of another decision would be nonsense here; one's own stay.
    const stale = chips.filter((chip) => chip.dataset.for !== option.value);
    if (stale.some((chip) => textOf(chip) === reason.value)) reason.value = "";
    for (const chip of stale) chip.firstElementChild.checked = false;
    // A release is most often of a false alarm; for all else one has to say what it is.
    if (option.value === "released" && !reason.value) pick(chips.find((chip) => chip.dataset.for === "released"));
    show();
  }

  function show() {
    const option = chosen();
    form.querySelector("[data-counter]").textContent = reason.value.length > 400 ? `${reason.value.length} / ${reason.maxLength}` : "";
    if (!option) return;
    const { button, label, reads, needs } = option.dataset;
    reason.required = Boolean(needs);
    form.querySelector("[data-button-words]").textContent = button;
    form.querySelector("[data-words-label]").textContent = label;
    form.querySelector("[data-preview]").textContent = needs ? `“${reads} ${reason.value.trim() || "…"}”` : `“${reads}”`;
  }

  form.addEventListener("change", ({ target }) => {
    if (target.name === "decision") {
      choose(target);
      target.focus(); // Enter on a radio button sends the form: a digit, then Enter, decides
    } else if (target.name === "canned") {
      pick(target.closest("[data-for]"));
      show();
    }
  });
  form.addEventListener("input", ({ target }) => {
    if (target !== reason) return;
    for (const chip of chips) chip.firstElementChild.checked = textOf(chip) === reason.value;
    show();
  });
  if (chosen()) choose(chosen());
}

// Full size at one press: every step up to it is asked for, one after the other, and each of them is in the timeline.
const FULL = 3;
let leaving = false; // a refused step loads the page again
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => { leaving ||= detail.xhr.getResponseHeader("HX-Refresh") === "true"; });
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-through]");
  if (!button || button.disabled) return;
  button.disabled = true;
  const { action, elements: { which } } = button.form;
  const figure = `#figure-${which.value}`;
  for (let step = Number(button.dataset.through) + 1; step <= FULL && !leaving; step++) {
    const swap = step === FULL ? "outerHTML" : "none";
    await window.htmx.ajax("POST", action, { source: button, target: figure, swap, values: { which: which.value, step } });
  }
  document.getElementById(`uncover-${which.value}`)?.focus();
});

// A picture that has come is in the timeline by now.
document.addEventListener("load", ({ target }) => {
  if (Number(target.dataset?.step) > 0 && timeline()) {
    window.htmx.ajax("GET", timeline().dataset.from, { target: "#timeline", select: "#timeline", swap: "outerHTML" });
  }
}, true);
