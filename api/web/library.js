// Conversations, kept in this browser and nowhere else: IndexedDB, or memory where there is none.
// The oldest go when there are too many. Knows no element.

const NAME = "dateline";
const STORE = "conversations";
export const MOST = 300;
export const MOST_TURNS = 200;

const memory = new Map();
let opened;

function open() {
  opened ??= new Promise((resolve) => {
    let asked;
    try {
      asked = indexedDB.open(NAME, 1);
    } catch {
      return resolve(null);
    }
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => resolve(null);
  });
  return opened;
}

async function run(mode, work) {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const asked = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

// Every conversation, the last changed first.
export async function all() {
  const found = (await run("readonly", (store) => store.getAll())) ?? [...memory.values()];
  return found.sort((a, b) => b.updated - a.updated || (a.id < b.id ? -1 : 1));
}

export async function one(id) {
  return (await run("readonly", (store) => store.get(id))) ?? memory.get(id) ?? null;
}

// Keeps a conversation; returns false where the browser has no room for it.
export async function keep(conversation) {
  const plain = { ...conversation, turns: conversation.turns.slice(-MOST_TURNS).map(stored) };
  if (!(await open())) return (memory.set(plain.id, plain), true);
  try {
    await run("readwrite", (store) => store.put(plain));
    const extra = (await all()).slice(MOST);
    for (const old of extra) await drop(old.id);
    return true;
  } catch {
    return false;
  }
}

export async function drop(id) {
  memory.delete(id);
  await run("readwrite", (store) => store.delete(id));
}

// Nothing of a turn but what can be written down.
const KEPT = [
  "id",
  "question",
  "filters",
  "literal",
  "at",
  "state",
  "mode",
  "text",
  "understood",
  "hits",
  "citations",
  "statements",
  "failed",
  "answer",
  "problem",
];

const stored = (turn) => Object.fromEntries(KEPT.map((name) => [name, turn[name]]));

export const newId = () =>
  crypto.getRandomValues(new Uint32Array(3)).reduce((all, n) => all + n.toString(36), "");

// Those whose title, questions or answers hold all the words.
export function matching(conversations, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return conversations.filter((conversation) => {
    const told = conversation.turns.map(
      (turn) => `${turn.question} ${turn.answer?.answer ?? turn.text ?? ""}`,
    );
    const text = [conversation.title, ...told].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
