// Elements, made in one expression.

/** `make("p", { class: "docs", onclick }, "text", element)`; a child that is null or false is left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name in element && !name.includes("-") && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child != null && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

/** What only screen readers say. */
export const spoken = (text) => make("span", { class: "spoken" }, text);

/** A button that sends no form. */
export const button = (text, onclick, properties = {}) => make("button", { type: "button", onclick, ...properties }, text);

/** Text in which `code` is shown as such. */
export const prose = (lines = []) =>
  lines.join("\n").split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));

let last = 0;
/** An id that no other element has. */
export const newId = () => `e${(last += 1)}`;

/** JSON, indented, its keys and values told apart by colour. */
export function json(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*|true|false|null/g;
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [all, string, colon] = match;
    parts.push(text.slice(end, match.index));
    parts.push(make("span", { class: colon ? "key" : string ? "text" : "atom" }, string ?? all), colon ?? "");
    end = match.index + all.length;
  }
  return make("pre", { class: "json", tabIndex: 0 }, parts, text.slice(end));
}
