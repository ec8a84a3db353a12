// The state of the connection, as it is.

import { button, byId, el } from "./dom.js";
import { notice } from "./notices.js";
import { me, studio } from "./session.js";

const WORDS = { connecting: "connecting", open: "open", waiting: "line down", closed: "closed" };
const REASONS = {
  1000: "The connection was closed.",
  1008: "The server hung up: far too many messages.",
  1009: "The server hung up: a message was too large.",
  4002: "Nobody signed in for two minutes, so the server hung up. Signing in connects again.",
  4003: "This page was made for another version of the server: reload it.",
};

let countdown;
let outage = false;

export function start() {
  byId("line").onclick = () => byId("wire").scrollIntoView({ behavior: "smooth" });
  studio.on("state", show);
  studio.on("contract", ({ differs, unknown }) => {
    const what = [...differs, ...unknown].join(", ");
    notice(`The server speaks another version of this protocol than this page (${what}).`, { stays: true, actions: { Reload: () => location.reload() } });
  });
  show(studio.state);
}

function show(state) {
  clearInterval(countdown);
  const lamp = byId("line");
  lamp.dataset.state = state.name;
  lamp.replaceChildren(el("span", { class: "unseen" }, "Connection: "), WORDS[state.name]);
  if (state.name === "open") over();
  if (state.name === "waiting") begun("The line is down. It is tried again by itself.");
  if (state.name === "closed") begun(why(state));
  const bar = byId("outage");
  bar.hidden = !outage || (state.name === "closed" && state.code === 4002 && !me);
  bar.dataset.state = state.name;
  if (!bar.hidden) bar.replaceChildren(...(state.name === "closed" ? ended(state) : missing(state)));
  if (state.name === "closed" && bar.hidden) byId("sign-in-error").textContent = REASONS[4002];
}

/** Said aloud once, however often it is tried; only the eye follows that. */
function begun(said) {
  if (!outage || byId("said").textContent !== said) byId("said").textContent = said;
  outage = true;
}

function over() {
  if (outage) byId("said").textContent = "The line is back.";
  outage = false;
}

function missing(state) {
  if (state.name === "connecting") return [el("p", {}, "Trying to connect …")];
  const seconds = el("span");
  const back = performance.now() + state.in_ms;
  const tick = () => (seconds.textContent = ` in ${Math.max(0, Math.ceil((back - performance.now()) / 1000))} s`);
  tick();
  countdown = setInterval(tick, 250);
  const text = el("p", {}, `The line is down (${state.code}). What you say waits here. Trying again`, seconds);
  return [text, button("Now", () => studio.connect(), { class: "small" })];
}

const ended = (state) => [el("p", {}, why(state)), button("Connect again", () => studio.connect(), { class: "small" })];

const why = ({ code, reason, error }) =>
  error?.message ?? REASONS[code] ?? `The connection was closed (${code}${reason ? `, ${reason}` : ""}).`;
