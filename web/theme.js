// Light, dark, or as the system has it.

import { byId, store, stored } from "./dom.js";

const KEY = "studio.theme";

export function start() {
  const theme = byId("theme");
  const kept = stored(localStorage, KEY) ?? "auto";
  theme.querySelector(`[value="${kept === "light" || kept === "dark" ? kept : "auto"}"]`).checked = true;
  apply(kept);
  theme.addEventListener("change", ({ target }) => {
    store(localStorage, KEY, target.value);
    apply(target.value);
  });
}

function apply(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
