// The review page: what fits the chosen decision is shown, and what the author will read stands there before one presses.
const form = document.querySelector("[data-decide]");
const timeline = () => document.getElementById("timeline");

if (form) {
  const reason = form.elements.reason;
  const chosen = () => form.querySelector("[name=decision]:checked");
  const chips = [...form.querySelectorAll("[data-for]")];
  const isReady = (text) => chips.some((chip) => chip.firstElementChild.dataset.text === text);

  function choose(option) {
    for (const chip of chips) {
      chip.hidden = Boolean(option) && chip.dataset.for !== option.value;
      if (chip.hidden) chip.firstElementChild.checked = false;
    }
    // Ready-made words of another decision would be nonsense here; one's own stay.
    const fits = chips.some((chip) => !chip.hidden && chip.firstElementChild.dataset.text === reason.value);
    if (isReady(reason.value) && !fits) reason.value = "";
    show();
  }

  function show() {
    const option = chosen();
    form.querySelector("[data-counter]").textContent = reason.value.length > 400 ? `${reason.value.length} / ${reason.maxLength}` : "";
    if (!option) return;
    const { button, label, reads, needs } = option.dataset;
    form.querySelector("[data-button-words]").textContent = button;
    form.querySelector("[data-words-label]").textContent = label;
    form.querySelector("[data-preview]").textContent = needs ? `“${reads} ${reason.value.trim() || "…"}”` : `“${reads}”`;
  }

  form.addEventListener("change", ({ target }) => {
    if (target.name === "decision") {
      choose(target);
      target.focus(); // Enter on a radio button sends the form: a digit, then Enter, decides
    } else if (target.name === "canned") {
      reason.value = target.dataset.text;
      show();
    }
  });
  form.addEventListener("input", ({ target }) => {
    if (target !== reason) return;
    for (const chip of chips) chip.firstElementChild.checked = chip.firstElementChild.dataset.text === reason.value;
    show();
  });
  if (chosen()) choose(chosen());
}

// A picture that has come is in the timeline by now.
document.addEventListener("load", ({ target }) => {
  if (Number(target.dataset?.step) > 0 && timeline()) {
    window.htmx.ajax("GET", location.href, { target: "#timeline", select: "#timeline", swap: "outerHTML" });
  }
}, true);
