// Where a question is written. Enter asks, Shift-Enter begins a line, Up takes the last one back.

import { $, h, icon, replace } from "./dom.js";

const MOST_CHARS = 2000;

export class Composer {
  // on: {ask(text), stop(), last(): text or null, cancel()}
  constructor(on) {
    this.on = on;
    this.field = $("#question");
    this.button = $("#send");
    this.editing = $("#editing");
    this.isBusy = false;
    $("#composer").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.isBusy) on.stop();
      else this.send();
    });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.fit());
    this.busy(false);
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.field.value && !this.isBusy) {
      event.preventDefault();
      this.on.last();
    } else if (event.key === "Escape") {
      this.cancel();
    }
  }

  send() {
    const text = this.field.value.trim();
    if (!text) return;
    if ([...text].length > MOST_CHARS)
      return this.say(
        `A question may have ${MOST_CHARS.toLocaleString("en-GB")} characters; this has ${[...text].length.toLocaleString("en-GB")}.`,
      );
    this.set("");
    this.say("");
    this.on.ask(text);
  }

  set(text) {
    this.field.value = text;
    this.fit();
  }

  // Begins to edit a question: what is sent takes its place.
  edit(text) {
    this.set(text);
    replace(
      this.editing,
      h("span", {}, "The new question takes the place of this one and of what came after."),
      h("button", { type: "button", class: "link", onclick: () => this.cancel() }, "Cancel"),
    );
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  cancel() {
    if (this.isBusy) return this.on.stop();
    if (this.editing.firstChild) this.set("");
    this.say("");
    this.on.cancel();
  }

  say(text) {
    replace(this.editing, text && h("span", { role: "alert" }, text));
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    const label = isBusy ? "Stop (Esc)" : "Ask (Enter)";
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    replace(this.button, icon(isBusy ? "stop" : "ask"));
  }

  fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.blockSize = "auto";
    this.field.style.blockSize = `${Math.min(this.field.scrollHeight, 240)}px`;
  }
}
