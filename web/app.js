// The studio's page: everything it does goes through one WebSocket.

import { Refused, Switchboard } from "./switchboard.js";
import { Player } from "./player.js";

const $ = (id) => document.getElementById(id);
const VOICES = ["bass", "pad", "arpeggio", "bells"];
const QUALITIES = ["low", "normal", "high"];
const FRAME_TAG = 0x10;

let me;
let room;
const player = new Player((text) => ($("frames").textContent = text));
const names = new Map();

const socket = new Switchboard(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`, {
  onWire(direction, text) {
    const wire = $("wire");
    wire.append(`${direction} ${text}\n`);
    while (wire.childNodes.length > 200) wire.firstChild.remove();
    wire.scrollTop = wire.scrollHeight;
  },
  onState: (text) => ($("connection").textContent = text),
});

/** What the server refused, in words. */
function words(problem) {
  if (!(problem instanceof Refused)) return problem.message;
  const { code, kind, violations = [], retry_after_ms: wait } = problem.error;
  if (code === "invalid_payload") return violations.map((v) => `${v.at}: ${v.rule} ${v.want}`).join("; ");
  if (code === "rate_limited") return `too fast: try again in ${Math.ceil(wait / 1000)} s`;
  return (kind ?? code).replaceAll("_", " ");
}

function line({ username, text, at }) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  const who = document.createElement("strong");
  time.textContent = new Date(at).toLocaleTimeString();
  who.textContent = ` ${username} `;
  item.append(time, who, text);
  $("lines").append(item);
  $("lines").scrollTop = $("lines").scrollHeight;
}

const say = (username, text) => line({ username, text, at: Date.now() });
const attempt = (work) => work.catch((problem) => say("studio", words(problem)));

// ------------------------------------------------------------------ signing in and out

$("sign-in").onsubmit = async (event) => {
  event.preventDefault();
  const form = Object.fromEntries(new FormData(event.target, event.submitter));
  const { action, ...payload } = form;
  try {
    me = await socket.ask(action, payload);
  } catch (problem) {
    $("sign-in-error").textContent = words(problem);
    return;
  }
  $("sign-in-error").textContent = "";
  show(true);
  $("connection").textContent = `${me.username}, ${me.roles.join(", ")}`;
  if (me.roles.includes("decoder")) return;
  await attempt(Promise.all([join(), faders(), people()]));
};

$("logout").onclick = async () => {
  await attempt(socket.ask("accounts/logout"));
  player.stop();
  $("listen").textContent = "Listen";
  $("lines").replaceChildren();
  show(false);
  $("connection").textContent = "connected";
};

function show(signedIn) {
  $("sign-in").hidden = signedIn;
  $("studio").hidden = $("logout").hidden = !signedIn;
  $("chat").hidden = $("desk").hidden = signedIn && me.roles.includes("decoder");
}

// ------------------------------------------------------------------ rooms

async function join() {
  if (room) await socket.ask("chat/leave", { room });
  room = $("room").value;
  const { lines } = await socket.ask("chat/join", { room });
  $("lines").replaceChildren();
  lines.forEach(line);
}

const here = new Set();
const nameOf = (user) => names.get(user) ?? "somebody";

/** Only of the room that is shown: another one may still say goodbye. */
const inRoom = (then) => (event) => event.topic === `chat/rooms/${room}` && then(event);

function showHere() {
  $("here").textContent = `here: ${[...here].map(nameOf).join(", ")}`;
}

socket.on("chat/rooms#here", ({ topic, members }) => {
  if (topic !== `chat/rooms/${room}`) return;
  here.clear();
  members.forEach(({ who }) => here.add(who));
  attempt(people().then(showHere));
});
socket.on("chat/rooms#joined", inRoom(({ who }) => {
  here.add(who);
  attempt(people().then(showHere));
}));
socket.on("chat/rooms#left", inRoom(({ who }) => {
  here.delete(who);
  showHere();
}));

socket.onQuestion("chat/invitation", ({ room: where, username }) => {
  const coming = confirm(`${username} asks you to come to ${where}`);
  if (coming) {
    $("room").value = where;
    attempt(join());
  }
  return { coming };
});

// ------------------------------------------------------------------ questions to the room

$("ask-room").onclick = () => {
  const text = prompt("What do you ask the room?");
  if (text) attempt(socket.ask("poll/open", { room, question: { text, choices: ["yes", "no"] } }));
};
socket.on("poll/opened", ({ question: { text, choices } }) => {
  const buttons = choices.map((choice, index) => {
    const button = document.createElement("button");
    button.textContent = choice;
    button.onclick = () => attempt(socket.ask("poll/vote", { room, choice: index }));
    return button;
  });
  $("poll").replaceChildren(text, ...buttons);
});
socket.on("poll/counted", ({ votes }) => {
  [...$("poll").querySelectorAll("button")].forEach((button, index) => {
    button.textContent = `${button.textContent.replace(/ \(\d+\)$/, "")} (${votes[index]})`;
  });
});

$("join").onclick = () => attempt(join());

$("say").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value;
  $("text").value = "";
  attempt(socket.ask("chat/send", { room, text }));
};

$("broadcast").onclick = () => {
  socket.tell("messages/broadcast", { text: $("text").value });
  $("text").value = "";
};

let lastTyping = 0;
$("text").oninput = () => {
  if (Date.now() - lastTyping < 1000) return;
  lastTyping = Date.now();
  socket.tell("chat/typing", { room });
};

let quiet;
socket.on("chat/posted", line);
socket.on("chat/typing", () => {
  $("typing").textContent = "somebody is typing …";
  clearTimeout(quiet);
  quiet = setTimeout(() => ($("typing").textContent = ""), 2000);
});
socket.on("messages/broadcast", ({ text }) => say("to everybody:", text));
socket.on("direct/note", ({ username, text, at }) => line({ username: `${username}, to you alone:`, text, at }));

// ------------------------------------------------------------------ people

async function people() {
  const everybody = await socket.ask("presence/list");
  $("people").replaceChildren(...everybody.map(person));
}

function person({ user, username, status, note }) {
  names.set(user, username);
  const item = document.createElement("li");
  const write = document.createElement("button");
  item.append(`${username}: ${status}${note ? ` (${note})` : ""} `);
  if (user === me.user) return item;
  write.textContent = "write";
  write.onclick = () => {
    const text = prompt(`To ${username}`);
    if (text) attempt(socket.ask("direct/send", { to: user, text }));
  };
  const invite = document.createElement("button");
  invite.textContent = "invite";
  invite.onclick = () =>
    attempt(
      socket.ask("chat/invite", { room, user }).then(({ coming }) =>
        say("studio", `${username} ${coming ? "is coming" : "is not coming"}`),
      ),
    );
  item.append(write, invite);
  return item;
}

$("refresh").onclick = () => attempt(people());
$("status").onchange = () => attempt(socket.ask("presence/set", { status: $("status").value }).then(people));
socket.on("presence/status_changed", () => me && attempt(people()));

// ------------------------------------------------------------------ the desk

async function faders() {
  const levels = await socket.ask("mixer/levels");
  $("faders").replaceChildren(...VOICES.map((voice, channel) => fader(voice, levels[channel])));
}

function fader(voice, { channel, level }) {
  const row = document.createElement("div");
  const meter = document.createElement("meter");
  const value = document.createElement("output");
  const move = (text, name) => {
    const button = document.createElement("button");
    button.textContent = text;
    button.ariaLabel = `${voice} ${name}`;
    button.onclick = () => attempt(socket.ask(`mixer/${name}`, { channel, step: 5 }).then(moved));
    return button;
  };
  row.className = "fader";
  row.id = `fader-${channel}`;
  meter.max = 100;
  row.append(voice, move("−", "volume_down"), meter, move("+", "volume_up"), value);
  queueMicrotask(() => moved({ channel, level }));
  return row;
}

function moved({ channel, level }) {
  const row = $(`fader-${channel}`);
  if (!row) return;
  row.querySelector("meter").value = level;
  row.querySelector("output").textContent = level;
}

socket.on("mixer/level_changed", moved);

// ------------------------------------------------------------------ the music

$("listen").onclick = async () => {
  if (player.playing) {
    await attempt(socket.ask("stream/close"));
    player.stop();
    $("listen").textContent = "Listen";
    return;
  }
  const format = await socket.ask("stream/open", { quality: $("quality").value });
  player.start(format.samples_per_second);
  $("listen").textContent = "Stop";
};

// quality u8, seq u32, pts_ms u32, samples to the end: see `event frame` in routes.wsr
socket.onFrame(FRAME_TAG, (view) => {
  const quality = QUALITIES[view.getUint8(0)];
  player.push(view.getUint32(1, true), quality, new DataView(view.buffer, view.byteOffset + 9));
});
