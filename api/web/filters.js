// What a question is asked of: dates, outlets, mode. As a value, in a link, in a request. Pure.

export const NONE = Object.freeze({
  from: "",
  to: "",
  as_of: "",
  sources: Object.freeze([]),
  mode: "",
  strictness: "",
});

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MODES = ["extractive", "llm"];
const STRICTNESS = ["flag", "strict"];
const LARGEST = 100;

// A filter of nothing but values that the server takes, whatever it is made from.
export function made(fields = {}) {
  const isDay = (value) => (typeof value === "string" && DAY.test(value) ? value : "");
  const sources = Array.isArray(fields.sources) ? fields.sources : [];
  return {
    from: isDay(fields.from),
    to: isDay(fields.to),
    as_of: isDay(fields.as_of),
    sources: [
      ...new Set(sources.filter((name) => typeof name === "string" && name && name.length <= 200)),
    ].slice(0, LARGEST),
    mode: MODES.includes(fields.mode) ? fields.mode : "",
    strictness: STRICTNESS.includes(fields.strictness) ? fields.strictness : "",
  };
}

export const bounds = (filters) =>
  Boolean(filters.from || filters.to || filters.as_of || filters.sources.length);

// The `filters` of a request; null where nothing is bounded.
export function forRequest(filters) {
  if (!bounds(filters)) return null;
  const named = Object.fromEntries(
    ["from", "to", "as_of"].filter((n) => filters[n]).map((n) => [n, filters[n]]),
  );
  return filters.sources.length ? { ...named, sources: filters.sources } : named;
}

export function toParams(filters, params = new URLSearchParams()) {
  for (const name of ["from", "to", "as_of", "mode", "strictness"])
    if (filters[name]) params.set(name, filters[name]);
  for (const source of filters.sources) params.append("source", source);
  return params;
}

export const fromParams = (params) =>
  made({ ...Object.fromEntries(params), sources: params.getAll("source") });
