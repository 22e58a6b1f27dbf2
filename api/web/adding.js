// Adding to the corpus: an address, files, a feed.

import * as api from "./api.js";
import { announce, h, replace, toast } from "./dom.js";
import { number } from "./words.js";

// The three forms; `onadded` is called when something was taken.
export function adding(onadded) {
  const forms = [
    adder("Address of an article", { type: "url", placeholder: "https://…" }, page),
    adder("Files: pages, texts, tables, PDF, archives", { type: "file", multiple: true }, files),
    adder(
      "Address of a feed, or of a page that links one",
      { type: "url", placeholder: "https://…" },
      feed,
    ),
  ];
  for (const form of forms) form.addEventListener("added", onadded);
  return h("div", { class: "adders" }, forms);
}

const page = async (field) => stored(await api.post("v1/articles", { url: field.value.trim() }));

async function files(field) {
  const form = new FormData();
  for (const file of field.files) form.append("file", file);
  const reply = await api.request("v1/articles", { method: "POST", body: form });
  return stored(await reply.json());
}

async function feed(field) {
  const followed = await api.post("v1/feeds", { url: field.value.trim() });
  return `${followed.title ?? followed.url} is followed; its articles come with the next poll.`;
}

function stored({ new: added, changed, same, skipped }) {
  const refused = skipped.length ? `; ${number(skipped.length)} refused: ${skipped[0].reason}` : "";
  return `${number(added)} new, ${number(changed)} changed, ${number(same)} known already${refused}.`;
}

function adder(label, attributes, add) {
  const field = h("input", { class: "field", required: true, ...attributes });
  const send = h("button", { class: "solid" }, "Add");
  const said = h("p", { class: "hint", role: "status" });
  const form = h(
    "form",
    { class: "adder" },
    h("label", {}, h("span", {}, label), field),
    send,
    said,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    replace(said, "Working…");
    try {
      const told = await add(field);
      form.reset();
      toast(told);
      announce(told);
      form.dispatchEvent(new Event("added"));
    } catch (error) {
      replace(said, `${error.title ?? "It failed"}: ${error.message}`);
    }
    send.disabled = false;
  });
  return form;
}
