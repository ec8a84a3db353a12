// Elements, made without any HTML: what peers have written stays text.

/**
 * An element. Props that begin with `on` are listeners; those the element has as properties are set, all others are attributes.
 * Children are elements and texts; empty ones are left out.
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element) element[name] = value;
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ""));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A button that submits nothing. */
export const button = (content, onclick, props = {}) => el("button", { type: "button", onclick, ...props }, content);

/** The head of a section: its title, and what stands beside it. */
export const head = (id, title, ...beside) => el("div", { class: "head" }, el("h2", { id }, title), beside);

/** A time of day, readable by machines too. */
export function clock(at) {
  const date = new Date(at);
  const text = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return el("time", { dateTime: date.toISOString(), title: date.toLocaleString() }, text);
}

/** A colour of somebody's own, as dark or light as the theme wants it. */
export function tint(element, id) {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  element.style.setProperty("--hue", `light-dark(oklch(45% 0.13 ${hue}), oklch(82% 0.11 ${hue}))`);
}

/** Scrolls to the end, when that is where the reader was. `change` is what adds to it. */
export function keepAtEnd(list, change) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const result = change();
  if (atEnd) list.scrollTop = list.scrollHeight;
  return result;
}

/** A new random id, also where the page did not come by TLS and the browser offers none. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** What the browser keeps; nothing, where it may not keep anything. */
export function stored(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

/** Keeps a value, or forgets it when it is null. */
export function store(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows: it is not kept.
  }
}
