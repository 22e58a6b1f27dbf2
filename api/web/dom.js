// Elements made by script. Every string becomes text, never markup, and is cleaned on the way.

import { clean } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";

export const $ = (selector, root = document) => root.querySelector(selector);

// h("p", {class: "note", onclick: f}, "text", element, [more], null)
export function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : clean(value));
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : clean(child));
  }
}

export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

// Words of somebody else, kept from turning the direction of what stands around them.
export const foreign = (text, attributes) => h("bdi", { dir: "auto", ...attributes }, text);

// A link to another site, where the address is one; else the text.
export function outward(url, text) {
  if (!/^https?:\/\//i.test(url ?? "")) return null;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

const ICONS = {
  ask: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M7 7h10v10H7z",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  new: "M12 5v14M5 12h14",
  edit: "M5 19l1-4L16.5 4.5l3 3L9 18z",
  retry: "M19 12a7 7 0 1 1-2-4.9M19 4v4h-4",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  steer: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5v4M9 10v4M17 15v4",
  corpus: "M5 20V10M10 20V4M15 20v-7M20 20V8",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  key: "M14.5 9.5a4 4 0 1 0-3 3.9L13 15h2v2h2v2h3v-3l-5.6-5.6z",
  back: "M15 5l-7 7 7 7",
};

export function icon(name) {
  const shape = { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": "1.7" };
  const path = svg("path", { ...shape, "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, path);
}

export function button(name, label, onclick, attributes) {
  return h(
    "button",
    { type: "button", class: "plain", title: label, "aria-label": label, onclick, ...attributes },
    icon(name),
  );
}

// A button that looks like a link, and one that looks like a button.
export const act = (words, onclick, attributes) =>
  h("button", { type: "button", class: "link", onclick, ...attributes }, words);
export const solid = (words, onclick) =>
  h("button", { type: "button", class: "solid", onclick }, words);

export const p = (kind, ...children) => h("p", kind ? { class: kind } : {}, children);

// A bar that is filled to a share from 0 to 1; its number stands beside it.
export function meter(share) {
  const bar = h("span", { class: "meter", "aria-hidden": "true" }, h("span", {}));
  bar.firstChild.style.inlineSize = `${Math.round(Math.min(Math.max(share, 0), 1) * 100)}%`;
  return bar;
}

// The line of a source: outlet, date, and what else there is of it.
export const dateline = (...parts) =>
  p(
    "dateline",
    parts.filter(Boolean).map((part) => (part instanceof Node ? part : h("span", {}, part))),
  );

// Tells a screen reader what has happened.
export function announce(text) {
  $("#live").textContent = clean(text);
}

let hiding = 0;

// A line at the foot of the page that goes away by itself; `action` is [label, function].
export function toast(text, action) {
  const box = $("#toast");
  clearTimeout(hiding);
  const close = () => box.replaceChildren();
  const act = () => (close(), action[1]());
  replace(
    box,
    h(
      "p",
      {},
      text,
      action && h("button", { type: "button", class: "link", onclick: act }, action[0]),
    ),
  );
  hiding = setTimeout(close, 8000);
}
