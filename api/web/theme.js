// The colours that were chosen last, set before the page is drawn.
try {
  const chosen = localStorage.getItem("dateline.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage the system's colours are used.
}
