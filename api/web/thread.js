// A conversation on the page: its turns in order, asking, editing, asking again.

import { $, foreign, h, replace } from "./dom.js";
import * as library from "./library.js";
import { shortened } from "./text.js";
import { TurnView, newTurn } from "./turn.js";

const TITLE_CHARS = 80;
// What POST /v1/ask takes, see docs/http.md.
const HISTORY_MESSAGES = 50;
const MESSAGE_CHARS = 8000;

export class Thread {
  // on: {changed(conversation), open, edit(view), link(view), busy(isBusy), lost(view), full()}
  constructor(on) {
    this.on = on;
    this.element = $("#thread");
    this.corpus = null;
    this.views = [];
    this.start();
  }

  start(conversation = null) {
    this.stop();
    this.conversation = conversation ?? {
      id: library.newId(),
      title: "",
      created: Date.now(),
      updated: Date.now(),
      turns: [],
    };
    this.views = this.conversation.turns.map((turn) => this.view(turn));
    replace(
      this.element,
      this.views.map((view) => view.element),
    );
    this.element.classList.toggle("empty", !this.views.length);
  }

  view(turn) {
    // What was being asked when the page was closed was not answered.
    if (!["done", "stopped", "failed"].includes(turn.state)) turn.state = "stopped";
    const { on } = this;
    const actions = {
      open: on.open,
      edit: on.edit,
      link: on.link,
      again: (view, change) => this.again(view, change),
      done: (view) => this.done(view),
    };
    return new TurnView(turn, actions, () => this.corpus?.articles ?? null);
  }

  get running() {
    return this.views.find((view) => view.isRunning) ?? null;
  }

  get last() {
    return this.views.at(-1) ?? null;
  }

  stop() {
    this.running?.stop();
  }

  ask(question, filters, { literal = [], instead = null } = {}) {
    if (instead) this.cut(instead);
    const { conversation } = this;
    const turn = newTurn(question, filters, literal, library.newId());
    if (!conversation.title) conversation.title = shortened(question, TITLE_CHARS);
    conversation.turns.push(turn);
    const view = this.view(turn);
    this.views.push(view);
    this.element.classList.remove("empty");
    this.element.append(view.element);
    this.run(view);
    view.element.scrollIntoView({ block: "start" });
  }

  // Takes away a turn and all that came after it.
  cut(view) {
    const place = this.views.indexOf(view);
    if (place < 0) return;
    for (const gone of this.views.splice(place)) (gone.stop(), gone.element.remove());
    this.conversation.turns.length = place;
  }

  again(view, change) {
    if (view.isRunning) return;
    this.stop();
    Object.assign(view.turn, change);
    this.run(view);
    $("h2", view.element).focus({ preventScroll: true });
  }

  run(view) {
    const running = view.run(this.history(view), this.corpus?.modes ?? []);
    this.on.busy(true);
    this.save();
    return running;
  }

  // The earlier messages that a question may lean on.
  history(view) {
    const before = this.conversation.turns.slice(0, this.conversation.turns.indexOf(view.turn));
    const messages = before
      .filter((turn) => turn.state === "done")
      .flatMap((turn) => {
        const said =
          turn.answer?.status === "answered"
            ? [{ role: "assistant", content: shortened(turn.answer.answer, MESSAGE_CHARS) }]
            : [];
        return [{ role: "user", content: turn.question }, ...said];
      });
    return messages.slice(-HISTORY_MESSAGES);
  }

  async done(view) {
    if (!this.running) this.on.busy(false);
    if (this.views.includes(view)) await this.save();
    if (view.turn.problem?.isLost) this.on.lost(view);
  }

  async save() {
    this.conversation.updated = Date.now();
    if (!(await library.keep(this.conversation))) this.on.full();
    this.on.changed(this.conversation);
  }

  // Asks once more what failed because the connection was lost.
  recover() {
    const lost = this.views.find(
      (view) => view.turn.state === "failed" && view.turn.problem?.isLost,
    );
    if (lost) this.again(lost, {});
  }
}

export function welcome(corpus, examples, ask) {
  const empty = corpus && !corpus.articles;
  const outlets = corpus ? corpus.outlets.length : 0;
  const told = !corpus
    ? ""
    : empty
      ? "There is nothing to ask about yet."
      : `${corpus.articles.toLocaleString("en-GB")} articles of ${outlets} outlet${outlets === 1 ? "" : "s"}. Every answer quotes the words it rests on, or says that it does not know.`;
  const list = (examples ?? []).map((question) =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "example", onclick: () => ask(question) },
        foreign(question),
      ),
    ),
  );
  const add =
    empty &&
    h(
      "p",
      {},
      h("a", { href: "#view=corpus" }, "Add articles"),
      ", or run dateline ingest FOLDER.",
    );
  const looking =
    corpus &&
    !empty &&
    !examples &&
    h("li", { class: "hint looking" }, "Looking for questions that these articles answer…");
  return [
    h("h1", {}, "What would you like to know?"),
    h("p", { class: "standfirst" }, told),
    add,
    h("ul", { class: "examples", "aria-label": "Questions to begin with" }, list, looking),
  ];
}
