// Tells the server the time zone of this browser: with the forms that sign somebody in, and once for people without one.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
for (const field of document.querySelectorAll("[data-browser-zone]")) field.value = zone;

const address = document.body.dataset.zoneWanted;
if (address && zone) tell();

// The page is drawn again only if nobody has begun to use it.  The next one is in the new zone anyway.
async function tell() {
  let isUsed = false;
  for (const sign of ["keydown", "pointerdown"]) addEventListener(sign, () => { isUsed = true; }, { capture: true, once: true });
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ time_zone: zone }), headers }).catch(() => null);
  if (!answer?.ok) return;
  const { differs } = await answer.json();
  if (differs && !isUsed) location.reload();
}
