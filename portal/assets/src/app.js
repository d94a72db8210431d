// The theme button, buttons that ask before they act, printing, and codes of links.
const root = document.documentElement;

document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  document.dispatchEvent(new CustomEvent("theme"));
});

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}

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
