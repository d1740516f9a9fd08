// Times of day in the reader's own zone, and a poll that rests while the page shows nothing active.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "poll" && !document.querySelector(".polled")) event.preventDefault();
});

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
export function localize(root = document) {
  for (const time of root.querySelectorAll("time[data-clock]:not([title])")) {
    const at = new Date(time.dateTime);
    time.textContent = clock.format(at);
    time.title = full.format(at);
  }
}
localize();
document.addEventListener("htmx:afterSettle", () => localize());
document.addEventListener("htmx:oobAfterSwap", () => localize());
