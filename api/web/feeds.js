// The feeds that are followed, and how they fare.

import * as api from "./api.js";
import { act, dateline, foreign, h, p, replace, toast } from "./dom.js";
import { ago, moment, number, several } from "./words.js";

const HEALTH = {
  ok: "✓ working",
  new: "· not polled yet",
  failing: "✕ failing",
  stopped: "■ stopped",
};

// The list, which fills itself; `onchange` is called when a poll has brought something.
export function feeds(mayIngest, onchange) {
  const box = h("div", {}, p("hint", "Looking…"));
  const load = async () => {
    try {
      const found = (await api.get("v1/feeds")).feeds;
      if (!found.length) return replace(box, p("hint", "No feed is followed yet."));
      const rows = found.map((feed) => row(feed, mayIngest && (() => end(feed, load))));
      const poll = (event) => pollDue(event.currentTarget, onchange);
      replace(
        box,
        h("ul", { class: "feeds" }, rows),
        mayIngest && act("Poll the feeds that are due", poll),
      );
    } catch (error) {
      replace(box, h("p", { role: "alert" }, `The feeds cannot be listed: ${error.message}.`));
    }
  };
  load();
  return box;
}

function row(feed, onend) {
  const health = { class: "health", "data-health": feed.status };
  const told = [
    feed.succeeded_at ? `read ${ago(Date.parse(feed.succeeded_at))}` : "never read",
    several(feed.entries, "entry", "entries"),
    feed.next_poll_at && `next ${moment(feed.next_poll_at)}`,
  ];
  return h(
    "li",
    {},
    p(
      "",
      h("strong", {}, foreign(feed.title ?? feed.url)),
      h("span", health, HEALTH[feed.status] ?? feed.status),
    ),
    dateline(foreign(feed.url), ...told),
    feed.error && p("note", foreign(feed.error)),
    onend && act("Stop following", onend),
  );
}

async function end(feed, load) {
  await attempt(async () => {
    await api.remove(`v1/feeds?${new URLSearchParams({ url: feed.url })}`);
    return "The feed is no longer followed; its articles stay.";
  });
  load();
}

async function pollDue(control, onchange) {
  control.disabled = true;
  toast("Polling…");
  await attempt(async () => {
    const report = await api.post("v1/feeds/poll", {});
    const broken = report.broken ? `; ${several(report.broken, "feed")} could not be read` : "";
    return `${several(report.new, "new article")}, ${number(report.changed)} changed${broken}.`;
  });
  onchange();
}

async function attempt(work) {
  try {
    toast(await work());
  } catch (error) {
    toast(`${error.title ?? "It failed"}: ${error.message}`);
  }
}
