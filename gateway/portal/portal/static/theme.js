// Sets light or dark before anything is drawn: the reader's choice, or else the system's.
(() => {
  "use strict";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = () => {
    const dark = (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.documentElement.classList.toggle("dark-mode", dark); // what Swagger UI looks at
  };
  system.addEventListener("change", apply);
  apply();
  window.switchTheme = () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* kept for this page only */ }
    document.documentElement.dataset.theme = next;
    document.documentElement.classList.toggle("dark-mode", next === "dark");
  };
})();
