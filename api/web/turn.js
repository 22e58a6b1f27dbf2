// One question and its answer: asked, streamed, stopped, shown. Knows no other turn.

import * as api from "./api.js";
import { announce, button, foreign, h, replace } from "./dom.js";
import { chips } from "./chips.js";
import { forRequest } from "./filters.js";
import { Prose, sign } from "./prose.js";
import { dated, duration, outlet, percent, several, shortDay, span, verdict } from "./words.js";
import { shortened, slicer } from "./text.js";
import { passages, why } from "./why.js";

// What is known of an answer before it has come.
const NOTHING = { text: "", understood: null, hits: [], citations: [], statements: [], failed: [], answer: null, problem: null };

export const newTurn = (question, filters, literal, id) => ({
  id, question, filters, literal, at: Date.now(), state: "waiting",
  ...NOTHING,
});

export class TurnView {
  // actions: open(place, opener), again(view, change), edit(view), link(view), done(view)
  constructor(turn, actions, articles) {
    this.turn = turn;
    this.actions = actions;
    this.articles = articles;
    this.stopping = null;
    this.prose = new Prose((citation, marker) => actions.open(placeOf(citation), marker));
    this.chips = h("ul", { class: "chips", "aria-label": "How the question was understood" });
    this.byline = h("p", { class: "facts" });
    this.body = h("div", { class: "answer" }, this.prose.element);
    this.foot = h("div", { class: "foot" });
    const title = h("h2", { class: "asked", id: `asked-${turn.id}`, tabindex: "-1" }, foreign(turn.question));
    this.element = h("article", { class: "turn", "aria-labelledby": title.id }, title, h("div", { class: "under" }, this.byline, this.chips), this.body, this.foot);
    this.render();
  }

  get isRunning() {
    return this.stopping !== null;
  }

  stop() {
    this.stopping?.abort();
  }

  async run(history, modes) {
    const { turn } = this;
    Object.assign(turn, NOTHING, { state: "waiting", at: Date.now(), mode: turn.filters.mode || modes[0] || "extractive" });
    this.stopping = new AbortController();
    this.render();
    try {
      for await (const [name, carried] of api.ask(asked(turn, history, modes), this.stopping.signal)) this.take(name, carried);
      turn.state = "done";
    } catch (error) {
      this.failed(error);
    }
    this.stopping = null;
    this.render();
    this.tell();
    this.actions.done(this);
  }

  take(name, carried) {
    const { turn } = this;
    if (name === "hits") {
      performance.mark("dateline:first-event");
      Object.assign(turn, { understood: carried.understood, hits: carried.hits, state: "reading" });
      this.showChips();
      this.showByline();
    } else if (name === "delta") {
      turn.text += carried.text;
      if (turn.state !== "streaming") this.began();
    } else if (name === "citation") {
      turn.citations = [...turn.citations.filter((one) => one.marker !== carried.marker), carried];
    } else if (name === "verdict" && carried.marker !== undefined) {
      turn.citations = turn.citations.map((one) => (one.marker === carried.marker ? { ...one, verdict: carried.verdict } : one));
    } else if (name === "statement") {
      turn.statements = [...turn.statements, carried];
      turn.failed = [...turn.failed, ...(carried.failed ?? [])];
    } else if (name === "replace") {
      this.withdrawn(carried.text);
    } else if (name === "answer") {
      Object.assign(turn, { answer: carried, citations: carried.citations, hits: carried.hits, understood: carried.understood });
    }
    this.draw(name);
  }

  // What was written is taken back, to a beginning of it; to nothing, and the articles are quoted.
  withdrawn(text) {
    const { turn } = this;
    const citations = turn.citations.filter((one) => text.includes(`[${one.marker}]`));
    Object.assign(turn, { text, citations, statements: [], failed: [], mode: text ? turn.mode : "extractive" });
  }

  // Words are shown at once when they are the first, else with the next frame.
  draw(name) {
    if (name !== "delta" || this.turn.text.length < 400) return this.prose.update(this.turn);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.prose.update(this.turn);
    });
  }

  began() {
    this.turn.state = "streaming";
    this.prose.update(this.turn);
    this.showByline();
    performance.mark("dateline:first-text");
  }

  failed(error) {
    const { turn } = this;
    if (error.name === "AbortError") return (turn.state = "stopped");
    turn.state = "failed";
    const isLost = error instanceof api.Lost;
    turn.problem = { title: isLost ? "The connection was lost" : (error.title ?? "The page failed"), message: error.message, isLost, slug: error.slug ?? "", retryAfter: error.retryAfter ?? 0 };
  }

  tell() {
    const { turn } = this;
    if (turn.state === "failed") return announce(`${turn.problem.title}: ${turn.problem.message}`);
    if (turn.state === "stopped") return announce("Stopped.");
    announce(turn.answer.status === "abstained" ? `No answer. ${turn.answer.reason.detail}` : `Answer with ${several(turn.citations.length, "source")}: ${turn.answer.answer}`);
  }

  // -- what is shown ---------------------------------------------------------------

  render() {
    const { turn } = this;
    this.body.setAttribute("aria-busy", String(this.isRunning));
    this.showChips();
    this.showByline();
    this.prose.update(turn);
    replace(this.foot, this.ending());
    this.element.classList.toggle("running", this.isRunning);
  }

  showChips() {
    replace(this.chips, chips(this.turn, (change) => this.actions.again(this, change)));
  }

  // The line under the question: what goes on, then how it was answered.
  showByline() {
    replace(this.byline, (this.isRunning ? this.progress() : this.told()).map((words) => h("span", {}, words)));
  }

  progress() {
    const { state, hits } = this.turn;
    if (state === "waiting") return [this.articles() ? `Looking through ${several(this.articles(), "article")}…` : "Looking…"];
    return [state === "reading" ? `Reading ${several(hits.length, "passage")}…` : "Answering…"];
  }

  told() {
    const { state, answer } = this.turn;
    if (state !== "done" || !answer) return [state === "stopped" ? "Stopped" : "Not answered"];
    const how = answer.status === "abstained" ? "No answer" : answer.mode === "llm" ? "Written, and checked" : "Quoted word for word";
    const share = answer.mode === "llm" && typeof answer.supported_share === "number" ? [`${percent(answer.supported_share)} of sentences supported`] : [];
    return [how, ...share, `confidence ${percent(answer.confidence)}`, duration(answer.timings_ms.total ?? 0)];
  }

  ending() {
    const { turn } = this;
    if (this.isRunning) return null;
    if (turn.state === "failed") return [this.problem(), this.tools()];
    if (turn.state !== "done" || !turn.answer) return [h("p", { class: "note" }, "Stopped. What had come by then is above."), this.sources(), this.tools()];
    if (turn.answer.status === "abstained") return [this.abstained(), this.tools(), this.why()];
    return [this.notes(), this.sources(), this.tools(), this.why()];
  }

  why() {
    return this.turn.hits.length ? why(this.turn, this.actions.open) : null;
  }

  problem() {
    const { title, message, isLost, retryAfter } = this.turn.problem;
    const wait = retryAfter ? ` It may be tried again in ${several(retryAfter, "second")}.` : "";
    const again = isLost ? " It is asked again as soon as the server can be reached." : "";
    return h("div", { class: "problem", role: "alert" }, h("strong", {}, title), h("p", {}, foreign(sentence(message)), wait, again), h("button", { type: "button", class: "solid", onclick: () => this.actions.again(this, {}) }, "Try again"));
  }

  notes() {
    const { answer } = this.turn;
    const { fallback, withheld, neutralised } = answer;
    const doubted = (answer.statements ?? []).filter((one) => one.findings?.length && one.verdict !== "supported");
    return [
      fallback && h("p", { class: "note" }, h("strong", {}, "Quoted instead of written. "), foreign(fallback.detail)),
      answer.caution && h("p", { class: "note" }, h("strong", {}, "With caution. "), foreign(answer.caution)),
      doubted.length > 0 && h("section", { class: "doubts" }, h("h3", {}, "What the check found"), h("ul", {}, doubted.map((one) => doubt(one, answer.answer)))),
      withheld > 0 && h("p", { class: "hint" }, `${several(withheld, "sentence")} ${withheld === 1 ? "was" : "were"} left out, as the articles do not carry ${withheld === 1 ? "it" : "them"}.`),
      neutralised > 0 && h("p", { class: "hint" }, `${several(neutralised, "sentence")} of the articles ${neutralised === 1 ? "reads" : "read"} like orders and ${neutralised === 1 ? "was" : "were"} kept from the language model.`),
    ];
  }

  sources() {
    const rows = this.turn.citations.map((citation) => {
      const told = verdict(citation.verdict);
      const dates = citation.dates?.length ? h("span", { class: "named" }, citation.dates.map((date) => [h("span", {}, "“", foreign(date.text), `” is ${span(date.first, date.last)}`), " "])) : null;
      const open = h("button", { type: "button", class: "link title", "data-source": citation.marker, onclick: (event) => this.actions.open(placeOf(citation), event.currentTarget) }, foreign(citation.article.title));
      return h("li", { value: citation.marker }, open, h("p", { class: "dateline" }, foreign(outlet(citation.article)), h("span", {}, dated(citation.article)), h("span", { class: "verdict", "data-verdict": citation.verdict }, sign(citation.verdict), ` ${told.word}`), dates));
    });
    return rows.length ? h("section", { class: "sources" }, h("h3", {}, "Sources"), h("ol", {}, rows)) : null;
  }

  tools() {
    const act = (name) => () => this.actions[name](this);
    return h("div", { class: "tools" }, button("edit", "Edit the question", act("edit")), button("retry", "Ask again", () => this.actions.again(this, {})), button("link", "Copy a link to this question", act("link")));
  }

  abstained() {
    const { turn } = this;
    const { reason, understood } = turn.answer;
    return h("div", { class: "abstained" }, h("p", { class: "lead-line" }, HEADINGS[reason.code] ?? "No answer is sure enough."), h("p", {}, foreign(reason.detail)), h("h3", {}, "What was looked for"), looked(understood, turn, this.articles()), turn.hits.length > 0 && [h("h3", {}, "The nearest passages"), passages(turn.hits, this.actions.open, 3)], h("h3", {}, "What to try"), this.advice(reason.code));
  }

  advice(code) {
    const { turn } = this;
    const again = (text, change) => h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.actions.again(this, change) }, text));
    const isBounded = forRequest(turn.filters) !== null;
    const read = turn.understood;
    const free = { ...turn.filters, from: "", to: "", as_of: "", sources: [] };
    return h("ul", { class: "advice" }, isBounded && again("Ask without the filters", { filters: free }), (read.period || read.published || read.as_of) && again("Ask without reading days out of the words", { literal: [...turn.literal, "dates"] }), (read.sources.length > 0 || read.parts.length > 0) && again("Ask all outlets", { literal: [...turn.literal, "outlets"] }), h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.actions.edit(this) }, "Ask in other words"), code === "not_in_corpus" ? ": with the names that an article would use" : ""), h("li", {}, h("a", { href: "#view=corpus" }, "See what is in the corpus")));
  }
}

// A sentence that does not hold, and what the checks say of it.
function doubt(statement, text) {
  const told = verdict(statement.verdict);
  const words = slicer(text)(statement.start, statement.end).trim();
  const found = statement.findings.map((one) => one.detail).join("; ");
  return h("li", {}, h("span", { class: "verdict", "data-verdict": statement.verdict }, `${told.sign} ${told.word}: `), foreign(shortened(words, 90)), h("span", { class: "named" }, " ", foreign(found)));
}

const HEADINGS = {
  declined: "The language model found no answer in these articles.",
  not_in_corpus: "The articles here do not seem to say.",
  conflicting: "What was found does not agree.",
  filter_empty: "No article passes the filters.",
  outside_dates: "Nothing here can tell of those days.",
  nothing_found: "Nothing here is near the question.",
};

function looked(understood, turn, articles) {
  const told = [];
  if (understood.period) told.push(`about ${span(understood.period.first, understood.period.last)}`);
  if (understood.published) told.push(`published ${span(understood.published.first, understood.published.last)}`);
  if (understood.as_of) told.push(`as of ${shortDay(understood.as_of)}`);
  if (understood.sources.length) told.push(`in ${understood.sources.join(", ")}`);
  if (turn.filters.from || turn.filters.to) told.push(`published ${span(turn.filters.from, turn.filters.to)}`);
  if (turn.filters.sources.length) told.push(`of ${turn.filters.sources.join(", ")}`);
  return h("p", {}, h("span", { class: "quote" }, "“", foreign(understood.text), "”"), told.length ? `, ${told.join(", ")}` : "", articles ? `, among ${several(articles, "article")}.` : ".");
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1).replace(/[.\s]*$/, ".");

export function placeOf(citation) {
  const { article, highlight } = citation;
  return { id: article.id, version: article.version, start: citation.start, end: citation.end, short: highlight && [highlight.start, highlight.end] };
}

// The body of the request. Mode and strictness are named only where there is a choice.
function asked(turn, history, modes) {
  const body = { question: turn.question, history, literal: turn.literal };
  const filters = forRequest(turn.filters);
  if (filters) body.filters = filters;
  if (modes.length > 1 && turn.filters.mode) body.mode = turn.filters.mode;
  if (modes.length > 1 && turn.filters.strictness) body.strictness = turn.filters.strictness;
  return body;
}
