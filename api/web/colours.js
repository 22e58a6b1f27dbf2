// The switch between light and dark, and following the system. theme.js sets what was chosen last.

import { $, announce, icon } from "./dom.js";

const THEMES = ["auto", "light", "dark"];

export function colours() {
  const chosen = () => document.documentElement.dataset.theme ?? "auto";
  const control = $("#theme");
  const label = () => {
    control.title = `Colours: ${chosen() === "auto" ? "as the system" : chosen()}`;
    control.setAttribute("aria-label", control.title);
  };
  control.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length];
    if (next === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("dateline.theme", next);
    } catch {
      // It holds until the page is closed.
    }
    label();
    announce(control.title);
  });
  control.append(icon("theme"));
  label();
}
