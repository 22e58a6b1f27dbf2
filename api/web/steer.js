// What the next question is asked of: days, outlets, as of when, how it is answered.

import { $, h, replace } from "./dom.js";
import { NONE, bounds, made } from "./filters.js";
import { bins, endOf, histogram, named } from "./plot.js";
import { number, several, shortDay, span } from "./words.js";

const MANY = 10;

export class Steer {
  constructor(onchange) {
    this.onchange = onchange;
    this.filters = NONE;
    this.corpus = null;
    this.element = $("#steer");
    this.toggle = $("#steer-toggle");
    this.toggle.addEventListener("click", () => this.show(this.element.hidden));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.show(false);
      this.toggle.focus();
    });
    this.summary();
  }

  set(filters) {
    this.filters = made(filters);
    if (!this.element.hidden) this.render();
    this.summary();
    this.onchange(this.filters);
  }

  know(corpus) {
    this.corpus = corpus;
    if (!this.element.hidden) this.render();
  }

  show(open) {
    this.element.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    if (open) this.render();
  }

  change(part) {
    this.filters = made({ ...this.filters, ...part });
    this.summary();
    this.onchange(this.filters);
  }

  summary() {
    const { from, to, as_of, sources, mode } = this.filters;
    const told = [
      from || to ? span(from, to) : "any date",
      sources.length === 1
        ? sources[0]
        : sources.length
          ? several(sources.length, "outlet")
          : "all outlets",
      as_of && `as of ${shortDay(as_of)}`,
      mode === "llm" && "written",
      mode === "extractive" && "quoted",
    ];
    replace($("#steer-summary"), told.filter(Boolean).join(" · "));
    this.toggle.classList.toggle("bounded", bounds(this.filters));
  }

  render() {
    replace(this.element, this.days(), this.outlets(), this.answering(), this.foot());
  }

  days() {
    const all = this.corpus ? bins(this.corpus) : [];
    const box = h("fieldset", { class: "days" }, h("legend", {}, "Published"));
    const plot = h("div", { class: "brush" });
    const from = dayInput(
      "From",
      this.filters.from,
      (value) => (this.change({ from: value }), draw()),
    );
    const to = dayInput("To", this.filters.to, (value) => (this.change({ to: value }), draw()));
    const draw = () => {
      if (all.length < 2) return;
      const [first, last] = this.range(all);
      const thumbs = [
        this.thumb("Earliest", first, all, true, draw),
        this.thumb("Latest", last, all, false, draw),
      ];
      const old = plot.querySelectorAll("input");
      if (!old.length) return replace(plot, histogram(all, first, last), thumbs);
      plot.firstChild.replaceWith(histogram(all, first, last));
      [first, last].forEach((value, place) => this.place(old[place], value, all));
      from.lastChild.value = this.filters.from;
      to.lastChild.value = this.filters.to;
    };
    draw();
    const asOf = dayInput(
      "As of",
      this.filters.as_of,
      (value) => this.change({ as_of: value }),
      "as-of-hint",
    );
    const hint = h(
      "p",
      { class: "hint", id: "as-of-hint" },
      "As of a day: nothing later is seen, and “recent” means recent then.",
    );
    box.append(plot, h("div", { class: "row" }, from, to, asOf), hint);
    return box;
  }

  // The bins that the dates of the filter lie in.
  range(all) {
    const { from, to } = this.filters;
    const first = from ? all.findIndex((bin) => endOf(bin.day, this.corpus.unit) >= from) : 0;
    const last = to ? all.findLastIndex((bin) => bin.day <= to) : all.length - 1;
    return [first < 0 ? all.length - 1 : first, Math.max(last, 0)];
  }

  thumb(label, value, all, isFirst, draw) {
    const input = h("input", {
      type: "range",
      min: "0",
      max: String(all.length - 1),
      "aria-label": label,
    });
    this.place(input, value, all);
    input.addEventListener("input", () => {
      const [first, last] = this.range(all);
      const place = isFirst
        ? Math.min(Number(input.value), last)
        : Math.max(Number(input.value), first);
      const day = isFirst ? all[place].day : endOf(all[place].day, this.corpus.unit);
      const isOpen = isFirst ? place === 0 : place === all.length - 1;
      this.change({ [isFirst ? "from" : "to"]: isOpen ? "" : day });
      draw();
    });
    return input;
  }

  place(input, value, all) {
    input.value = String(value);
    input.setAttribute("aria-valuetext", named(all[value], this.corpus.unit));
  }

  outlets() {
    const known = this.corpus?.outlets ?? [];
    const chosen = new Set(this.filters.sources.map((name) => name.toLowerCase()));
    const missing = this.filters.sources.filter(
      (name) => !known.some((o) => o.source.toLowerCase() === name.toLowerCase()),
    );
    const list = [...missing.map((source) => ({ source, articles: 0 })), ...known];
    const rows = list.map((outlet) => {
      const box = h("input", { type: "checkbox", name: "source", value: outlet.source });
      box.checked = chosen.has(outlet.source.toLowerCase());
      box.addEventListener("change", () => this.change({ sources: checked(group) }));
      return h(
        "label",
        { class: "check" },
        box,
        h("bdi", {}, outlet.source),
        h("span", { class: "count" }, number(outlet.articles)),
      );
    });
    const group = h("div", { class: "outlets" }, rows);
    const find =
      known.length > MANY &&
      h("input", {
        type: "search",
        placeholder: "Find an outlet",
        "aria-label": "Find an outlet",
        class: "field",
        oninput: (event) => narrowed(rows, event.target.value),
      });
    const none = !list.length && h("p", { class: "hint" }, "No outlets are known yet.");
    return h("fieldset", {}, h("legend", {}, "Outlets"), find, group, none);
  }

  answering() {
    const modes = this.corpus?.modes ?? ["extractive"];
    if (!modes.includes("llm")) {
      return h(
        "fieldset",
        {},
        h("legend", {}, "Answers"),
        h(
          "p",
          { class: "hint" },
          "Answers are the articles’ own sentences, word for word. This server has no language model to write others.",
        ),
      );
    }
    const mode = this.filters.mode || modes[0];
    const strictness = h(
      "div",
      { class: "row" },
      radios(
        "strictness",
        this.filters.strictness || this.corpus.strictness,
        { flag: "mark what is not supported", strict: "leave it out" },
        (value) => this.change({ strictness: value }),
      ),
    );
    strictness.hidden = mode !== "llm";
    const choose = (value) => {
      this.change({ mode: value });
      strictness.hidden = value !== "llm";
    };
    return h(
      "fieldset",
      {},
      h("legend", {}, "Answers"),
      h(
        "div",
        { class: "row" },
        radios(
          "mode",
          mode,
          { extractive: "quote the articles", llm: "write, and check each sentence" },
          choose,
        ),
      ),
      strictness,
    );
  }

  foot() {
    const clear = () => {
      this.set(NONE);
      this.render();
    };
    const done = () => {
      this.show(false);
      $("#question").focus();
    };
    return h(
      "div",
      { class: "row end" },
      h("button", { type: "button", class: "link", onclick: clear }, "Clear all"),
      h("button", { type: "button", class: "solid", onclick: done }, "Done"),
    );
  }
}

function dayInput(label, value, onchange, describedby) {
  const input = h("input", {
    type: "date",
    value,
    class: "field",
    "aria-describedby": describedby,
  });
  input.addEventListener("change", () => onchange(input.value));
  return h("label", { class: "day" }, h("span", {}, label), input);
}

const checked = (group) => [...group.querySelectorAll("input:checked")].map((box) => box.value);

function narrowed(rows, words) {
  for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(words.toLowerCase());
}

function radios(name, chosen, options, onchange) {
  return Object.entries(options).map(([value, label]) => {
    const input = h("input", { type: "radio", name, value, onchange: () => onchange(value) });
    input.checked = value === chosen;
    return h("label", { class: "check" }, input, label);
  });
}
