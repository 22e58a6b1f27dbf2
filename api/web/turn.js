// One question and its answer: asked, streamed, stopped, shown. Knows no other turn.

import * as api from "./api.js";
import { chips } from "./chips.js";
import { announce, foreign, h, replace } from "./dom.js";
import { ending, placeOf } from "./ending.js";
import { forRequest } from "./filters.js";
import { Prose } from "./prose.js";
import { duration, percent, several } from "./words.js";

// What is known of an answer before it has come.
const NOTHING = {
  text: "",
  understood: null,
  hits: [],
  citations: [],
  statements: [],
  failed: [],
  answer: null,
  problem: null,
};

export const newTurn = (question, filters, literal, id) => ({
  id,
  question,
  filters,
  literal,
  at: Date.now(),
  state: "waiting",
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
    const title = h(
      "h2",
      { class: "asked", id: `asked-${turn.id}`, tabindex: "-1" },
      foreign(turn.question),
    );
    this.element = h(
      "article",
      { class: "turn", "aria-labelledby": title.id },
      title,
      h("div", { class: "under" }, this.byline, this.chips),
      this.body,
      this.foot,
    );
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
    Object.assign(turn, NOTHING, {
      state: "waiting",
      at: Date.now(),
      mode: turn.filters.mode || modes[0] || "extractive",
    });
    this.stopping = new AbortController();
    this.render();
    try {
      for await (const [name, carried] of api.ask(
        asked(turn, history, modes),
        this.stopping.signal,
      ))
        this.take(name, carried);
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
      turn.citations = turn.citations.map((one) =>
        one.marker === carried.marker ? { ...one, verdict: carried.verdict } : one,
      );
    } else if (name === "statement") {
      turn.statements = [...turn.statements, carried];
      turn.failed = [...turn.failed, ...(carried.failed ?? [])];
    } else if (name === "replace") {
      this.withdrawn(carried.text);
    } else if (name === "answer") {
      Object.assign(turn, {
        answer: carried,
        citations: carried.citations,
        hits: carried.hits,
        understood: carried.understood,
      });
    }
    this.draw(name);
  }

  // What was written is taken back, to a beginning of it; to nothing, and the articles are quoted.
  withdrawn(text) {
    const { turn } = this;
    const citations = turn.citations.filter((one) => text.includes(`[${one.marker}]`));
    Object.assign(turn, {
      text,
      citations,
      statements: [],
      failed: [],
      mode: text ? turn.mode : "extractive",
    });
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
    turn.problem = {
      title: isLost ? "The connection was lost" : (error.title ?? "The page failed"),
      message: error.message,
      isLost,
      slug: error.slug ?? "",
      retryAfter: error.retryAfter ?? 0,
    };
  }

  tell() {
    const { turn } = this;
    if (turn.state === "failed") return announce(`${turn.problem.title}: ${turn.problem.message}`);
    if (turn.state === "stopped") return announce("Stopped.");
    announce(
      turn.answer.status === "abstained"
        ? `No answer. ${turn.answer.reason.detail}`
        : `Answer with ${several(turn.citations.length, "source")}: ${turn.answer.answer}`,
    );
  }

  // -- what is shown ---------------------------------------------------------------

  render() {
    const { turn } = this;
    this.body.setAttribute("aria-busy", String(this.isRunning));
    this.showChips();
    this.showByline();
    this.prose.update(turn);
    replace(this.foot, this.isRunning ? null : ending(this));
    this.element.classList.toggle("running", this.isRunning);
  }

  showChips() {
    replace(
      this.chips,
      chips(this.turn, (change) => this.actions.again(this, change)),
    );
  }

  // The line under the question: what goes on, then how it was answered.
  showByline() {
    replace(
      this.byline,
      (this.isRunning ? this.progress() : this.told()).map((words) => h("span", {}, words)),
    );
  }

  progress() {
    const { state, hits } = this.turn;
    if (state === "waiting")
      return [
        this.articles() ? `Looking through ${several(this.articles(), "article")}…` : "Looking…",
      ];
    return [state === "reading" ? `Reading ${several(hits.length, "passage")}…` : "Answering…"];
  }

  told() {
    const { state, answer } = this.turn;
    if (state !== "done" || !answer) return [state === "stopped" ? "Stopped" : "Not answered"];
    const how =
      answer.status === "abstained"
        ? "No answer"
        : answer.mode === "llm"
          ? "Written, and checked"
          : "Quoted word for word";
    const share =
      answer.mode === "llm" && typeof answer.supported_share === "number"
        ? [`${percent(answer.supported_share)} of sentences supported`]
        : [];
    return [
      how,
      ...share,
      `confidence ${percent(answer.confidence)}`,
      duration(answer.timings_ms.total ?? 0),
    ];
  }
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
