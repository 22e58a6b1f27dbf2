// An answer that was declined: why, what was looked for, what came nearest, and what to try.

import { act, foreign, h, p } from "./dom.js";
import { forRequest } from "./filters.js";
import { passages } from "./why.js";
import { several, shortDay, span } from "./words.js";

const SHOWN = 3;
const HEADINGS = {
  declined: "The language model found no answer in these articles.",
  not_in_corpus: "The articles here do not seem to say.",
  conflicting: "What was found does not agree.",
  filter_empty: "No article passes the filters.",
  outside_dates: "Nothing here can tell of those days.",
  nothing_found: "Nothing here is near the question.",
};

export function abstained(view) {
  const { turn, actions } = view;
  const { reason } = turn.answer;
  const nearest = [h("h3", {}, "The nearest passages"), passages(turn.hits, actions.open, SHOWN)];
  return h(
    "div",
    { class: "abstained" },
    p("lead-line", HEADINGS[reason.code] ?? "No answer is sure enough."),
    p("", foreign(reason.detail)),
    h("h3", {}, "What was looked for"),
    looked(turn, view.articles()),
    turn.hits.length > 0 && nearest,
    h("h3", {}, "What to try"),
    advice(view, reason.code),
  );
}

function looked({ understood, filters }, articles) {
  const { period, published, as_of: asOf, sources } = understood;
  const told = [
    period && `about ${span(period.first, period.last)}`,
    published && `published ${span(published.first, published.last)}`,
    asOf && `as of ${shortDay(asOf)}`,
    sources.length > 0 && `in ${sources.join(", ")}`,
    (filters.from || filters.to) && `published ${span(filters.from, filters.to)}`,
    filters.sources.length > 0 && `of ${filters.sources.join(", ")}`,
    articles && `among ${several(articles, "article")}`,
  ].filter(Boolean);
  const words = h("span", { class: "quote" }, "“", foreign(understood.text), "”");
  return p(
    "",
    words,
    told.map((one) => `, ${one}`),
    ".",
  );
}

function advice(view, code) {
  const { turn, actions } = view;
  const { understood, filters, literal } = turn;
  const isDated = understood.period || understood.published || understood.as_of;
  const isOfOutlets = understood.sources.length > 0 || understood.parts.length > 0;
  const again = (words, change) =>
    h(
      "li",
      {},
      act(words, () => actions.again(view, change)),
    );
  const free = { ...filters, from: "", to: "", as_of: "", sources: [] };
  const hint = code === "not_in_corpus" ? ": with the names that an article would use" : "";
  return h(
    "ul",
    { class: "advice" },
    forRequest(filters) && again("Ask without the filters", { filters: free }),
    isDated &&
      again("Ask without reading days out of the words", { literal: [...literal, "dates"] }),
    isOfOutlets && again("Ask all outlets", { literal: [...literal, "outlets"] }),
    h(
      "li",
      {},
      act("Ask in other words", () => actions.edit(view)),
      hint,
    ),
    h("li", {}, h("a", { href: "#view=corpus" }, "See what is in the corpus")),
  );
}
