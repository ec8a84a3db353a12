// The desk: 32 faders in banks of eight, which move in every open page as somebody moves one.

import { byId, el, head } from "./dom.js";
import { Fader } from "./fader.js";
import { hasDesk, on, studio } from "./session.js";

/** What the music listens to; the other faders are free. */
const VOICES = ["Bass", "Pad", "Arp", "Bells"];
const CHANNELS = 32;
const BANK = 8;

const faders = Array.from({ length: CHANNELS }, (_, n) => new Fader(n, VOICES[n]));
const strips = el("div", { class: "strips", role: "tabpanel", id: "strips" });
const marks = faders.map(() => el("i"));
const banks = Array.from({ length: CHANNELS / BANK }, (_, n) => bank(n));

export function start() {
  const hint = el("p", { class: "hint" }, "Drag a fader, or focus one: arrow keys move it by 1, Page Up and Page Down by 10. Everybody hears it.");
  byId("desk").append(head("desk-title", "Mixing desk"), el("div", { class: "banks", role: "tablist", ariaLabel: "Banks of faders" }, banks), strips, hint);
  choose(0);
  studio.mixer.level_changed.on(moved);
  on("in", read);
  on("back", read);
}

async function read() {
  if (!hasDesk()) return;
  const { ok, value } = await studio.mixer.levels.try();
  if (ok) value.forEach(moved);
}

function moved({ channel, level, by }) {
  faders[channel].stands(level, by);
  marks[channel].style.setProperty("--level", level);
}

function bank(n) {
  const first = n * BANK;
  const text = el("span", {}, el("span", { class: "unseen" }, "Faders "), `${first + 1}–${first + BANK}`);
  return el("button", {
    type: "button", class: "bank", role: "tab", id: `bank-${n}`,
    onclick: () => choose(n), onkeydown: (event) => arrow(event, n),
  }, text, el("span", { ariaHidden: "true" }, marks.slice(first, first + BANK)));
}

function arrow(event, n) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = (n + step + banks.length) % banks.length;
  choose(next);
  banks[next].focus();
}

function choose(n) {
  banks.forEach((one, at) => {
    one.ariaSelected = String(at === n);
    one.tabIndex = at === n ? 0 : -1;
    if (at === n) one.setAttribute("aria-controls", "strips");
    else one.removeAttribute("aria-controls");
  });
  strips.setAttribute("aria-labelledby", `bank-${n}`);
  strips.replaceChildren(...faders.slice(n * BANK, (n + 1) * BANK).map((fader) => fader.element));
}
