// The site's few moving parts: theme button, menu, filter.
(() => {
  "use strict";
  document.getElementById("theme")?.addEventListener("click", () => window.switchTheme());

  // The menu is always open where there is room for it.
  const menu = document.getElementById("menu");
  const wide = matchMedia("(min-width: 60rem)");
  const fit = () => { menu.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();

  // Language links keep the place within the page.
  for (const link of document.querySelectorAll(".languages a")) {
    link.addEventListener("click", () => { link.hash = location.hash; });
  }

  const filter = document.querySelector("[data-filter]");
  filter?.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of document.querySelectorAll(filter.dataset.filter)) {
      const text = row.textContent.replaceAll("\u200b", "").toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    for (const group of document.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-row]:not([hidden])");
    }
    document.getElementById("filter-empty").hidden = shown > 0;
  });
})();
