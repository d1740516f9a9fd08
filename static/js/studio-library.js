// The dialog of past prompts and presets.  Each list is asked for when it is opened; what is chosen there fills the form.
const dialog = document.getElementById("library");
const body = document.getElementById("library-body");
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-library]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const menu = link.closest("details.menu");
  if (menu) menu.open = false;
  for (const tab of dialog.querySelectorAll("[data-library]")) {
    if (tab.href === link.href) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  body.replaceChildren();
  if (!dialog.open) dialog.showModal();
  htmx.ajax("GET", link.href, { source: body, target: body }).then(() => {
    const part = body.querySelector("[data-title]");
    if (!part) return;
    document.getElementById("library-title").textContent = part.dataset.title;
    part.querySelector("[autofocus]")?.focus();
  });
});
