// Everything works without this file. It adds GOV.UK Frontend's behaviour and arrow keys in a queue.
import { initAll } from "./govuk/6.3.0/govuk-frontend.min.js";

initAll();

// The arrows move from row to row of a queue; Enter opens, since each row holds a link.
for (const queue of document.querySelectorAll(".fd-queue")) {
  const rows = [...queue.querySelectorAll("tbody td a:first-child")];
  queue.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = rows.indexOf(document.activeElement);
    if (!step || here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    rows[Math.min(Math.max(here + step, 0), rows.length - 1)].focus();
  });
}
