// Server-sent events out of bytes: name and data, whatever the chunks. Comments are left out.

const LARGEST = 8_000_000;
// The server sends a comment every ten seconds: one that is silent for longer has gone.
const SILENT_MS = 35_000;

// Yields {event, data} of a response's body until it ends.
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    for (;;) {
      const { value, done } = await inTime(reader.read());
      if (done) return;
      held += value;
      if (held.length > LARGEST) throw new Error("an event of the stream has no end");
      const blocks = held.split(/\r\n\r\n|\n\n|\r\r/);
      held = blocks.pop();
      for (const block of blocks) {
        const found = parsed(block);
        if (found) yield found;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function inTime(reading) {
  let timer;
  const silent = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the server has gone silent")), SILENT_MS);
  });
  return Promise.race([reading, silent]).finally(() => clearTimeout(timer));
}

function parsed(block) {
  let event = "message";
  const data = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    if (colon === 0 || line === "") continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") event = value;
    if (name === "data") data.push(value);
  }
  return data.length ? { event, data: data.join("\n") } : null;
}
