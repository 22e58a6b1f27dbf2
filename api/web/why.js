// Why this answer: the passages in their order, and how long each stage took.

import { act, dateline, foreign, h, meter, p } from "./dom.js";
import { shortened } from "./text.js";
import { STAGES, dated, duration, number, outlet, several, shortDay } from "./words.js";

const SHOWN_CHARS = 220;

export function why(turn, open) {
  const { answer } = turn;
  const body = h("div", { class: "why-body" });
  const box = h("details", { class: "why" }, h("summary", {}, "Why this answer"), body);
  // Drawn when it is opened: most never are.
  box.addEventListener("toggle", () => {
    if (!box.open || body.firstChild) return;
    body.append(
      h("h3", {}, `${several(turn.hits.length, "passage")}, best first`),
      passages(turn.hits, open),
      h("h3", {}, "Time taken"),
      timings(answer.timings_ms),
      facts(answer),
    );
  });
  return box;
}

export function passages(hits, open, most = Infinity) {
  return h(
    "ol",
    { class: "hits" },
    hits.slice(0, most).map((hit) => passage(hit, open)),
  );
}

function passage({ article, score, start, end, text, copies }, open) {
  const place = { id: article.id, version: article.version, start, end };
  const title = act(foreign(article.title), (event) => open(place, event.currentTarget), {
    class: "link title",
  });
  const also = copies?.length ? `also in ${copies.map(outlet).join(", ")}` : null;
  const label = h("span", { class: "visually-hidden" }, "score ");
  // The cross-encoder's score is a logit.
  const told = h(
    "span",
    { class: "score" },
    label,
    score.toFixed(2),
    meter(1 / (1 + Math.exp(-score))),
  );
  return h(
    "li",
    {},
    h("div", { class: "hit-head" }, title, told),
    dateline(foreign(outlet(article)), dated(article, shortDay), also),
    p("excerpt", foreign(shortened(text, SHOWN_CHARS))),
  );
}

function timings(stages) {
  const most = Math.max(...Object.values(stages), 1);
  const rows = Object.entries(stages).map(([name, ms]) => [
    h("dt", {}, STAGES[name] ?? name.replaceAll("_", " ")),
    h("dd", {}, meter(ms / most), duration(ms)),
  ]);
  return h("dl", { class: "timings" }, rows);
}

function facts(answer) {
  const models = Object.values(answer.models ?? {})
    .filter(Boolean)
    .join(", ");
  const about =
    { now: "these days", past: "a dated past", timeless: "what does not age" }[
      answer.understood?.about
    ] ?? "";
  return h(
    "p",
    { class: "hint" },
    [
      about && `Asked about ${about}.`,
      `State ${number(answer.generation)} of the corpus.`,
      models && `Models: ${models}.`,
    ]
      .filter(Boolean)
      .join(" "),
  );
}
