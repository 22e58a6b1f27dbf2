// The card that a marker shows while it is pointed at or focused: quote, outlet, date, verdict.

import { $, foreign, h, replace } from "./dom.js";
import { quote } from "./prose.js";
import { dated, moment, outlet, verdict } from "./words.js";

const GAP = 8;
const LEAVE_MS = 140;

export class Peek {
  constructor(root) {
    this.card = $("#peek");
    this.marker = null;
    const over = (event) => this.show(event.target.closest?.("button.marker"));
    root.addEventListener("pointerover", (event) => event.pointerType !== "touch" && over(event));
    root.addEventListener("pointerout", () => this.leave());
    root.addEventListener(
      "focusin",
      (event) => event.target.matches?.("button.marker:focus-visible") && over(event),
    );
    root.addEventListener("focusout", () => this.hide());
    root.addEventListener("scroll", () => this.hide(), true);
    this.card.addEventListener("pointerenter", () => clearTimeout(this.leaving));
    this.card.addEventListener("pointerleave", () => this.leave());
    document.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape" || this.card.hidden) return;
        event.stopImmediatePropagation();
        this.hide();
      },
      true,
    );
  }

  show(marker) {
    clearTimeout(this.leaving);
    if (!marker?.citation || marker === this.marker) return;
    this.hide();
    this.marker = marker;
    replace(this.card, content(marker.citation));
    this.card.hidden = false;
    marker.setAttribute("aria-describedby", "peek");
    this.place(marker.getBoundingClientRect());
  }

  place(at) {
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const left = Math.min(
      Math.max(GAP, at.left + at.width / 2 - width / 2),
      innerWidth - width - GAP,
    );
    const above = at.top - height - GAP;
    this.card.style.left = `${left}px`;
    this.card.style.top = `${above > GAP ? above : at.bottom + GAP}px`;
  }

  leave() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.hide(), LEAVE_MS);
  }

  hide() {
    this.marker?.removeAttribute("aria-describedby");
    this.marker = null;
    this.card.hidden = true;
  }
}

function content(citation) {
  const told = verdict(citation.verdict);
  const { article } = citation;
  return [
    h("p", { class: "dateline" }, foreign(outlet(article)), h("span", {}, dated(article, moment))),
    h("p", { class: "words" }, quote(citation)),
    h(
      "p",
      { class: "verdict", "data-verdict": citation.verdict },
      `${told.sign} ${told.word}. `,
      h("span", {}, told.says),
    ),
  ];
}
