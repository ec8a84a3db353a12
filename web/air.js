// The music: tuning in, and how it comes.

import { byId, el, head } from "./dom.js";
import { attempt } from "./notices.js";
import { Player } from "./player.js";
import { on, studio } from "./session.js";
import { Visualiser } from "./visualiser.js";

/** Samples a second. */
const QUALITIES = { low: 8_000, normal: 16_000, high: 32_000 };
const canvas = el("canvas", { role: "img", ariaLabel: "The music, drawn" });
const tune = el("button", { type: "button", class: "primary tune", onclick: () => (player ? stop() : listen(chosen())) }, "Tune in");
const figures = el("p", { class: "figures" });
const loudness = el("input", { type: "range", min: 0, max: 100, value: 80, ariaLabel: "Loudness", oninput: () => player?.loudness(loudness.value / 100) });
const visualiser = new Visualiser(canvas);
let player;

export function start() {
  const choices = Object.entries(QUALITIES).map(([value, rate]) =>
    el("label", {}, el("input", { type: "radio", name: "quality", value, checked: value === "normal", onchange: () => player && listen(value) }), `${rate / 1000} kHz`),
  );
  const quality = el("fieldset", { class: "quality", id: "quality" }, el("legend", { class: "unseen" }, "Quality"), choices);
  const controls = el("div", { class: "controls" }, tune, quality, el("label", { class: "loudness" }, "Loudness", loudness));
  byId("air").append(head("air-title", "The air", el("span", { class: "on-air", ariaHidden: "true" }, "ON AIR")), canvas, controls, figures);
  studio.stream.frame.on((frame) => {
    if (!player?.plays(frame.quality)) return;
    player.push(frame);
    show();
  });
  on("out", stop);
  rest();
}

function rest() {
  figures.textContent = "Silence here. The music goes on without you.";
  visualiser.rest();
}

const chosen = () => byId("quality").querySelector(":checked").value;

async function listen(quality) {
  stop();
  // Browsers let only a hand begin to play: so the player begins here, and not behind the answer.
  const mine = new Player(quality, QUALITIES[quality], loudness.value / 100);
  player = mine;
  tune.textContent = "Stop";
  byId("air").dataset.playing = "";
  visualiser.draw(player.analyser);
  const format = await attempt(studio.stream.open({ quality }));
  if (!format && player === mine) stop();
}

function stop() {
  if (!player) return;
  const { quality } = player;
  player.stop();
  player = undefined;
  tune.textContent = "Tune in";
  delete byId("air").dataset.playing;
  rest();
  studio.stream.audio(quality).forget();
  studio.stream.close.try({ quality });
}

function show() {
  const { frames, lost, ahead } = player;
  const figure = (name, value) => el("span", {}, `${name} `, el("b", {}, value));
  figures.replaceChildren(figure("frames", String(frames)), figure("ahead", `${Math.round(ahead * 1000)} ms`), figure("skipped", String(lost)));
}
