// The conversations of this browser: find, open, rename, delete, export.

import { $, button, foreign, h, replace, toast } from "./dom.js";
import * as library from "./library.js";
import { parts } from "./prose.js";
import { ago } from "./words.js";

export class Sidebar {
  // on: {open(id), current(), removed(id), renamed(conversation)}
  constructor(on) {
    this.on = on;
    this.list = $("#conversations");
    this.find = $("#find");
    this.find.addEventListener("input", () => this.render());
    this.renaming = null;
  }

  async render() {
    const all = await library.all();
    const found = library.matching(all, this.find.value);
    const none = all.length
      ? "No conversation has these words."
      : "Conversations are kept here, in this browser only.";
    replace(
      this.list,
      found.map((conversation) => this.item(conversation)),
      !found.length && h("li", { class: "hint" }, none),
    );
  }

  item(conversation) {
    const isCurrent = conversation.id === this.on.current();
    if (this.renaming === conversation.id)
      return h("li", { class: "item" }, this.renamer(conversation));
    const open = h(
      "a",
      { href: `#c=${conversation.id}`, "aria-current": isCurrent ? "page" : null },
      foreign(conversation.title),
      h("small", {}, ago(conversation.updated)),
    );
    const rename = () => ((this.renaming = conversation.id), this.render());
    const tools = h(
      "span",
      { class: "item-tools" },
      button("edit", `Rename ${conversation.title}`, rename),
      button("save", `Export ${conversation.title} as Markdown`, () => save(conversation)),
      button("trash", `Delete ${conversation.title}`, () => this.drop(conversation)),
    );
    return h("li", { class: "item" }, open, tools);
  }

  renamer(conversation) {
    const field = h("input", {
      class: "field",
      value: conversation.title,
      maxlength: "120",
      "aria-label": "Name of the conversation",
    });
    const end = async (isKept) => {
      if (this.renaming !== conversation.id) return;
      this.renaming = null;
      if (isKept && field.value.trim()) {
        conversation.title = field.value.trim();
        await library.keep(conversation);
        this.on.renamed(conversation);
      }
      await this.render();
      $(`a[href="#c=${conversation.id}"]`, this.list)?.focus();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end(event.key === "Enter");
    });
    field.addEventListener("blur", () => end(true));
    setTimeout(() => (field.focus(), field.select()));
    return field;
  }

  async drop(conversation) {
    await library.drop(conversation.id);
    this.on.removed(conversation.id);
    await this.render();
    const back = async () => (await library.keep(conversation), this.render());
    toast("The conversation is deleted.", ["Undo", back]);
    this.find.focus();
  }
}

// Hands a conversation over as a file.
export async function save(conversation) {
  const { markdown } = await import("./markdown.js");
  const file = new Blob([markdown(conversation, parts)], { type: "text/markdown" });
  const url = URL.createObjectURL(file);
  const name =
    conversation.title
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 60) || "conversation";
  h("a", { href: url, download: `${name}.md` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
