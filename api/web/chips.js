// What a question was understood as, in chips that can be taken back.

import { foreign, h, icon } from "./dom.js";
import { several, shortDay, span } from "./words.js";

// Chips of {aspect, text, title}: an aspect can be taken back, a chip without one only tells.
function read(understood, asked) {
  const found = [];
  const add = (aspect, text, title) => found.push({ aspect, text, title });
  if (understood.text !== asked.split(/\s+/).filter(Boolean).join(" ") && !understood.parts.length)
    add("history", `read as “${understood.text}”`, "completed from what was said before");
  if (understood.as_of)
    add("dates", `as of ${shortDay(understood.as_of)}`, "nothing later is seen");
  if (understood.published)
    add(
      "dates",
      `published ${span(understood.published.first, understood.published.last)}`,
      "nothing of other days is seen",
    );
  else if (understood.period)
    add(
      "dates",
      `about ${span(understood.period.first, understood.period.last)}`,
      "news of these days is preferred",
    );
  if (understood.parts.length)
    add(
      "outlets",
      `${several(understood.parts.length, "outlet")} side by side`,
      understood.parts.map((part) => part.source).join(", "),
    );
  else if (understood.sources.length)
    add("outlets", `only ${understood.sources.join(", ")}`, "no other outlet is seen");
  if (understood.preferred_sources.length)
    add(
      "outlets",
      `rather ${understood.preferred_sources.join(", ")}`,
      "these outlets are preferred",
    );
  for (const phrase of understood.phrases)
    add("phrases", `“${phrase}”`, "these words are looked for as they are");
  for (const note of understood.notes) add(null, note, "");
  return found;
}

const TAKEN = {
  dates: "days not read",
  outlets: "outlets not read",
  phrases: "quoted words not read",
  history: "not completed",
};

function bounded(filters) {
  const found = [];
  if (filters.from || filters.to)
    found.push(["from", `published ${span(filters.from, filters.to)}`]);
  if (filters.as_of) found.push(["as_of", `as of ${shortDay(filters.as_of)}`]);
  for (const source of filters.sources) found.push(["source", source]);
  return found;
}

// `again(change)` asks once more with other `literal` or `filters`.
export function chips(turn, again) {
  const set = bounded(turn.filters).map(([name, text]) =>
    chip(text, "set by you", () => again({ filters: without(turn.filters, name, text) }), "filter"),
  );
  const taken = turn.literal.map((aspect) =>
    chip(
      TAKEN[aspect] ?? aspect,
      "taken back",
      () => again({ literal: turn.literal.filter((one) => one !== aspect) }),
      "taken",
    ),
  );
  const found = turn.understood ? read(turn.understood, turn.question) : [];
  const told = found.map(({ aspect, text, title }) =>
    chip(
      text,
      title,
      aspect && (() => again({ literal: [...new Set([...turn.literal, aspect])] })),
      "read",
    ),
  );
  return [...set, ...told, ...taken];
}

function without(filters, name, source) {
  if (name === "source")
    return { ...filters, sources: filters.sources.filter((one) => one !== source) };
  return name === "from" ? { ...filters, from: "", to: "" } : { ...filters, [name]: "" };
}

function chip(text, title, undo, kind) {
  const words = foreign(text);
  if (!undo) return h("li", { class: `chip ${kind}`, title }, words);
  const label = kind === "taken" ? `Read it again: ${text}` : `Take back: ${text}`;
  const back = h(
    "button",
    { type: "button", class: "undo", "aria-label": label, title: label, onclick: undo },
    icon(kind === "taken" ? "retry" : "close"),
  );
  return h("li", { class: `chip ${kind}`, title }, words, back);
}
