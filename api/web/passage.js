// The text of an article as elements, with the cited span marked. Offsets are code points.

import { foreign, h } from "./dom.js";
import { slicer } from "./text.js";

// The paragraphs, the cited span in <mark> and the short answer in <strong>; and the first mark.
export function text(article, place) {
  const cut = slicer(article.text);
  const unit = (point) => cut(0, point).length;
  const isMarked = Number.isInteger(place.start) && place.end > place.start;
  const cited = isMarked ? [unit(place.start), unit(place.end)] : [0, 0];
  const short = place.short ? place.short.map(unit) : [0, 0];
  let mark = null;
  let at = 0;
  const paragraphs = article.text.split("\n").map((line) => {
    const [start, end] = [at, at + line.length];
    at = end + 1;
    if (!line.trim()) return null;
    const inside = span(article.text, start, end, cited, short);
    mark ??= inside.find((node) => node.localName === "mark") ?? null;
    return h("p", { dir: "auto" }, inside);
  });
  if (mark) mark.tabIndex = -1;
  return { body: h("div", { class: "text" }, paragraphs), mark };
}

function span(all, start, end, cited, short) {
  const [from, to] = [Math.max(start, cited[0]), Math.min(end, cited[1])];
  if (from >= to) return [foreign(all.slice(start, end))];
  const [first, last] = [Math.max(from, short[0]), Math.min(to, short[1])];
  const inner =
    first < last
      ? [all.slice(from, first), h("strong", {}, all.slice(first, last)), all.slice(last, to)]
      : [all.slice(from, to)];
  return [
    h("bdi", {}, all.slice(start, from)),
    h("mark", { class: "cited" }, inner),
    h("bdi", {}, all.slice(to, end)),
  ];
}
