// Why this answer: the passages in their order, and how long each stage took.

import { foreign, h } from "./dom.js";
import { shortened } from "./text.js";
import { STAGES, dated, duration, number, outlet, percent, several, shortDay } from "./words.js";

const SHOWN_CHARS = 220;

export function why(turn, open) {
  const { answer } = turn;
  const body = h("div", { class: "why-body" });
  const box = h("details", { class: "why" }, h("summary", {}, "Why this answer"), body);
  // Drawn when it is opened: most never are.
  box.addEventListener("toggle", () => {
    if (!box.open || body.firstChild) return;
    body.append(h("h3", {}, `${several(turn.hits.length, "passage")}, best first`), passages(turn.hits, open), h("h3", {}, "Time taken"), timings(answer.timings_ms), facts(answer));
  });
  return box;
}

export function passages(hits, open, most = Infinity) {
  const rows = hits.slice(0, most).map((hit) => {
    const place = { id: hit.article.id, version: hit.article.version, start: hit.start, end: hit.end };
    const copies = hit.copies?.length ? h("span", {}, ` · also in ${hit.copies.map(outlet).join(", ")}`) : null;
    const title = h("button", { type: "button", class: "link title", onclick: (event) => open(place, event.currentTarget) }, foreign(hit.article.title));
    const score = h("span", { class: "score" }, h("span", { class: "visually-hidden" }, "score "), hit.score.toFixed(2), meter(1 / (1 + Math.exp(-hit.score))));
    return h("li", {}, h("div", { class: "hit-head" }, title, score), h("p", { class: "dateline" }, foreign(outlet(hit.article)), h("span", {}, dated(hit.article, shortDay)), copies), h("p", { class: "excerpt" }, foreign(shortened(hit.text, SHOWN_CHARS))));
  });
  return h("ol", { class: "hits" }, rows);
}

function meter(share) {
  const bar = h("span", { class: "meter", "aria-hidden": "true" }, h("span", {}));
  bar.firstChild.style.inlineSize = percent(Math.min(Math.max(share, 0), 1));
  return bar;
}

function timings(stages) {
  const most = Math.max(...Object.values(stages), 1);
  const rows = Object.entries(stages).map(([name, ms]) => [h("dt", {}, STAGES[name] ?? name.replaceAll("_", " ")), h("dd", {}, meter(ms / most), duration(ms))]);
  return h("dl", { class: "timings" }, rows);
}

function facts(answer) {
  const models = Object.values(answer.models ?? {}).filter(Boolean).join(", ");
  const about = { now: "these days", past: "a dated past", timeless: "what does not age" }[answer.understood?.about] ?? "";
  return h("p", { class: "hint" }, [about && `Asked about ${about}.`, `State ${number(answer.generation)} of the corpus.`, models && `Models: ${models}.`].filter(Boolean).join(" "));
}
