// What is in: articles by day and outlet, and the articles themselves. feeds.js and adding.js
// have the rest of the view.

import { adding } from "./adding.js";
import * as api from "./api.js";
import { $, act, dateline, foreign, h, meter, p, replace, solid } from "./dom.js";
import { feeds } from "./feeds.js";
import { endOf, legend, named, stacked, table } from "./plot.js";
import { ago, dated, moment, number, outlet, several, shortDay } from "./words.js";

const PAGE = 20;
const PLOT_PIXELS = { least: 280, most: 832, margin: 40 };

export class CorpusView {
  // on: {open(place, opener), changed(): the corpus anew}
  constructor(on) {
    this.on = on;
    this.element = $("#corpus");
    this.corpus = null;
    this.filter = {};
  }

  async show() {
    if (!this.element.firstChild) replace(this.element, title(), p("hint", "Counting…"));
    try {
      this.corpus = await this.on.changed();
      this.render();
    } catch (error) {
      const told = h(
        "p",
        { class: "problem", role: "alert" },
        `It cannot be read: ${error.message}.`,
      );
      replace(
        this.element,
        title(),
        told,
        solid("Try again", () => this.show()),
      );
    }
    $("h1", this.element).focus({ preventScroll: true });
  }

  render() {
    const mayIngest = this.corpus.access.ingest;
    const again = () => this.show();
    this.articles = h("div", {});
    replace(
      this.element,
      title(),
      facts(this.corpus),
      this.timeline(),
      section("Outlets", this.outlets()),
      section("Articles", this.articles),
      section("Feeds", feeds(mayIngest, again)),
      mayIngest
        ? section("Add", adding(again))
        : p("note", "To add articles or feeds, use a key with the scope “ingest”."),
    );
    this.load();
  }

  timeline() {
    const { corpus } = this;
    if (!corpus.timeline.length) return p("hint", "No article has a known date yet.");
    const pick = (bin) => {
      const to = endOf(bin.day, corpus.unit);
      this.narrow({ from: bin.day, to, name: named(bin, corpus.unit) });
    };
    const { least, most, margin } = PLOT_PIXELS;
    const wide = Math.max(least, Math.min(most, this.element.clientWidth - margin));
    const are = corpus.undated === 1 ? "is" : "are";
    const undated = corpus.undated
      ? ` ${several(corpus.undated, "article")} without a known date ${are} not shown.`
      : "";
    return h(
      "figure",
      { class: "plot" },
      h("figcaption", {}, `Articles per ${corpus.unit}, by outlet.${undated}`),
      stacked(corpus, pick, wide),
      legend(corpus),
      h("details", {}, h("summary", {}, "As a table"), table(corpus)),
    );
  }

  outlets() {
    const { outlets } = this.corpus;
    const most = Math.max(...outlets.map((one) => one.articles), 1);
    const rows = outlets.map(({ source, articles, first_day: first, last_day: last }) => {
      const name = act(foreign(source), () => this.narrow({ source, name: source }));
      const when = first ? `${shortDay(first)} – ${shortDay(last)}` : "undated";
      return h(
        "tr",
        {},
        h("th", { scope: "row" }, name),
        h("td", { class: "wide" }, meter(articles / most)),
        h("td", { class: "figure" }, number(articles)),
        h("td", { class: "when" }, when),
      );
    });
    const names = ["Outlet", "Share", "Articles", "Days"].map((name) =>
      h("th", { scope: "col" }, name),
    );
    const head = h("thead", { class: "visually-hidden" }, h("tr", {}, names));
    return h("table", { class: "outlet-table" }, head, h("tbody", {}, rows));
  }

  // Lists the articles of one outlet or bin, {} for all.
  narrow(filter) {
    this.filter = filter;
    this.load();
    $("#articles").scrollIntoView({ block: "start" });
    $("#articles").focus({ preventScroll: true });
  }

  async load(offset = 0) {
    const { name, ...query } = this.filter;
    try {
      const page = await api.get(
        `v1/articles?${new URLSearchParams({ ...query, limit: PAGE, offset })}`,
      );
      const last = offset + page.articles.length;
      const range = `${number(Math.min(offset + 1, page.total))}–${number(last)} of ${number(page.total)}`;
      replace(
        this.articles,
        p(
          "hint row",
          h("span", {}, range, name ? `, ${name}` : ""),
          name && act("Show all", () => this.narrow({})),
        ),
        h(
          "ul",
          { class: "articles" },
          page.articles.map((article) => this.article(article)),
        ),
        p(
          "row",
          offset > 0 && act("Newer", () => this.load(Math.max(0, offset - PAGE))),
          page.next && act("Older", () => this.load(last)),
        ),
      );
    } catch (error) {
      replace(
        this.articles,
        h("p", { role: "alert" }, `The articles cannot be listed: ${error.message}.`),
      );
    }
  }

  article(article) {
    const open = (event) => {
      this.on.open({ id: article.id, version: article.version }, event.currentTarget);
    };
    const section = article.section && foreign(article.section);
    return h(
      "li",
      {},
      act(foreign(article.title), open, { class: "link title" }),
      dateline(foreign(outlet(article)), dated(article, shortDay), section),
    );
  }
}

const title = () => h("h1", { tabindex: "-1" }, "The corpus");

function section(name, ...children) {
  const id = name.toLowerCase();
  return h("section", { "aria-labelledby": id }, h("h2", { id, tabindex: "-1" }, name), children);
}

function facts(corpus) {
  const days = corpus.first_day && `${shortDay(corpus.first_day)} – ${shortDay(corpus.last_day)}`;
  const last = corpus.last_ingest_at;
  const told = [
    ["articles", number(corpus.articles)],
    ["outlets", number(corpus.outlets.length)],
    ["passages", number(corpus.passages)],
    ["days", days ?? "none"],
    ["last article came", last ? ago(Date.parse(last)) : "never", last && moment(last)],
  ];
  const rows = told.map(([name, value, exactly]) =>
    h("div", {}, h("dt", {}, name), h("dd", { title: exactly }, value)),
  );
  return h("dl", { class: "numbers" }, rows);
}
