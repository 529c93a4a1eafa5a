// A session ends by itself. This file says so two minutes before, and lets somebody stay; without it the words that were
// typed are kept all the same, on the page that asks to sign in again. All windows of one browser are one session.
const box = document.querySelector("[data-idle]");
if (box) {
  const WARN = 120000;
  const idle = Number(box.dataset.idle) * 1000;
  const ends = Date.parse(box.dataset.ends) - Date.parse(box.dataset.at) + Date.now(); // the server's clock, not ours
  const words = box.querySelector("[data-idle-words]");
  const stay = box.querySelector("button");
  const KEY = "last-used";
  const used = () => { try { localStorage.setItem(KEY, String(Date.now())); } catch { /* a browser that keeps nothing */ } };
  let mine = Date.now();
  const last = () => { try { return Math.max(mine, Number(localStorage.getItem(KEY)) || 0); } catch { return mine; } };
  let shown = "";

  const say = (state, text) => {
    if (shown === state) return;
    shown = state;
    box.hidden = !state;
    words.textContent = text;
    stay.hidden = state !== "idle";
  };
  const minutes = (time) => `${Math.max(1, Math.round(time / 60000))} minute${Math.round(time / 60000) > 1 ? "s" : ""}`;
  const typed = "What you typed on this page is not lost: press its button, and sign in again when you are asked.";

  const look = () => {
    const now = Date.now();
    const quiet = last() + idle - now;
    const whole = ends - now;
    if (quiet <= 0 || whole <= 0) say("over", `Your session has ended. ${typed}`);
    else if (whole <= WARN) say("whole", `Your session ends in ${minutes(whole)}, after its longest time. ${typed}`);
    else if (quiet <= WARN) say("idle", `You will be signed out in ${minutes(quiet)}.`);
    else say("", "");
  };

  stay.addEventListener("click", async () => {
    try {
      const body = new URLSearchParams({ csrf_token: box.dataset.token });
      const answer = await fetch(box.dataset.stay, { method: "POST", body, redirect: "error" });
      if (answer.status !== 204) throw new Error("over");
      mine = Date.now();
      used();
      look();
      document.querySelector("h1")?.setAttribute("tabindex", "-1");
      document.querySelector("h1")?.focus();
    } catch {
      say("failed", `We could not keep you signed in. ${typed}`);
    }
  });
  used();
  setInterval(look, 5000);
  addEventListener("storage", look);
  document.addEventListener("visibilitychange", look); // a computer that slept wakes up to the truth
}
