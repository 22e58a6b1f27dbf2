// How things are called: dates, numbers, verdicts, stages. Pure.

const LOCALE = "en-GB";
const DAY = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
const SHORT = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };

export const number = (value) => value.toLocaleString(LOCALE);
export const several = (count, one, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;
export const percent = (share) => `${Math.round(share * 100)}%`;

const DAYS = /^\d{4}-\d{2}-\d{2}$/;

const parsed = (value) => new Date(DAYS.test(value) ? `${value}T00:00:00Z` : value);
const written = (value, form) => {
  const moment = parsed(value);
  return Number.isNaN(moment.getTime()) ? value : moment.toLocaleDateString(LOCALE, form);
};

// "16 March 2025", and the time where an instant is known.
export const day = (value) => (value ? written(value, DAY) : "date not known");
export const shortDay = (value) => (value ? written(value, SHORT) : "no date");
export function moment(value) {
  if (!value || DAYS.test(value)) return day(value);
  const time = parsed(value).toLocaleTimeString(LOCALE, {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
  });
  return `${day(value)}, ${time} UTC`;
}

export function span(first, last) {
  if (first === last) return shortDay(first);
  return `${first ? shortDay(first) : "the beginning"} – ${last ? shortDay(last) : "today"}`;
}

// "3 minutes ago", for what happened to somebody's own things.
export function ago(milliseconds, now = Date.now()) {
  const minutes = Math.round((now - milliseconds) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return several(minutes, "minute") + " ago";
  if (minutes < 48 * 60) return several(Math.round(minutes / 60), "hour") + " ago";
  return several(Math.round(minutes / 1440), "day") + " ago";
}

export const duration = (ms) =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

export const VERDICTS = {
  supported: { sign: "✓", word: "supported", says: "The article bears it out." },
  contradicted: { sign: "✕", word: "contradicted", says: "The article says otherwise." },
  unsupported: { sign: "?", word: "not supported", says: "The article does not carry this." },
  misattributed: { sign: "⇄", word: "misattributed", says: "These words stand elsewhere." },
  not_found: { sign: "∅", word: "not found", says: "These words stand in no article." },
  unchecked: { sign: "·", word: "not checked", says: "This has not been checked yet." },
};
export const verdict = (name) => VERDICTS[name] ?? { sign: "·", word: String(name), says: "" };

export const STAGES = {
  understand: "Read the question",
  first_stages: "Find (meaning and words)",
  fuse: "Join both lists",
  collapse: "Join copies",
  rerank: "Read and rank",
  copies: "Name copies",
  read: "Pick sentences",
  write: "Write",
  verify: "Verify",
  total: "In all",
};

// The day that an article is of: when it was published or, where that is not known, changed.
export function dated(article, form = day) {
  if (article.published_at || !article.modified_at) return form(article.published_at);
  return `changed ${form(article.modified_at)}`;
}

export const outlet = (article) => article.source ?? "outlet not known";
export const byline = (article) => `${outlet(article)}, ${dated(article)}`;
