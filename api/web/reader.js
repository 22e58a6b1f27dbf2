// The article beside the answer: the cited words marked and in view, its versions, what the
// outlet corrected later, and what changed between two versions.

import * as api from "./api.js";
import { $, announce, button, foreign, h, outward, replace } from "./dom.js";
import { slicer, unseen } from "./text.js";
import { dated, moment, outlet, several, shortDay } from "./words.js";

const NARROW = matchMedia("(max-width: 1100px)");
const KINDS = { correction: "Correction", clarification: "Clarification", retraction: "Retraction", update: "Update", editors_note: "Editor’s note" };

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
    if (!this.isOpen) replace(this.element, this.bar("Article"), h("p", { class: "hint pad" }, "Opening…"));
    this.element.hidden = false;
    document.body.classList.add("reading");
    this.cover();
    try {
      const article = await api.article(place.id, place.version);
      const current = article.versions.find((version) => version.current);
      const later = current && current.number !== article.version ? await api.article(place.id) : null;
      if (turn === this.asked) this.render(article, later, place);
    } catch (error) {
      if (turn !== this.asked) return;
      const gone = error.slug === "article-not-found";
      replace(this.element, this.bar("Article"), h("p", { class: "pad", role: "alert" }, gone ? "This article is no longer in the corpus." : `The article cannot be opened: ${error.message}.`));
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
    return h("div", { class: "reader-bar" }, h("p", { class: "kicker" }, name), button("close", "Close the article (Esc)", () => this.onclose()));
  }

  render(article, later, place) {
    const { body, mark } = text(article, place);
    const heading = h("h2", { tabindex: "-1", id: "reader-title" }, foreign(article.title));
    const facts = [article.section, article.authors.length && `by ${article.authors.join(", ")}`, article.place, article.agency];
    replace(
      this.element,
      this.bar(`Article · version ${article.version} of ${article.versions.length}`),
      h("article", { class: "sheet" }, h("p", { class: "dateline" }, foreign(outlet(article)), h("span", {}, dated(article, moment))), heading, h("p", { class: "hint" }, facts.filter(Boolean).map((fact, at) => [at ? " · " : "", foreign(fact)]), article.published_at && article.modified_at && ` · changed ${moment(article.modified_at)}`), this.history(article, later, place), notices(article.notices, "The outlet says"), hidden(article.text), body, this.foot(article, place)),
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
      const isShown = version.number === article.version;
      const told = `Version ${version.number}, stored ${shortDay(version.ingested_at)}${version.current ? ", the current one" : ""}`;
      const go = () => this.show(isShown ? place : { id: place.id, version: version.number });
      return h("li", {}, isShown ? h("strong", {}, told) : h("button", { type: "button", class: "link", onclick: go }, told));
    });
    const changes = h("div", { class: "changes" });
    const [from, to] = later ? [article.version, later.version] : [article.version - 1, article.version];
    const compare = from > 0 && h("button", { type: "button", class: "link", onclick: () => this.compare(article.id, from, to, changes) }, later ? `What has changed since version ${article.version}` : `What changed from version ${from}`);
    return h("section", { class: "versions", "aria-label": "Versions" }, later && h("p", { class: "later" }, h("strong", {}, "There is a later version of this article. "), "The answer rests on the one shown here."), later && notices(later.notices, "The outlet said later"), h("ul", {}, rows), compare, changes);
  }

  async compare(id, from, to, box) {
    try {
      const { paragraphs } = await api.diff(id, from, to);
      const changed = paragraphs.filter((paragraph) => paragraph.operation !== "same");
      const shown = changed.map((paragraph) => h("p", {}, paragraph.pieces.map(piece)));
      replace(box, shown.length ? shown : h("p", { class: "hint" }, "The words are the same; only what is told about the article differs."));
    } catch (error) {
      replace(box, h("p", { role: "alert" }, `The versions cannot be compared: ${error.message}.`));
    }
  }

  foot(article) {
    const link = outward(article.url, `Read it at ${outlet(article)}`);
    const copies = article.copies.map((copy) => h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.show({ id: copy.id, version: copy.version }) }, foreign(outlet(copy)), `, ${dated(copy, shortDay)}`)));
    return h("footer", {}, link && h("p", {}, link), copies.length > 0 && [h("h3", {}, `The same words in ${several(copies.length, "other article")}`), h("ul", {}, copies)], h("p", { class: "hint" }, `From ${article.origins.join(", ") || "an unknown place"}. Id ${article.id}.`));
  }
}

function piece({ operation, text }) {
  if (operation === "same") return foreign(text);
  const [tag, said] = operation === "added" ? ["ins", "added: "] : ["del", "removed: "];
  return h(tag, {}, h("span", { class: "visually-hidden" }, said), foreign(text));
}

function notices(all, who) {
  return all.map((notice) => h("aside", { class: "notice" }, !notice.text.toLowerCase().startsWith(notice.kind) && h("strong", {}, `${KINDS[notice.kind] ?? "Note"}. `), h("span", { class: "visually-hidden" }, `${who}: `), foreign(notice.text)));
}

function hidden(words) {
  const count = unseen(words);
  return count ? h("p", { class: "notice" }, `${several(count, "character")} of this article cannot be seen (such as zero-width ones and those that turn the direction of writing). They are left out here.`) : null;
}

// The paragraphs, with the cited span in <mark> and the short answer in <strong>.
function text(article, place) {
  const cut = slicer(article.text);
  const unit = (point) => cut(0, point).length;
  const isMarked = Number.isInteger(place.start) && place.end > place.start;
  const cited = isMarked ? [unit(place.start), unit(place.end)] : [0, 0];
  const short = place.short ? place.short.map(unit) : [0, 0];
  let mark = null;
  let at = 0;
  const paragraphs = article.text.split("\n").map((line) => {
    const [start, end] = [at, at + line.length];
    at = end + 1;
    if (!line.trim()) return null;
    const inside = span(article.text, start, end, cited, short);
    mark ??= inside.find((node) => node.localName === "mark") ?? null;
    return h("p", { dir: "auto" }, inside);
  });
  if (mark) mark.tabIndex = -1;
  return { body: h("div", { class: "text" }, paragraphs), mark };
}

function span(all, start, end, cited, short) {
  const [from, to] = [Math.max(start, cited[0]), Math.min(end, cited[1])];
  if (from >= to) return [foreign(all.slice(start, end))];
  const [first, last] = [Math.max(from, short[0]), Math.min(to, short[1])];
  const inner = first < last ? [all.slice(from, first), h("strong", {}, all.slice(first, last)), all.slice(last, to)] : [all.slice(from, to)];
  return [h("bdi", {}, all.slice(start, from)), h("mark", { class: "cited" }, inner), h("bdi", {}, all.slice(to, end))];
}
