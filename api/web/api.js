// The server: requests, problems, keys, and the stream of an answer. Knows no element.

import { events } from "./sse.js";

const ROOT = new URL("../", import.meta.url);
const KEY = "dateline.key";

// What the server said no to. `slug` is the name of the problem, see docs/http.md.
export class Problem extends Error {
  constructor(fields, retryAfter) {
    super(fields.detail || fields.title || "the server gave no reason");
    this.title = fields.title ?? "Something went wrong";
    this.status = fields.status ?? 0;
    this.slug = String(fields.type ?? "")
      .split(":")
      .pop();
    this.retryAfter = retryAfter;
  }
}

// The server could not be reached, or the connection broke.
export class Lost extends Error {}

export const key = {
  get: () => forThePage ?? tried(() => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY)),
  set(value, remember) {
    key.forget();
    forThePage = value;
    tried(() => (remember ? localStorage : sessionStorage).setItem(KEY, value));
  },
  forget() {
    forThePage = null;
    tried(() => sessionStorage.removeItem(KEY));
    tried(() => localStorage.removeItem(KEY));
  },
};

// Where a browser keeps nothing, a key lasts as long as the page.
let forThePage = null;

function tried(work) {
  try {
    return work() ?? null;
  } catch {
    return null;
  }
}

// Set by the page: asks the person for a key, resolves to whether one was given.
let askForKey = async () => false;
export const onUnauthorized = (ask) => (askForKey = ask);

export async function request(path, { method = "GET", json, body, accept, signal } = {}) {
  const headers = { Accept: accept ?? "application/json" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  const used = key.get();
  if (used) headers.Authorization = `Bearer ${used}`;
  let reply;
  try {
    reply = await fetch(new URL(path, ROOT), {
      method,
      headers,
      body: json === undefined ? body : JSON.stringify(json),
      signal,
      credentials: "omit",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Lost("the server cannot be reached");
  }
  if (reply.ok) return reply;
  if (reply.status === 401 && (await askForKey(used)))
    return request(path, { method, json, body, accept, signal });
  throw await problemOf(reply);
}

async function problemOf(reply) {
  const wait = Number(reply.headers.get("Retry-After"));
  const fields = await reply.json().catch(() => ({}));
  return new Problem(
    { status: reply.status, title: `The server replied ${reply.status}`, ...fields },
    wait || 0,
  );
}

export const get = async (path, options) => (await request(path, options)).json();
export const post = async (path, json) => (await request(path, { method: "POST", json })).json();
export const remove = (path) => request(path, { method: "DELETE" });

export const article = (id, version) =>
  get(`v1/articles/${encodeURIComponent(id)}${version ? `?version=${version}` : ""}`);
export const diff = (id, from, to) =>
  get(`v1/articles/${encodeURIComponent(id)}/diff?from=${from}&to=${to}`);

// Yields [name, object] for each event of an answer; the last is "answer".
export async function* ask(question, signal) {
  const accept = "text/event-stream";
  const reply = await request("v1/ask", {
    method: "POST",
    json: { ...question, stream: true },
    accept,
    signal,
  });
  try {
    for await (const { event, data } of events(reply.body)) {
      const carried = JSON.parse(data);
      if (event === "error") throw new Problem(carried, 0);
      yield [event, carried];
      if (event === "answer") return;
    }
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw new Lost("the connection broke while the answer came");
  }
  throw new Lost("the connection ended before the answer was whole");
}
