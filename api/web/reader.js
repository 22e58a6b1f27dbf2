// The article beside the answer: the cited words marked and in view, its versions, what the
// outlet corrected later, and what changed between two versions.

import * as api from "./api.js";
import { $, act, announce, button, dateline, foreign, h, outward, p, replace } from "./dom.js";
import { text } from "./passage.js";
import { unseen } from "./text.js";
import { dated, moment, outlet, several, shortDay } from "./words.js";

const NARROW = matchMedia("(max-width: 1100px)");
const KINDS = {
  correction: "Correction",
  clarification: "Clarification",
  retraction: "Retraction",
  update: "Update",
  editors_note: "Editor’s note",
};

export class Reader {
  constructor(onclose) {
    this.element = $("#reader");
    this.onclose = onclose;
    this.opener = null;
    this.asked = 0;
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.onclose();
    });
    NARROW.addEventListener("change", () => this.cover());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  // place: {id, version, start, end, short: [start, end]}
  async show(place, opener) {
    const turn = (this.asked += 1);
    if (opener) this.opener = opener;
    if (!this.isOpen)
      replace(this.element, this.bar("Article"), h("p", { class: "hint pad" }, "Opening…"));
    this.element.hidden = false;
    document.body.classList.add("reading");
    this.cover();
    try {
      const article = await api.article(place.id, place.version);
      const current = article.versions.find((version) => version.current);
      const later =
        current && current.number !== article.version ? await api.article(place.id) : null;
      if (turn === this.asked) this.render(article, later, place);
    } catch (error) {
      if (turn !== this.asked) return;
      const gone = error.slug === "article-not-found";
      replace(
        this.element,
        this.bar("Article"),
        h(
          "p",
          { class: "pad", role: "alert" },
          gone
            ? "This article is no longer in the corpus."
            : `The article cannot be opened: ${error.message}.`,
        ),
      );
      $("button", this.element).focus();
    }
  }

  hide() {
    if (!this.isOpen) return;
    this.asked += 1;
    this.element.hidden = true;
    this.element.replaceChildren();
    document.body.classList.remove("reading");
    this.cover();
    if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    this.opener = null;
  }

  // On a narrow screen the article lies over everything else.
  cover() {
    const over = this.isOpen && NARROW.matches;
    for (const part of [$("#main"), $("#side")]) part.inert = over;
    this.element.setAttribute("role", over ? "dialog" : "complementary");
    this.element.toggleAttribute("aria-modal", over);
    if (over) this.element.setAttribute("aria-modal", "true");
  }

  bar(name) {
    return h(
      "div",
      { class: "reader-bar" },
      h("p", { class: "kicker" }, name),
      button("close", "Close the article (Esc)", () => this.onclose()),
    );
  }

  render(article, later, place) {
    const { body, mark } = text(article, place);
    const heading = h("h2", { tabindex: "-1", id: "reader-title" }, foreign(article.title));
    const known = article.published_at && article.modified_at;
    const facts = [
      article.section,
      article.authors.length > 0 && `by ${article.authors.join(", ")}`,
      article.place,
      article.agency,
      known && `changed ${moment(article.modified_at)}`,
    ].filter(Boolean);
    replace(
      this.element,
      this.bar(`Article · version ${article.version} of ${article.versions.length}`),
      h(
        "article",
        { class: "sheet" },
        dateline(foreign(outlet(article)), dated(article, moment)),
        heading,
        p(
          "hint",
          facts.map((fact, at) => [at ? " · " : "", foreign(fact)]),
        ),
        this.history(article, later, place),
        notices(article.notices, "The outlet says"),
        hidden(article.text),
        body,
        this.foot(article),
      ),
    );
    const target = mark ?? heading;
    target.focus({ preventScroll: true });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (mark) mark.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    else this.element.scrollTop = 0;
    announce(`${article.title}, ${outlet(article)}, opened${mark ? " at the cited words" : ""}`);
  }

  history(article, later, place) {
    if (article.versions.length < 2) return null;
    const rows = article.versions.map((version) => {
      const current = version.current ? ", the current one" : "";
      const told = `Version ${version.number}, stored ${shortDay(version.ingested_at)}${current}`;
      const go = () => this.show({ id: place.id, version: version.number });
      return h(
        "li",
        {},
        version.number === article.version ? h("strong", {}, told) : act(told, go),
      );
    });
    const changes = h("div", { class: "changes" });
    const [from, to] = later
      ? [article.version, later.version]
      : [article.version - 1, article.version];
    const words = later
      ? `What has changed since version ${from}`
      : `What changed from version ${from}`;
    return h(
      "section",
      { class: "versions", "aria-label": "Versions" },
      later &&
        p(
          "later",
          h("strong", {}, "There is a later version of this article. "),
          "The answer rests on the one shown here.",
        ),
      later && notices(later.notices, "The outlet said later"),
      h("ul", {}, rows),
      from > 0 && act(words, () => this.compare(article.id, from, to, changes)),
      changes,
    );
  }

  async compare(id, from, to, box) {
    try {
      const { paragraphs } = await api.diff(id, from, to);
      const changed = paragraphs.filter((paragraph) => paragraph.operation !== "same");
      const shown = changed.map((paragraph) => h("p", {}, paragraph.pieces.map(piece)));
      replace(
        box,
        shown.length
          ? shown
          : h(
              "p",
              { class: "hint" },
              "The words are the same; only what is told about the article differs.",
            ),
      );
    } catch (error) {
      replace(box, h("p", { role: "alert" }, `The versions cannot be compared: ${error.message}.`));
    }
  }

  foot(article) {
    const link = outward(article.url, `Read it at ${outlet(article)}`);
    const copies = article.copies.map((copy) => {
      const open = () => this.show({ id: copy.id, version: copy.version });
      return h("li", {}, act([foreign(outlet(copy)), `, ${dated(copy, shortDay)}`], open));
    });
    const told = `The same words in ${several(copies.length, "other article")}`;
    return h(
      "footer",
      {},
      link && p("", link),
      copies.length > 0 && [h("h3", {}, told), h("ul", {}, copies)],
      p("hint", `From ${article.origins.join(", ") || "an unknown place"}. Id ${article.id}.`),
    );
  }
}

function piece({ operation, text }) {
  if (operation === "same") return foreign(text);
  const [tag, said] = operation === "added" ? ["ins", "added: "] : ["del", "removed: "];
  return h(tag, {}, h("span", { class: "visually-hidden" }, said), foreign(text));
}

function notices(all, who) {
  return all.map((notice) =>
    h(
      "aside",
      { class: "notice" },
      !notice.text.toLowerCase().startsWith(notice.kind) &&
        h("strong", {}, `${KINDS[notice.kind] ?? "Note"}. `),
      h("span", { class: "visually-hidden" }, `${who}: `),
      foreign(notice.text),
    ),
  );
}

function hidden(words) {
  const count = unseen(words);
  return count
    ? h(
        "p",
        { class: "notice" },
        `${several(count, "character")} of this article cannot be seen (such as zero-width ones and those that turn the direction of writing). They are left out here.`,
      )
    : null;
}
