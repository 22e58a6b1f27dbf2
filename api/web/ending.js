// What stands under an answer: cautions, what the check found, sources, and what can be done.

import { abstained } from "./abstained.js";
import { act, button, dateline, foreign, h, p, solid } from "./dom.js";
import { sign } from "./prose.js";
import { shortened, slicer } from "./text.js";
import { why } from "./why.js";
import { dated, outlet, several, span, verdict } from "./words.js";

const SHOWN_CHARS = 90;

// The parts under an answer that has ended, whichever way. `view` is its TurnView.
export function ending(view) {
  const { turn, actions } = view;
  if (turn.state === "failed") return [problem(view), tools(view)];
  if (turn.state !== "done" || !turn.answer) {
    return [p("note", "Stopped. What had come by then is above."), sources(view), tools(view)];
  }
  const explained = turn.hits.length ? why(turn, actions.open) : null;
  if (turn.answer.status === "abstained") return [abstained(view), tools(view), explained];
  return [notes(turn.answer), sources(view), tools(view), explained];
}

function problem(view) {
  const { title, message, isLost, retryAfter } = view.turn.problem;
  const wait = retryAfter ? ` It may be tried again in ${several(retryAfter, "second")}.` : "";
  const again = isLost ? " It is asked again as soon as the server can be reached." : "";
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("strong", {}, title),
    p("", foreign(sentence(message)), wait, again),
    solid("Try again", () => view.actions.again(view, {})),
  );
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1).replace(/[.\s]*$/, ".");

function notes({ answer, caution, fallback, statements = [], withheld, neutralised }) {
  const doubted = statements.filter((one) => one.findings?.length && one.verdict !== "supported");
  const was = (count, one, many) => (count === 1 ? one : many);
  return [
    fallback && p("note", h("strong", {}, "Quoted instead of written. "), foreign(fallback.detail)),
    caution && p("note", h("strong", {}, "With caution. "), foreign(caution)),
    doubted.length > 0 && doubts(doubted, answer),
    withheld > 0 &&
      p(
        "hint",
        several(withheld, "sentence"),
        was(withheld, " was", " were"),
        " left out, as the articles do not carry ",
        was(withheld, "it.", "them."),
      ),
    neutralised > 0 &&
      p(
        "hint",
        several(neutralised, "sentence"),
        " of the articles ",
        was(neutralised, "reads like an order and was", "read like orders and were"),
        " kept from the language model.",
      ),
  ];
}

// The sentences that do not hold, and what the checks say of each.
function doubts(statements, text) {
  const cut = slicer(text);
  const rows = statements.map((one) => {
    const { sign: mark, word } = verdict(one.verdict);
    const words = shortened(cut(one.start, one.end).trim(), SHOWN_CHARS);
    const found = one.findings.map((finding) => finding.detail).join("; ");
    const kind = { class: "verdict", "data-verdict": one.verdict };
    return h(
      "li",
      {},
      h("span", kind, `${mark} ${word}: `),
      foreign(words),
      h("span", { class: "named" }, " ", foreign(found)),
    );
  });
  return h("section", { class: "doubts" }, h("h3", {}, "What the check found"), h("ul", {}, rows));
}

function sources({ turn, actions }) {
  const rows = turn.citations.map((citation) => {
    const { article, marker } = citation;
    const open = (event) => actions.open(placeOf(citation), event.currentTarget);
    const title = act(foreign(article.title), open, { class: "link title", "data-source": marker });
    const kind = { class: "verdict", "data-verdict": citation.verdict };
    const told = h("span", kind, sign(citation.verdict), ` ${verdict(citation.verdict).word}`);
    return h(
      "li",
      { value: marker },
      title,
      dateline(foreign(outlet(article)), dated(article), told, named(citation.dates)),
    );
  });
  return rows.length
    ? h("section", { class: "sources" }, h("h3", {}, "Sources"), h("ol", {}, rows))
    : null;
}

// Which days words such as "on Friday" mean.
function named(dates) {
  if (!dates?.length) return null;
  const told = dates.map((date) => [
    "“",
    foreign(date.text),
    `” is ${span(date.first, date.last)} `,
  ]);
  return h("span", { class: "named" }, told);
}

function tools(view) {
  const { again, edit, link } = view.actions;
  return h(
    "div",
    { class: "tools" },
    button("edit", "Edit the question", () => edit(view)),
    button("retry", "Ask again", () => again(view, {})),
    button("link", "Copy a link to this question", () => link(view)),
  );
}

// Where a citation stands, for whoever opens the article.
export function placeOf({ article, start, end, highlight }) {
  const short = highlight && [highlight.start, highlight.end];
  return { id: article.id, version: article.version, start, end, short };
}
