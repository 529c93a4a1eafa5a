// The staff pages work without this file. It keeps the words of clocks right each minute, keeps a decision as a draft
// while it is written, and gives the queue its single keys, which can be turned off and never work in a field.

// Clocks. The time is the server's; only words and colour change, so nothing moves.
const stamp = document.querySelector("[data-now]");
const ahead = stamp ? Date.parse(stamp.dataset.now) - Date.now() : 0;

function timeLeft(due, now) {
  const late = now >= due;
  const minutes = Math.floor(Math.abs(due - now) / 60000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60);
  const rest = String(minutes % 60).padStart(2, "0");
  let words = minutes ? `${minutes} min` : "under 1 min";
  if (days) words = `${days} day${days === 1 ? "" : "s"}`;
  else if (hours) words = rest === "00" ? `${hours} h` : `${hours} h ${rest} min`;
  return late ? `${words} late` : words;
}

function tellTime() {
  const now = Date.now() + ahead;
  for (const one of document.querySelectorAll("[data-due]")) {
    const due = Date.parse(one.dataset.due);
    const state = now >= due ? "late" : now >= Date.parse(one.dataset.warn) ? "soon" : "running";
    const words = timeLeft(due, now);
    one.textContent = state === "late" ? words : (one.dataset.before ?? "") + words;
    const row = one.closest("tr");
    const panel = one.closest(".fd-clock");
    for (const name of ["late", "soon"]) {
      one.classList.toggle(`fd-${name}`, state === name);
      row?.classList.toggle(`fd-edge-${name}`, state === name);
      panel?.classList.toggle(`fd-clock--${name}`, state === name);
    }
  }
}
if (document.querySelector("[data-due]")) setInterval(tellTime, 60000);

// A list that has stood for ten minutes says so; no row moves until somebody asks for the latest.
const age = document.querySelector("[data-age]");
if (age) setTimeout(() => { age.textContent = "This list may be out of date. Updated"; }, 600000);

// A decision is kept as a draft a while after the last key, so that an ended session costs nothing.
const form = document.querySelector("form[data-keep]");
if (form) {
  const said = form.querySelector("[data-kept]");
  let timer = 0;
  const keep = async () => {
    const body = new FormData(form);
    body.set("act", "draft");
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body, headers: { "X-Kept-By": "script" } });
      said.textContent = answer.status === 204
        ? `Draft saved ${new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}. Only you can see it.`
        : "Your draft could not be saved. Save it before you leave this page.";
    } catch {
      said.textContent = "Your draft could not be saved. Save it before you leave this page.";
    }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 20000); });
  form.addEventListener("submit", () => clearTimeout(timer));
}

// How many texts a reply comes to, counted as the carrier counts: 160 letters of GSM 03.38, or 70 of any others.
const text = document.querySelector("textarea[data-count-texts]");
if (text) {
  const one = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const two = "\f^{}\\[~]|€";
  const said = document.querySelector("[data-texts]");
  const count = () => {
    const letters = [...text.value];
    const plain = letters.every((letter) => one.includes(letter) || two.includes(letter));
    const sizes = letters.map((letter) => (plain ? (two.includes(letter) ? 2 : 1) : letter.length));
    const units = sizes.reduce((sum, size) => sum + size, 0);
    const [alone, joined] = plain ? [160, 153] : [70, 67];
    let parts = 1;
    let used = units;
    if (units > alone) {
      used = 0;
      for (const size of sizes) {
        if (used + size > joined) { parts += 1; used = 0; }
        used += size;
      }
    }
    const room = (parts === 1 ? alone : joined) - used;
    said.textContent = `${parts === 1 ? "1 text" : `${parts} texts`} long, ${units} of ${units + room} characters.`;
  };
  text.addEventListener("input", count);
  document.querySelector("[data-count-button]").hidden = true;
  count();
}

// Single keys of the queue.
const keys = document.querySelector("[data-keys]");
if (keys) {
  const chosen = "single-keys";
  const button = keys.querySelector("[data-keys-switch]");
  const isOn = () => localStorage.getItem(chosen) !== "off";
  const show = () => {
    button.textContent = isOn() ? "Turn single keys off" : "Turn single keys on";
    for (const one of keys.querySelectorAll("[data-single]")) one.hidden = !isOn();
  };
  button.addEventListener("click", () => { localStorage.setItem(chosen, isOn() ? "off" : "on"); show(); });
  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest("input, select, textarea, [contenteditable]");
    if (!isOn() || inField || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "j") document.querySelector(".fd-queue tbody td a")?.focus();
    if (event.key === "r") location.reload();
  });
  keys.hidden = false;
  show();
}

// Printing is a look of its own, and is logged as one.
const printed = document.querySelector("[data-printed]");
if (printed) addEventListener("beforeprint", () => {
  fetch(printed.dataset.printed, { method: "POST", keepalive: true, body: new URLSearchParams({ csrf_token: printed.dataset.token }) }).catch(() => {});
});

// What is folded away on the screen stands open on paper.
addEventListener("beforeprint", () => document.querySelectorAll("details[data-print-open]:not([open])").forEach((one) => { one.open = true; one.dataset.opened = ""; }));
addEventListener("afterprint", () => document.querySelectorAll("details[data-opened]").forEach((one) => { one.open = false; delete one.dataset.opened; }));
