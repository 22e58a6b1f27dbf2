// The dialog that asks for a key. Where it is kept, api.js knows.

import { key } from "./api.js";
import { $, h, replace, toast } from "./dom.js";

let asking = null;

// Resolves to whether a key was given; several that ask at once get one dialog.
export function askForKey(refused) {
  const used = key.get();
  if (used && used !== refused) return Promise.resolve(true);
  asking ??= dialog(refused).finally(() => (asking = null));
  return asking;
}

function dialog(refused) {
  const box = $("#key-dialog");
  return new Promise((resolve) => {
    const field = h("input", {
      type: "password",
      id: "key",
      class: "field",
      autocomplete: "off",
      spellcheck: "false",
      required: true,
      pattern: "[!-~]+",
      title: "letters, digits and signs, without blanks",
    });
    const remember = h("input", { type: "checkbox" });
    const cancel = h(
      "button",
      { type: "button", class: "link", onclick: () => box.close() },
      "Cancel",
    );
    const why = refused
      ? "The key that was given does not work: it may have been revoked, or have expired."
      : [
          "Whoever runs this server has made it answer only with a key: ",
          h("code", {}, "dateline keys add NAME"),
          " makes one.",
        ];
    const form = h(
      "form",
      {},
      h("h2", {}, "A key is needed"),
      h("p", {}, why),
      h("label", { for: "key" }, "Key"),
      field,
      h("label", { class: "check" }, remember, "Remember it on this device"),
      h("p", { class: "hint" }, "Otherwise it is forgotten when this tab is closed."),
      h("div", { class: "row end" }, cancel, h("button", { class: "solid" }, "Use this key")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      key.set(field.value.trim(), remember.checked);
      box.returnValue = "given";
      box.close("given");
    });
    box.returnValue = "";
    box.addEventListener("close", () => resolve(box.returnValue === "given"), { once: true });
    replace(box, form);
    box.showModal();
    field.focus();
  });
}

export function forgetKey() {
  key.forget();
  toast("The key is forgotten on this device.");
}
