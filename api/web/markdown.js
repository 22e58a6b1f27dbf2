// A conversation as Markdown: answers with footnotes that quote, name and date their source.
// What articles say is escaped, so that it is text there too. Pure.

import { clean } from "./text.js";
import { byline, day, moment, verdict } from "./words.js";

const SPECIAL = /[\\`*_{}[\]<>()#+!|~&]/g;

export const escaped = (text) =>
  clean(text)
    .replace(SPECIAL, "\\$&")
    .replace(/^(\s*)(\d+)([.)])/gm, "$1$2\\$3")
    .replace(/^(\s*)([-=])/gm, "$1\\$2");

export function markdown(conversation, parts) {
  const lines = [`# ${escaped(conversation.title)}`, ""];
  let note = 0;
  const notes = [];
  for (const turn of conversation.turns) {
    const numbers = new Map();
    for (const citation of turn.citations ?? []) numbers.set(citation.marker, (note += 1));
    lines.push(
      `## ${escaped(turn.question)}`,
      "",
      `Asked on ${moment(new Date(turn.at).toISOString())}.${bounded(turn.filters)}`,
      "",
    );
    lines.push(said(turn, numbers, parts), "");
    if (turn.answer?.caution) lines.push(`*${escaped(turn.answer.caution)}*`, "");
    for (const citation of turn.citations ?? [])
      notes.push(footnote(numbers.get(citation.marker), citation));
  }
  return [...lines, ...notes, ""].join("\n");
}

function said(turn, numbers, parts) {
  if (turn.answer?.status === "abstained")
    return `Not answered: ${escaped(turn.answer.reason?.detail ?? "")}`;
  if (turn.state === "failed") return `Not answered: ${escaped(turn.problem?.message ?? "")}`;
  const told = parts(turn).map((part) => {
    if (part.kind === "break") return "\n\n";
    if (part.kind === "marker")
      return numbers.has(part.marker) ? `[^${numbers.get(part.marker)}]` : `\\[${part.marker}\\]`;
    if (part.kind === "failed") return "\\[?\\]";
    return part.kind === "quote" ? `“${escaped(part.text)}”` : escaped(part.text);
  });
  return told.join("").trim() + (turn.state === "stopped" ? " (stopped)" : "");
}

function footnote(number, citation) {
  const { article } = citation;
  const address = /^https?:\/\/[^\s<>]+$/i.test(article.url ?? "") ? ` <${article.url}>` : "";
  const where = `article ${escaped(article.id)}, version ${article.version}, characters ${citation.start}–${citation.end}`;
  const quote = escaped(citation.quote).replace(/\s+/g, " ");
  return `[^${number}]: “${quote}” ${escaped(byline(article))}: ${escaped(article.title)}.${address} (${where}; ${verdict(citation.verdict).word})`;
}

function bounded(filters) {
  if (!filters) return "";
  const told = [];
  if (filters.from || filters.to)
    told.push(
      `published ${filters.from ? `from ${day(filters.from)} ` : ""}${filters.to ? `to ${day(filters.to)}` : ""}`.trim(),
    );
  if (filters.as_of) told.push(`as of ${day(filters.as_of)}`);
  if (filters.sources?.length) told.push(`of ${filters.sources.map(escaped).join(", ")}`);
  return told.length ? ` Only what was ${told.join(", ")}.` : "";
}
