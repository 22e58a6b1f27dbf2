// Text of articles and models, made fit to be shown, and offsets that count code points.
// What cannot be seen (controls, bidi overrides, zero-width characters) is left out, so that
// nothing reads as other than it is. Knows nothing of the page.

// Signs that stand before Arabic and Syriac digits are visible; joiners shape letters and emoji.
const KEPT = /[\n\t\u200C\u200D\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2]/u;
const JOINERS = /[\u200C\u200D]/gu;
const JOINED = /[\p{L}\p{M}\p{Extended_Pictographic}\u{1F3FB}-\u{1F3FF}\uFE0F]/u;
const UNSEEN = /[\p{Cc}\p{Cf}\u115F\u1160\u3164\uFFA0\u{E0000}-\u{E0FFF}]/gu;
const LINES = /\r\n?|[\u0085\u2028\u2029]/gu;
// More marks on one letter than any script has climb over the lines around it.
const PILED = /(\p{M}{4})\p{M}+/gu;

export function clean(text) {
  return String(text ?? "")
    .replace(LINES, "\n")
    .replace(UNSEEN, (found) => (KEPT.test(found) ? found : ""))
    .replace(PILED, "$1")
    .replace(JOINERS, (found, at, all) => (joins(all, at) ? found : ""));
}

// Whether a joiner stands between what it can join; between plain Latin letters it only hides.
function joins(all, at) {
  const before = [...all.slice(Math.max(0, at - 2), at)].pop() ?? " ";
  const after = String.fromCodePoint(all.codePointAt(at + 1) ?? 32);
  return [before, after].every((letter) => letter > "\u02FF" && JOINED.test(letter));
}

// How many characters `clean` leaves out.
export function unseen(text) {
  const lines = String(text ?? "").replace(LINES, "\n");
  return [...lines].length - [...clean(lines)].length;
}

// A function (start, end) → the part of the text between these code points.
export function slicer(text) {
  if (!/[\uD800-\uDBFF]/.test(text)) return (start, end) => text.slice(start, end);
  const offsets = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at) > 0xffff ? 2 : 1) offsets.push(at);
  offsets.push(text.length);
  const unit = (point) => offsets[Math.min(Math.max(point, 0), offsets.length - 1)];
  return (start, end) => text.slice(unit(start), unit(end));
}

export const length = (text) => {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
};

// The beginning of a text, at most so many code points, with an ellipsis where it was cut.
export function shortened(text, points) {
  const letters = [...text];
  return letters.length <= points
    ? text
    : `${letters
        .slice(0, points - 1)
        .join("")
        .trimEnd()}…`;
}
