// What is in: articles by day and outlet, the articles themselves, feeds and their health, and
// adding to it where that is allowed.

import * as api from "./api.js";
import { $, announce, foreign, h, replace, toast } from "./dom.js";
import { endOf, legend, named, stacked, table } from "./plot.js";
import { ago, dated, moment, number, outlet, percent, several, shortDay } from "./words.js";

const PAGE = 20;
const HEALTH = { ok: "✓ working", new: "· not polled yet", failing: "✕ failing", stopped: "■ stopped" };

export class CorpusView {
  // on: {open(place, opener), changed(): corpus anew}
  constructor(on) {
    this.on = on;
    this.element = $("#corpus");
    this.corpus = null;
    this.filter = {};
  }

  async show() {
    if (!this.element.firstChild) replace(this.element, h("h1", { tabindex: "-1" }, "The corpus"), h("p", { class: "hint" }, "Counting…"));
    try {
      this.corpus = await this.on.changed();
      this.render();
    } catch (error) {
      replace(this.element, h("h1", { tabindex: "-1" }, "The corpus"), h("p", { class: "problem", role: "alert" }, `It cannot be read: ${error.message}.`), h("button", { type: "button", class: "solid", onclick: () => this.show() }, "Try again"));
    }
    $("h1", this.element).focus({ preventScroll: true });
  }

  render() {
    const { corpus } = this;
    this.articles = h("div", {});
    this.feeds = h("div", {}, h("p", { class: "hint" }, "Looking…"));
    const may = corpus.access.ingest;
    replace(this.element, h("h1", { tabindex: "-1" }, "The corpus"), this.facts(), this.timeline(), this.outlets(), this.list(), h("section", { "aria-labelledby": "feeds-title" }, h("h2", { id: "feeds-title" }, "Feeds"), this.feeds), may ? this.adding() : h("p", { class: "note" }, "To add articles or feeds, use a key with the scope “ingest”."));
    this.load();
    this.loadFeeds();
  }

  facts() {
    const { corpus } = this;
    const facts = [[number(corpus.articles), "articles"], [number(corpus.outlets.length), "outlets"], [number(corpus.passages), "passages"], [corpus.first_day ? `${shortDay(corpus.first_day)} – ${shortDay(corpus.last_day)}` : "none", "days"], [corpus.last_ingest_at ? ago(Date.parse(corpus.last_ingest_at)) : "never", "last article came"]];
    return h("dl", { class: "numbers" }, facts.map(([value, name]) => h("div", {}, h("dt", {}, name), h("dd", { title: name === "last article came" ? moment(corpus.last_ingest_at) : null }, value))));
  }

  timeline() {
    const { corpus } = this;
    if (!corpus.timeline.length) return h("p", { class: "hint" }, "No article has a known date yet.");
    const pick = (bin) => this.narrow({ from: bin.day, to: endOf(bin.day, corpus.unit), name: named(bin, corpus.unit) });
    const undated = corpus.undated ? ` ${several(corpus.undated, "article")} without a known date ${corpus.undated === 1 ? "is" : "are"} not shown.` : "";
    return h("figure", { class: "plot" }, h("figcaption", {}, `Articles per ${corpus.unit}, by outlet.${undated}`), stacked(corpus, pick, Math.max(280, Math.min(832, this.element.clientWidth - 40))), legend(corpus), h("details", {}, h("summary", {}, "As a table"), table(corpus)));
  }

  outlets() {
    const { corpus } = this;
    const most = Math.max(...corpus.outlets.map((one) => one.articles), 1);
    const rows = corpus.outlets.map((one) => {
      const bar = h("span", { class: "meter", "aria-hidden": "true" }, h("span", {}));
      bar.firstChild.style.inlineSize = percent(one.articles / most);
      const name = h("button", { type: "button", class: "link", onclick: () => this.narrow({ source: one.source, name: one.source }) }, foreign(one.source));
      return h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "wide" }, bar), h("td", { class: "figure" }, number(one.articles)), h("td", { class: "when" }, one.first_day ? `${shortDay(one.first_day)} – ${shortDay(one.last_day)}` : "undated"));
    });
    const head = h("thead", { class: "visually-hidden" }, h("tr", {}, ["Outlet", "Share", "Articles", "Days"].map((name) => h("th", { scope: "col" }, name))));
    return h("section", { "aria-labelledby": "outlets-title" }, h("h2", { id: "outlets-title" }, "Outlets"), h("table", { class: "outlet-table" }, head, h("tbody", {}, rows)));
  }

  list() {
    return h("section", { "aria-labelledby": "articles-title" }, h("h2", { id: "articles-title", tabindex: "-1" }, "Articles"), this.articles);
  }

  narrow(filter) {
    this.filter = filter;
    this.load();
    $("#articles-title").scrollIntoView({ block: "start" });
    $("#articles-title").focus({ preventScroll: true });
  }

  async load(offset = 0) {
    const { name, ...query } = this.filter;
    const params = new URLSearchParams({ ...query, limit: PAGE, offset });
    try {
      const page = await api.get(`v1/articles?${params}`);
      const rows = page.articles.map((article) => h("li", {}, h("button", { type: "button", class: "link title", onclick: (event) => this.on.open({ id: article.id, version: article.version }, event.currentTarget) }, foreign(article.title)), h("p", { class: "dateline" }, foreign(outlet(article)), h("span", {}, dated(article, shortDay)), article.section && foreign(article.section))));
      const all = name && h("button", { type: "button", class: "link", onclick: () => this.narrow({}) }, "Show all");
      const told = `${number(Math.min(offset + 1, page.total))}–${number(offset + page.articles.length)} of ${number(page.total)}${name ? `, ${name}` : ""}`;
      const newer = offset > 0 && h("button", { type: "button", class: "link", onclick: () => this.load(Math.max(0, offset - PAGE)) }, "Newer");
      const older = page.next && h("button", { type: "button", class: "link", onclick: () => this.load(offset + PAGE) }, "Older");
      replace(this.articles, h("p", { class: "hint row" }, h("span", {}, told), all), h("ul", { class: "articles" }, rows), h("p", { class: "row" }, newer, older));
    } catch (error) {
      replace(this.articles, h("p", { role: "alert" }, `The articles cannot be listed: ${error.message}.`));
    }
  }

  async loadFeeds() {
    try {
      const { feeds } = await api.get("v1/feeds");
      const rows = feeds.map((feed) => this.feed(feed));
      replace(this.feeds, rows.length ? [h("ul", { class: "feeds" }, rows), this.corpus.access.ingest && h("button", { type: "button", class: "link", onclick: (event) => this.poll(event.currentTarget) }, "Poll the feeds that are due")] : h("p", { class: "hint" }, "No feed is followed yet."));
    } catch (error) {
      replace(this.feeds, h("p", { role: "alert" }, `The feeds cannot be listed: ${error.message}.`));
    }
  }

  feed(feed) {
    const end = async () => {
      await attempt("", () => api.remove(`v1/feeds?${new URLSearchParams({ url: feed.url })}`).then(() => "The feed is no longer followed; its articles stay."));
      this.loadFeeds();
    };
    const told = [feed.succeeded_at ? `read ${ago(Date.parse(feed.succeeded_at))}` : "never read", several(feed.entries, "entry", "entries"), feed.next_poll_at && `next ${moment(feed.next_poll_at)}`];
    return h("li", {}, h("p", {}, h("strong", {}, foreign(feed.title ?? feed.url)), h("span", { class: "health", "data-health": feed.status }, HEALTH[feed.status] ?? feed.status)), h("p", { class: "dateline" }, foreign(feed.url), h("span", {}, told.filter(Boolean).join(" · "))), feed.error && h("p", { class: "note" }, foreign(feed.error)), this.corpus.access.ingest && h("button", { type: "button", class: "link", onclick: end }, "Stop following"));
  }

  async poll(control) {
    control.disabled = true;
    await attempt("Polling…", async () => {
      const report = await api.post("v1/feeds/poll", {});
      return `${several(report.new, "new article")}, ${number(report.changed)} changed${report.broken ? `; ${several(report.broken, "feed")} could not be read` : ""}.`;
    });
    this.show();
  }

  adding() {
    const page = adder("Address of an article", "url", "https://…", (url) => api.post("v1/articles", { url }).then(stored));
    const feed = adder("Address of a feed, or of a page that links one", "url", "https://…", (url) => api.post("v1/feeds", { url }).then((one) => `${one.title ?? one.url} is followed; its articles come with the next poll.`));
    const files = adder("Files: pages, texts, tables, PDF, archives", "file", "", async (_, field) => {
      const form = new FormData();
      for (const file of field.files) form.append("file", file);
      return stored(await (await api.request("v1/articles", { method: "POST", body: form })).json());
    });
    for (const form of [page, feed, files]) form.addEventListener("added", () => this.show());
    return h("section", { "aria-labelledby": "add-title" }, h("h2", { id: "add-title" }, "Add"), h("div", { class: "adders" }, page, files, feed));
  }
}

function stored(report) {
  const refused = report.skipped.length ? `; ${number(report.skipped.length)} refused: ${report.skipped[0].reason}` : "";
  return `${number(report.new)} new, ${number(report.changed)} changed, ${number(report.same)} known already${refused}.`;
}

function adder(label, type, placeholder, add) {
  const field = h("input", { type, placeholder, class: "field", required: true, multiple: type === "file" });
  const send = h("button", { class: "solid" }, "Add");
  const said = h("p", { class: "hint", role: "status" });
  const form = h("form", { class: "adder" }, h("label", {}, h("span", {}, label), field), send, said);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    replace(said, "Working…");
    try {
      const told = await add(field.value.trim(), field);
      form.reset();
      toast(told);
      announce(told);
      form.dispatchEvent(new Event("added"));
    } catch (error) {
      replace(said, `${error.title ?? "It failed"}: ${error.message}`);
    }
    send.disabled = false;
  });
  return form;
}

async function attempt(before, work) {
  if (before) toast(before);
  try {
    toast(await work());
  } catch (error) {
    toast(`${error.title ?? "It failed"}: ${error.message}`);
  }
}
