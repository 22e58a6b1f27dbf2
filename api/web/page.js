// The page: puts its parts together and follows the address. Start here.

import * as api from "./api.js";
import { colours } from "./colours.js";
import { Composer } from "./composer.js";
import { $, announce, button, icon, replace, toast } from "./dom.js";
import { fromParams, toParams } from "./filters.js";
import { askForKey, forgetKey } from "./keys.js";
import * as library from "./library.js";
import { Peek } from "./peek.js";
import { Reader } from "./reader.js";
import { Sidebar, save } from "./sidebar.js";
import { Steer } from "./steer.js";
import { clean } from "./text.js";
import { Thread, welcome } from "./thread.js";

const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

let corpus = null;
let examples = null;
let instead = null;

api.onUnauthorized(askForKey);

const reader = new Reader(() => go({ ...params(), a: null, v: null, s: null, e: null, h: null }));
const steer = new Steer(() => {});
const thread = new Thread({
  changed: (conversation) => {
    if (params().c !== conversation.id && !$("#talk").hidden) go({ c: conversation.id }, true);
    sidebar.render();
  },
  open: (place, opener) => openArticle(place, opener),
  edit: (view) => edit(view),
  link: (view) => copyLink(view),
  busy: (isBusy) => composer.busy(isBusy),
  lost: () => watch(),
  full: () => toast("This browser has no room for more conversations: delete or export some."),
});
const sidebar = new Sidebar({
  current: () => thread.conversation.id,
  removed: (id) => id === thread.conversation.id && fresh(),
  renamed: (conversation) =>
    conversation.id === thread.conversation.id && (thread.conversation.title = conversation.title),
});
const composer = new Composer({
  ask,
  stop: () => thread.stop(),
  last: () => thread.last && edit(thread.last),
  cancel: () => (instead = null),
});
new Peek($("#main"));

// -- asking --------------------------------------------------------------------------

// A further question stops an answer that is still coming.
function ask(question) {
  thread.stop();
  steer.show(false);
  thread.ask(question, steer.filters, { instead });
  instead = null;
  showWelcome();
}

function edit(view) {
  thread.stop();
  instead = view;
  steer.set(view.turn.filters);
  composer.edit(view.turn.question);
}

async function copyLink(view) {
  const link = new URL(location.href);
  link.hash = toParams(view.turn.filters, new URLSearchParams({ q: view.turn.question }));
  try {
    await navigator.clipboard.writeText(link.href);
    toast("A link to this question, with its filters, is copied.");
  } catch {
    toast("The browser does not let the page copy; the address of the page has the link now.");
    history.replaceState(null, "", link);
  }
}

// -- the address ---------------------------------------------------------------------

const params = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

function go(to, isQuiet = false) {
  const hash = new URLSearchParams(
    Object.entries(to).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
  const url = `${location.pathname}${location.search}${String(hash) ? `#${hash}` : ""}`;
  if (isQuiet) history.replaceState(null, "", url);
  else (history.pushState(null, "", url), follow());
}

function openArticle(place, opener) {
  reader.opener = opener ?? reader.opener;
  go({
    ...params(),
    a: place.id,
    v: place.version,
    s: place.start,
    e: place.end,
    h: place.short?.join("-"),
  });
}

let followed = "";

async function follow() {
  const to = new URLSearchParams(location.hash.slice(1));
  const isCorpus = to.get("view") === "corpus";
  $("#talk").hidden = isCorpus;
  $("#corpus").hidden = !isCorpus;
  for (const link of document.querySelectorAll("#side nav a"))
    link.toggleAttribute("aria-current", isCorpus);
  drawer(false);
  const view = isCorpus ? "corpus" : (to.get("c") ?? "");
  if (to.has("q")) return shared(to);
  if (isCorpus && followed !== view) showCorpus();
  if (!isCorpus && view && view !== thread.conversation.id) await openConversation(view);
  else if (!isCorpus && !view && thread.conversation.turns.length) fresh();
  followed = view;
  article(to);
}

let corpusView = null;

// Its module is loaded when it is first looked at.
async function showCorpus() {
  const { CorpusView } = await import("./corpus.js");
  corpusView ??= new CorpusView({ open: openArticle, changed: know });
  corpusView.show();
}

function article(to) {
  if (!to.has("a")) return reader.hide();
  const whole = (name) => (/^\d+$/.test(to.get(name) ?? "") ? Number(to.get(name)) : undefined);
  const short = /^(\d+)-(\d+)$/.exec(to.get("h") ?? "");
  reader.show({
    id: to.get("a"),
    version: whole("v"),
    start: whole("s"),
    end: whole("e"),
    short: short && [Number(short[1]), Number(short[2])],
  });
}

// A link to a question, with its filters: it is asked in a conversation of its own.
function shared(to) {
  fresh();
  steer.set(fromParams(to));
  const question = to.get("q").trim();
  go({}, true);
  if (question) ask(question);
}

async function openConversation(id) {
  const conversation = await library.one(id);
  if (!conversation) {
    toast("This conversation is not kept in this browser.");
    return fresh();
  }
  thread.start(conversation);
  showWelcome();
  sidebar.render();
  $("#scroll").scrollTop = $("#scroll").scrollHeight;
}

function fresh() {
  thread.start();
  instead = null;
  composer.set("");
  composer.say("");
  go({}, true);
  reader.hide();
  showWelcome();
  sidebar.render();
}

// -- the corpus, and the connection ---------------------------------------------------

async function know() {
  corpus = await api.get("v1/corpus");
  thread.corpus = corpus;
  steer.know(corpus);
  showWelcome();
  $("#key-forget").hidden = !api.key.get();
  return corpus;
}

function showWelcome() {
  const isEmpty = !thread.conversation.turns.length;
  $("#welcome").hidden = !isEmpty;
  $("#export").hidden = $("#title").hidden = isEmpty;
  const title = clean(thread.conversation.title);
  $("#title").textContent = title;
  document.title = title ? `${title} – Dateline` : "Dateline";
  if (isEmpty) replace($("#welcome"), welcome(corpus, examples, ask));
}

async function begin() {
  try {
    await know();
    examples = corpus.articles ? (await api.get("v1/corpus/examples")).questions : [];
    showWelcome();
  } catch (error) {
    if (error instanceof api.Lost) watch();
    else toast(`${error.title ?? "The page failed"}: ${error.message}`);
  }
}

let watching = false;

// Looks for the server until it is there again, then asks what was lost.
async function watch() {
  if (watching) return;
  watching = true;
  const bar = $("#connection");
  replace(bar, "No connection to the server. Trying again…");
  bar.hidden = false;
  for (let tries = 0; ; tries += 1) {
    await pause(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
    if (await isThere()) break;
  }
  watching = false;
  bar.hidden = true;
  announce("The server can be reached again.");
  if (!corpus) await begin();
  thread.recover();
}

const pause = (ms) =>
  new Promise((resolve) => {
    const end = () => (clearTimeout(timer), removeEventListener("online", end), resolve());
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
  });

const isThere = () =>
  api.request("healthz").then(
    () => true,
    (error) => !(error instanceof api.Lost),
  );

// -- the frame -----------------------------------------------------------------------

function drawer(isOpen) {
  document.body.classList.toggle("drawer", isOpen);
  $("#menu").setAttribute("aria-expanded", String(isOpen));
  $("#main").inert = isOpen;
  if (isOpen) $("#find").focus();
}

function frame() {
  $("#menu").append(icon("menu"));
  $("#menu").addEventListener("click", () => drawer(!document.body.classList.contains("drawer")));
  $("#scrim").addEventListener("click", () => drawer(false));
  $("#new").prepend(icon("new"));
  $("#new").addEventListener("click", () => (fresh(), follow(), composer.field.focus()));
  $("#steer-toggle").prepend(icon("steer"));
  $("#corpus-link").prepend(icon("corpus"));
  $("#key-forget").append(icon("key"));
  $("#key-forget").addEventListener("click", () => (forgetKey(), ($("#key-forget").hidden = true)));
  $("#export").append(
    button("save", "Export this conversation as Markdown", () => save(thread.conversation)),
  );
  $("#skip").addEventListener("click", (event) => (event.preventDefault(), composer.field.focus()));
  colours();
  document.addEventListener("keydown", shortcuts);
  addEventListener("hashchange", follow);
  // Another tab may have changed what is kept.
  addEventListener("focus", () => sidebar.render());
}

function shortcuts(event) {
  const isTyping = event.target.closest?.("input, textarea, select, dialog");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    if ($("#talk").hidden)
      go({ c: thread.conversation.turns.length ? thread.conversation.id : null });
    composer.field.focus();
  } else if (event.key === "Escape" && !isTyping) {
    if (document.body.classList.contains("drawer")) return (drawer(false), $("#menu").focus());
    if (thread.running) thread.stop();
    else if (reader.isOpen) go({ ...params(), a: null, v: null, s: null, e: null, h: null });
  }
}

frame();
sidebar.render();
showWelcome();
await follow();
begin();
