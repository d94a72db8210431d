// The theme button, buttons that ask before they act, printing, and codes of links.
const root = document.documentElement;

document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  document.dispatchEvent(new CustomEvent("theme"));
});

document.addEventListener("submit", (event) => {
  const asked = event.target.dataset.confirm;
  if (asked && !window.confirm(asked)) event.preventDefault();
});

// A form goes once, however often its button is pressed; back from the next page, it may go again. The till sends its own.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || root.dataset.sends || !form.matches("[method=post]:not([data-downloads])")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Where the side bar is longer than the window, the page that is open is not out of sight.
const side = document.querySelector(".side nav");
const here = side?.querySelector("[aria-current]");
if (here) side.scrollTop = here.offsetTop - side.clientHeight / 2;

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

// A link carries its one-time code behind the #, which no server and no log sees.
const invited = document.querySelector("[data-code-from-link] [name=code]");
if (invited && location.hash.length > 1) {
  invited.value ||= decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
}

// A code that lives for a minute: the next one comes before this one dies, and at once when the page is looked at again.
const fresh = document.querySelector("[data-fresh]");
async function renew() {
  const answer = await fetch(fresh.dataset.fresh, { signal: AbortSignal.timeout(8000) }).catch(() => null);
  document.querySelector("[data-fresh-fault]").hidden = Boolean(answer?.ok);
  fresh.hidden = !answer?.ok;
  if (answer?.ok) fresh.innerHTML = await answer.text();
}
if (fresh) {
  setInterval(() => document.hidden || renew(), Number(fresh.dataset.seconds) * 1000);
  document.addEventListener("visibilitychange", () => document.hidden || renew());
}
