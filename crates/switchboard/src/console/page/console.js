// The console: lets one in, and puts its parts together.

import { $, make, prose } from "./dom.js";
import { Asks, Log } from "./log.js";
import { showConnections, showCounters } from "./live.js";
import { messageList, messagePage, whyNot } from "./messages.js";
import { folded, outline } from "./outline.js";
import { Protocol } from "./schema.js";
import { Session } from "./session.js";
import * as words from "./words.js";

const KEPT = "switchboard console";
/** Of whose place in a flow is remembered what was heard last. */
const MOST_TOPICS = 4;
/** How the page finds its own connection in the list of all. */
const TAG = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// ------------------------------------------------------------------ the gate

/** Reads what wants the token. */
async function read(path, token) {
  const answer = await fetch(new URL(path, import.meta.url), { headers: { authorization: `Bearer ${token}` } });
  if (answer.ok) return answer.json();
  const wait = answer.headers.get("retry-after");
  if (answer.status === 401) throw new Denied("That is not the token.");
  if (wait) throw new Denied(`Too many wrong tokens: try again in ${wait} s.`);
  throw new Error(await answer.text());
}

class Denied extends Error {}

let hasStarted = false;

async function enter(token) {
  const [schema, view] = [await read("schema", token), await read("live?find=nobody", token)];
  sessionStorage.setItem(KEPT, token);
  // Another server may speak another protocol.
  if (hasStarted) return location.reload();
  hasStarted = true;
  $("gate").hidden = true;
  $("console").hidden = false;
  start(new Protocol(schema), view.endpoint, (path) => read(path, token));
}

function askForToken(problem = "") {
  $("gate").hidden = false;
  $("gate-problem").textContent = problem;
  $("token").focus();
  $("gate-form").onsubmit = async (event) => {
    event.preventDefault();
    try {
      await enter($("token").value.trim());
    } catch (error) {
      $("gate-problem").textContent = error.message;
    }
  };
}

const given = decodeURIComponent(/^#token=(.*)/.exec(location.hash)?.[1] ?? "");
// What is in the address ends up in the browser's history.
if (given) history.replaceState(null, "", location.pathname);
addEventListener("hashchange", () => location.reload());
const token = given || sessionStorage.getItem(KEPT);
if (token) enter(token).catch((error) => askForToken(error.message));
else askForToken();

// ------------------------------------------------------------------ inside

function start(protocol, endpoint, look) {
  $("protocol-name").textContent = protocol.name;
  $("protocol-version").textContent = protocol.version ?? "";
  document.title = `${protocol.name} · Switchboard console`;

  const state = { chosen: undefined, view: "messages", connection: undefined, counted: undefined, busy: false, left: false };
  const [pages, rooms] = [new Map(), new Map()];
  const log = new Log(protocol);
  const url = new URL(`${endpoint}?console=${TAG}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const session = new Session(url.href, protocol.hash, hear);
  const app = { protocol, session, choose, me: () => (typeof state.connection?.identity === "string" ? state.connection.identity : undefined) };
  const asks = new Asks(app);
  const list = messageList(protocol, choose);

  function hear(kind, what) {
    log.add(kind, what);
    if (kind === "ask") asks.open(what.envelope);
    if (kind === "over") asks.over(what.envelope);
    if (kind === "closed") asks.clear();
    learn(what.name, what.envelope);
    if (["open", "closed", "answer", "refusal"].includes(kind)) refresh();
    plug();
  }

  /** Where a topic stands in its flow: members hear it, and who is refused. */
  function learn(name, envelope) {
    const told = name?.endsWith("#state") ? { flow: name.replace("#state", ""), ...envelope.payload } : envelope?.error ?? {};
    if (!told.topic || !told.state) return;
    const topics = rooms.get(told.flow) ?? new Map();
    topics.delete(told.topic);
    rooms.set(told.flow, new Map([...topics, [told.topic, told.state]].slice(-MOST_TOPICS)));
    mark();
  }

  function plug() {
    const { connection } = state;
    $("plug").textContent = session.isOpen ? "Disconnect" : "Connect";
    $("self").dataset.open = session.isOpen;
    const parts = connection && [`#${connection.id}`, ...Object.values(connection.flows), ...connection.roles];
    $("self-state").textContent = !session.isOpen ? "not connected" : parts?.join(" · ") ?? "connected";
  }

  function choose(name) {
    state.chosen = name;
    if (!pages.has(name)) pages.set(name, messagePage(app, protocol.message(name)));
    $("message").replaceChildren(pages.get(name).node);
    $("message").scrollTop = 0;
    show("messages");
    mark();
    // Where there is a keyboard on the screen, it would hide the form.
    const first = matchMedia("(pointer: fine)").matches && $("message").querySelector("form input:not([tabindex]), form textarea, form select");
    (first || $("message")).focus({ preventScroll: !first });
    if (!first) $("message").scrollIntoView();
  }

  function mark() {
    list.mark(state.chosen, (message) => whyNot(protocol, message, state.connection));
    pages.get(state.chosen)?.mark(state.connection, rooms);
    plug();
  }

  function show(view) {
    state.view = view;
    document.body.dataset.view = view;
    document.body.dataset.chosen = state.chosen !== undefined;
    for (const name of ["live", "counters"]) $(name).hidden = view !== name;
    for (const name of ["list", "message"]) $(name).hidden = !["messages", "log"].includes(view);
    for (const tab of document.querySelectorAll("nav button")) {
      if (tab.dataset.view === view) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    refresh();
  }

  /** Looks at the server: at the own connection alone, or at all of them. */
  async function refresh() {
    if (state.busy || state.left || document.hidden) return;
    state.busy = true;
    try {
      const find = state.view === "live" ? encodeURIComponent($("find").value.trim()) : TAG;
      const view = await look(`live?own=${TAG}&find=${find}`);
      state.connection = view.connections.find(({ own }) => own);
      if (state.view === "live") showConnections(view);
      if (state.view === "counters") showCounters(view, state.counted);
      state.counted = view;
    } catch (error) {
      state.connection = undefined;
      if (error instanceof Denied) leave(error.message);
    } finally {
      state.busy = false;
      mark();
    }
  }

  /** The server has been started anew, with another token: asking on with this one would only be guessing. */
  function leave(why) {
    state.left = true;
    session.end();
    sessionStorage.removeItem(KEPT);
    $("console").hidden = true;
    askForToken(`${why} The server may have been started anew.`);
  }

  $("message").append(welcome(protocol));
  $("plug").onclick = () => session.toggle();
  $("find").oninput = refresh;
  $("only-used").onchange = refresh;
  for (const tab of document.querySelectorAll("nav button")) tab.onclick = () => show(tab.dataset.view);
  document.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, target } = event;
    if (key === "Enter" && (ctrlKey || metaKey)) {
      event.preventDefault();
      (target.closest("form") ?? $("message").querySelector("form"))?.requestSubmit();
    } else if (key === "/" && !target.matches("input, textarea, select")) {
      event.preventDefault();
      show("messages");
      $("search").focus();
    }
  });
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, 1_000);
  show("messages");
}

/** What is shown before a message is chosen. */
function welcome(protocol) {
  const counts = [
    words.plural(protocol.messages.length, "message"),
    words.plural(protocol.events.length, "event"),
    words.plural(protocol.asks.length, "ask"),
    words.plural(protocol.topics.length, "topic"),
    words.plural(protocol.flows.length, "flow"),
  ];
  const about = (title, items) => items.length > 0 && make("details", {}, make("summary", {}, title), make("dl", { class: "told" }, items.map((item) =>
    make("div", {}, make("dt", { class: "code" }, item.name), make("dd", {}, prose(item.docs ?? []), carried(item))))));
  const carried = (item) => (item.fields || item.type) && folded("What it carries", () => outline(protocol, protocol.payload(item)) ?? protocol.describe(item.type));
  return make("article", { class: "welcome" },
    make("h2", {}, protocol.name),
    make("p", { class: "docs" }, prose(protocol.docs)),
    make("p", { class: "quiet" }, counts.join(" · "), " · contract ", make("code", {}, protocol.hash)),
    make("p", {}, "Choose a message to try it. What this page sends goes through a connection of its own, like that of any client. A filled jack beside a message: it is let in as things stand."),
    about("Events", protocol.events),
    about("Asks", protocol.asks),
    about("Topics", protocol.topics),
    make("p", { class: "quiet" }, make("kbd", {}, "/"), " searches, ", make("kbd", {}, "Ctrl"), " + ", make("kbd", {}, "Enter"), " sends."));
}
