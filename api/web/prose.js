// The text of an answer: what is said, what is quoted, and the markers between.
// A quotation is found by its own words, so that "[1]" inside one is text and no marker.

import { foreign, h } from "./dom.js";
import { length, slicer } from "./text.js";
import { byline, verdict } from "./words.js";

// `[?]` stands where a marker pointed nowhere.
const MARKER = /\[(\d{1,3}|\?)\]/g;

// Parts in order: {kind: said | quote | marker | failed | break, text, marker, citation, statement}.
export function parts(turn) {
  const answer = turn.answer;
  const text = answer?.answer ?? turn.text ?? "";
  const isWritten = (answer?.mode ?? turn.mode) === "llm";
  const found = isWritten ? written(text, answer ?? turn) : quoted(text, turn.citations ?? []);
  return found.filter((part) => part.kind !== "said" || part.text);
}

function quoted(text, citations) {
  const found = [];
  let at = 0;
  for (const citation of citations) {
    const quote = text.indexOf(citation.quote, at);
    if (quote < 0) break;
    if (found.length) found.push({ kind: "break" });
    for (const line of text.slice(at, quote).split("\n"))
      if (line.trim()) found.push({ kind: "said", text: `${line.trim()} ` });
    found.push({ kind: "quote", text: citation.quote, citation });
    at = quote + citation.quote.length;
    const marker = ` [${citation.marker}]`;
    if (text.startsWith(marker, at)) at += marker.length;
    found.push({ kind: "marker", marker: citation.marker });
  }
  const rest = text.slice(at).trimStart();
  if (!rest) return found;
  // Its citation comes in a moment: a marker at the very end is one.
  const end = / \[(\d{1,3})\]$/.exec(rest);
  if (found.length) found.push({ kind: "break" });
  found.push({ kind: "said", text: end ? rest.slice(0, end.index) : rest, isPending: true });
  if (end) found.push({ kind: "marker", marker: Number(end[1]) });
  return found;
}

function written(text, { statements = [], failed = [] }) {
  const cut = slicer(text);
  const found = [];
  let at = 0;
  const size = length(text);
  const nowhere = [...failed];
  for (const statement of statements) {
    if (!(statement.start >= at && statement.end <= size)) continue;
    found.push(
      ...marked(cut(at, statement.start), nowhere),
      ...marked(cut(statement.start, statement.end), nowhere, statement),
    );
    at = statement.end;
  }
  return [...found, ...marked(cut(at, size), nowhere)];
}

function marked(text, nowhere, statement = {}) {
  const found = [];
  let at = 0;
  const say = (words) => {
    for (const [place, line] of words.split(/\n+/).entries()) {
      if (place) found.push({ kind: "break" });
      if (line) found.push({ kind: "said", text: line, statement });
    }
  };
  for (const match of text.matchAll(MARKER)) {
    say(text.slice(at, match.index).trimEnd());
    if (match[1] !== "?") found.push({ kind: "marker", marker: Number(match[1]) });
    else
      found.push({ kind: "failed", text: nowhere.shift()?.detail ?? "this marker points nowhere" });
    at = match.index + match[0].length;
  }
  say(text.slice(at));
  return found;
}

// Shows the parts of an answer; what is unchanged since the last time stays in place.
export class Prose {
  constructor(onCite) {
    this.element = h("div", { class: "prose" });
    this.onCite = onCite;
    this.shown = [];
  }

  update(turn) {
    const citations = new Map(
      (turn.citations ?? []).map((citation) => [citation.marker, citation]),
    );
    const groups = paragraphs(parts(turn));
    for (const [place, group] of groups.entries()) {
      const as = JSON.stringify(
        group.map((part) => [
          part.kind,
          part.text,
          part.marker,
          part.statement?.verdict,
          verdictOf(part, citations),
        ]),
      );
      if (this.shown[place] === as) continue;
      const paragraph = h(
        "p",
        { class: "statement" },
        group.map((part) => this.part(part, citations)),
      );
      const old = this.element.children[place];
      if (old) old.replaceWith(paragraph);
      else this.element.append(paragraph);
      this.shown[place] = as;
    }
    while (this.element.children.length > groups.length) this.element.lastChild.remove();
    this.shown.length = groups.length;
  }

  part(part, citations) {
    if (part.kind === "marker") return this.marker(part.marker, citations.get(part.marker));
    if (part.kind === "quote") return quote(part.citation);
    return part.kind === "failed" ? failed(part) : said(part);
  }

  marker(marker, citation) {
    if (!citation)
      return h(
        "span",
        { class: "marker", "data-verdict": "unchecked" },
        String(marker),
        sign("unchecked"),
      );
    const told = verdict(citation.verdict);
    const attributes = {
      type: "button",
      class: "marker",
      "data-verdict": citation.verdict,
      "data-marker": marker,
      "aria-label": `Source ${marker}, ${told.word}: ${byline(citation.article)}`,
    };
    const element = h("button", attributes, String(marker), sign(citation.verdict));
    element.addEventListener("click", () => this.onCite(citation, element));
    element.citation = citation;
    return element;
  }
}

const verdictOf = (part, citations) =>
  part.kind === "marker" && citations.get(part.marker)?.verdict;

function paragraphs(all) {
  const groups = [[]];
  for (const part of all) {
    if (part.kind === "break") groups.push([]);
    else groups.at(-1).push(part);
  }
  return groups.filter((group) => group.length);
}

function said({ text, statement, isPending }) {
  if (!statement) return foreign(text, { class: isPending ? "pending" : "lead" });
  const { verdict: name = "unchecked" } = statement;
  if (name === "supported" || name === "unchecked") return foreign(text, { class: "written" });
  const told = verdict(name);
  return h(
    "span",
    { class: "written doubted", "data-verdict": name },
    foreign(text),
    h("span", { class: "doubt" }, ` ${told.sign} ${told.word} `),
  );
}

const failed = ({ text }) =>
  h(
    "span",
    { class: "marker", "data-verdict": "not_found", title: text },
    "?",
    h("span", { class: "visually-hidden" }, ` no source: ${text}`),
    sign("not_found"),
  );

// The words of an article, with those that answer in short set off.
export function quote(citation) {
  const { highlight } = citation;
  const cut = slicer(citation.quote);
  if (!highlight) return foreign(citation.quote, { class: "quote" });
  const start = highlight.start - citation.start;
  const end = highlight.end - citation.start;
  return h(
    "bdi",
    { dir: "auto", class: "quote" },
    cut(0, start),
    h("strong", {}, cut(start, end)),
    cut(end, Infinity),
  );
}

export const sign = (name) =>
  h("span", { class: "sign", "aria-hidden": "true" }, verdict(name).sign);
