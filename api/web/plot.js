// Plots of the corpus over time, as SVG made by script.

import { h, svg } from "./dom.js";
import { number, several, shortDay } from "./words.js";

const OTHERS = "others";
const DAY_MS = 86_400_000;

// Every bin from the first to the last, those that hold nothing too.
export function bins(corpus) {
  const known = new Map(corpus.timeline.map((bin) => [bin.day, bin]));
  const found = [];
  if (!corpus.timeline.length) return found;
  const last = corpus.timeline.at(-1).day;
  for (let day = corpus.timeline[0].day; day <= last; day = after(day, corpus.unit)) {
    found.push(known.get(day) ?? { day, articles: 0, by_outlet: {} });
  }
  return found;
}

function after(day, unit) {
  const start = new Date(`${day}T00:00:00Z`);
  if (unit === "year") start.setUTCFullYear(start.getUTCFullYear() + 1);
  else if (unit === "month") start.setUTCMonth(start.getUTCMonth() + 1);
  else start.setTime(start.getTime() + (unit === "week" ? 7 : 1) * DAY_MS);
  return start.toISOString().slice(0, 10);
}

// The last day of a bin.
export function endOf(day, unit) {
  const next = new Date(`${after(day, unit)}T00:00:00Z`);
  return new Date(next.getTime() - DAY_MS).toISOString().slice(0, 10);
}

export function named(bin, unit) {
  if (unit === "day") return shortDay(bin.day);
  if (unit === "year") return bin.day.slice(0, 4);
  return unit === "week"
    ? `the week of ${shortDay(bin.day)}`
    : shortDay(bin.day).replace(/^\d+ /, "");
}

// A small silhouette; bars outside first..last are pale.
export function histogram(all, first, last) {
  const most = Math.max(...all.map((bin) => bin.articles), 1);
  const bars = all.map((bin, place) => {
    const height = bin.articles ? Math.max(2, (38 * bin.articles) / most) : 0.6;
    const inside = place >= first && place <= last;
    return svg("rect", {
      x: place + 0.08,
      y: 40 - height,
      width: 0.84,
      height,
      class: inside ? "bar" : "bar pale",
    });
  });
  return svg(
    "svg",
    {
      class: "histogram",
      viewBox: `0 0 ${all.length} 40`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    bars,
  );
}

const TALL = 200;
const FOOT = 22;
const LEFT = 30;

// Articles over time, stacked by outlet, `wide` pixels. `onpick` is told the bin that was clicked.
export function stacked(corpus, onpick, wide) {
  const all = bins(corpus);
  const outlets = corpus.outlets.slice(0, 8).map((outlet) => outlet.source);
  const most = Math.max(...all.map((bin) => bin.articles), 1);
  const step = (wide - LEFT) / Math.max(all.length, 12);
  const high = (count) => ((TALL - FOOT - 8) * count) / most;
  const columns = all
    .filter((bin) => bin.articles)
    .map((bin) => {
      const x = LEFT + all.indexOf(bin) * step;
      return column(bin, outlets, {
        x,
        width: Math.max(step - Math.min(2, step / 4), 0.8),
        high,
        unit: corpus.unit,
        onpick,
        step,
      });
    });
  const label = `Articles published, ${all.length ? `${shortDay(all[0].day)} to ${shortDay(corpus.last_day)}` : "none"}; the table below has the numbers`;
  return svg(
    "svg",
    { class: "stacked", viewBox: `0 0 ${wide} ${TALL}`, role: "img", "aria-label": label },
    scale(most, high, wide),
    columns,
    ticks(all, step, wide),
  );
}

function column(bin, outlets, { x, width, high, unit, onpick, step }) {
  let top = TALL - FOOT;
  let rest = bin.articles;
  const piece = (count, kind) => {
    top -= high(count);
    return svg("rect", {
      x,
      y: top,
      width,
      height: Math.max(high(count) - 0.7, 0.7),
      class: `series s${kind}`,
    });
  };
  const pieces = outlets.flatMap((outlet, place) => {
    const count = bin.by_outlet[outlet] ?? 0;
    rest -= count;
    return count ? [piece(count, place)] : [];
  });
  if (rest > 0) pieces.push(piece(rest, OTHERS));
  const told = Object.entries(bin.by_outlet).map(([outlet, count]) => `${outlet}: ${count}`);
  const title = svg(
    "title",
    {},
    [`${named(bin, unit)}: ${several(bin.articles, "article")}`, ...told].join("\n"),
  );
  const area = svg("rect", { x, y: 0, width: step, height: TALL - FOOT, class: "area" });
  return svg("g", { class: "column", onclick: () => onpick(bin) }, title, area, pieces);
}

function scale(most, high, wide) {
  const half = Math.round(most / 2);
  return [...new Set([half, most])].filter(Boolean).map((count) => {
    const y = TALL - FOOT - high(count);
    return [
      svg("line", { x1: LEFT, x2: wide, y1: y, y2: y, class: "rule" }),
      svg("text", { x: LEFT - 6, y: y + 3.5, class: "tick", "text-anchor": "end" }, number(count)),
    ];
  });
}

function ticks(all, step, wide) {
  const every = Math.max(1, Math.ceil(110 / step));
  return all.map((bin, place) => {
    if (place % every || LEFT + place * step > wide - 60) return null;
    return svg("text", { x: LEFT + place * step, y: TALL - 5, class: "tick" }, shortDay(bin.day));
  });
}

export function legend(corpus) {
  const outlets = corpus.outlets.slice(0, 8).map((outlet, place) => [outlet.source, place]);
  if (corpus.outlets.length > outlets.length) outlets.push([OTHERS, OTHERS]);
  return h(
    "ul",
    { class: "legend" },
    outlets.map(([name, kind]) => h("li", {}, swatch(kind), h("bdi", {}, name))),
  );
}

const swatch = (kind) =>
  svg(
    "svg",
    { viewBox: "0 0 10 10", "aria-hidden": "true" },
    svg("rect", { width: 10, height: 10, rx: 2, class: `series s${kind}` }),
  );

// The same numbers for whoever cannot see the plot.
export function table(corpus) {
  const rows = corpus.timeline.map((bin) => {
    const told = Object.entries(bin.by_outlet).map(([outlet, count]) => `${outlet} ${count}`);
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, named(bin, corpus.unit)),
      h("td", {}, number(bin.articles)),
      h("td", {}, told.join(", ")),
    );
  });
  const head = h(
    "tr",
    {},
    ["When", "Articles", "Outlets"].map((name) => h("th", { scope: "col" }, name)),
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Articles by day" },
    h("table", {}, h("thead", {}, head), h("tbody", {}, rows)),
  );
}
