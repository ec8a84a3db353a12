// What goes over the wire, frame by frame. Secrets are masked before they come here.

import { button, byId, el, head, keepAtEnd, plural } from "./dom.js";
import { studio } from "./session.js";

const KEPT = 300;
/** What is longer is folded, but for its beginning. */
const LONG = 500;
const BEGINNING = 120;
const list = el("ol", { class: "frames", tabIndex: 0, ariaLabel: "Frames" });
const count = el("span", { class: "count" });
const music = el("input", { type: "checkbox" });
const totals = { in: 0, out: 0, music: 0 };
let paused = false;

export function start() {
  const pause = button("Pause", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
  }, { class: "small" });
  const clear = button("Clear", () => list.replaceChildren(), { class: "small" });
  const withMusic = el("label", {}, music, "binary frames");
  byId("wire").append(head("wire-title", "On the wire", count, withMusic, pause, clear), list);
  studio.on("wire", frame);
  studio.on("problem", (problem) => add(el("li", { class: "problem" }, "!", now(), el("span", {}, JSON.stringify(problem)))));
}

function frame({ direction, data }) {
  const isText = typeof data === "string";
  totals[direction]++;
  if (!isText) totals.music++;
  count.textContent = `${totals.in} in · ${totals.out} out · ${totals.music} binary`;
  if (paused || (!isText && !music.checked)) return;
  const way = el("span", { class: "way", ariaLabel: direction === "out" ? "sent" : "received", role: "img" }, direction === "out" ? "→" : "←");
  add(el("li", { class: direction }, way, now(), isText ? text(data) : bytes(data)));
}

function add(row) {
  keepAtEnd(list, () => {
    list.append(row);
    if (list.children.length > KEPT) list.firstElementChild.remove();
  });
}

const now = () => el("time", {}, new Date().toISOString().slice(11, 22));

function bytes(data) {
  const start = [...data.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return el("span", {}, start, " … ", el("span", { class: "size" }, plural(data.length, "byte")));
}

function text(data) {
  if (data.length <= LONG) return json(data);
  const summary = el("summary", {}, json(data.slice(0, BEGINNING)), "… ", el("span", { class: "size" }, plural(data.length, "character")));
  return el("details", {}, summary, json(data));
}

/** One token of JSON at a time: keys, texts, numbers and words. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;

function json(text) {
  const parts = [];
  let end = 0;
  let isName = false;
  for (const match of text.matchAll(TOKENS)) {
    parts.push(text.slice(end, match.index));
    const [token, string, colon] = match;
    if (colon) parts.push(el("span", { class: "k" }, string), colon);
    else parts.push(el("span", { class: isName ? "name" : string?.includes("(secret)") ? "mask" : string ? "s" : "n" }, token));
    isName = colon !== undefined && string === '"name"';
    end = match.index + token.length;
  }
  parts.push(text.slice(end));
  return el("span", {}, parts);
}
