// Who is connected, and what has been counted: the two views of /_switchboard/live.

import { $, make } from "./dom.js";
import * as words from "./words.js";

const number = (count) => (count ?? 0).toLocaleString("en");
const cell = (label, ...content) => make("td", { "data-label": label }, ...content);

/** Fills the list of connections. */
export function showConnections(view) {
  const others = view.omitted ? `, ${number(view.omitted)} more are not listed` : "";
  $("live-total").textContent = `${number(view.open)} open, ${number(view.total)} since the start${others}`;
  const rows = view.connections.map((connection) => {
    const { outbox, refused, flows, topics } = connection;
    const more = connection.more_topics ? ` and ${connection.more_topics} more` : "";
    return make("tr", { class: connection.own ? "own" : "" },
      make("th", { scope: "row" }, connection.id, connection.own ? make("span", { class: "tag" }, "you") : ""),
      cell("Identity", identity(connection.identity)),
      cell("Roles", connection.roles.join(", ") || "–"),
      cell("State", Object.entries(flows).map(([flow, state]) => make("span", { class: "state", title: `flow ${flow}` }, state))),
      cell("Topics", topics.length ? make("span", { title: topics.join("\n") }, topics.slice(0, 3).join(", ") + (topics.length > 3 ? ` and ${topics.length - 3 + connection.more_topics} more` : more)) : "–"),
      cell("Outbox", make("span", { class: outbox.full ? "warning" : "" }, `${words.bytes(outbox.bytes)} · ${words.plural(outbox.frames, "frame")}${outbox.full ? " · full" : ""}`)),
      cell("Last refusal", refused ? `${refused.message ?? "no message"}: ${refused.code}, ${words.age(refused.ago_ms)} ago` : "–"),
      cell("From", connection.peer),
      cell("Age", words.age(connection.age_ms)));
  });
  if (!rows.length) rows.push(make("tr", {}, make("td", { colSpan: 9, class: "quiet" }, "Nobody like that is connected.")));
  $("connections").tBodies[0].replaceChildren(...rows);
}

const identity = (who) => (who === null ? "–" : make("code", {}, typeof who === "string" ? who : JSON.stringify(who)));

// ------------------------------------------------------------------ counters

/** Fills the counters, beside those of a second ago. */
export function showCounters(view, before) {
  const isUsed = (row) => !$("only-used").checked || Object.entries(row).some(([key, value]) => key !== "name" && (typeof value === "number" ? value > 0 : Object.keys(value).length > 0));
  const old = (kind, name) => before?.[kind].find((row) => row.name === name);
  const messages = view.messages.filter(isUsed).map((row) => [
    row.name,
    counted(row.received, old("messages", row.name)?.received),
    number(row.ok),
    pairs(row.refused),
    number(row.in_progress),
    pairs(row.policies),
  ]);
  const events = view.events.filter(isUsed).map((row) => [
    row.name,
    counted(row.meant, old("events", row.name)?.meant),
    ...["taken", "coalesced", "dropped", "refused", "closed"].map((key) => number(row[key])),
  ]);
  const totals = {
    "connections": number(view.open),
    "connections so far": number(view.total),
    "of another contract": number(view.other_contracts),
    "bytes waiting": words.bytes(view.outbox.bytes),
    "frames waiting": number(view.outbox.frames),
    "full sockets": number(view.outbox.full),
    "bytes lost": words.bytes(view.outbox.lost_bytes),
  };
  $("counted").replaceChildren(
    make("dl", { class: "totals" }, Object.entries(totals).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
    table("Messages", ["Message", "Received", "Ok", "Refused", "In progress", "Decided by"], messages),
    table("Events", ["Event", "Meant for", "Taken", "Coalesced", "Dropped", "Refused", "Closed"], events),
    Object.keys(view.stray).length ? make("p", {}, "Without a known name: ", pairs(view.stray)) : "",
    ...view.flows.map(flow),
  );
}

const pairs = (counts) => Object.entries(counts).map(([name, count]) => `${name} ${number(count)}`).join(", ") || "0";

const counted = (now, before = now) => (now > before ? [number(now), make("span", { class: "rise" }, ` +${number(now - before)}`)] : number(now));

function table(title, head, rows) {
  const body = rows.length
    ? rows.map(([name, ...cells]) => make("tr", {}, make("th", { scope: "row", class: "code" }, name), cells.map((content, index) => cell(head[index + 1], content))))
    : make("tr", {}, make("td", { colSpan: head.length, class: "quiet" }, "Nothing yet."));
  return make("section", {}, make("h3", {}, title),
    make("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": title },
      make("table", {}, make("thead", {}, make("tr", {}, head.map((name) => make("th", { scope: "col" }, name)))), make("tbody", {}, body))));
}

function flow({ name, states }) {
  const all = Math.max(1, Object.values(states).reduce((sum, count) => sum + count, 0));
  const bar = ([state, count]) => make("div", {}, make("dt", {}, state), make("dd", {}, make("meter", { max: all, value: count, "aria-label": `${state} of ${name}` }), ` ${number(count)}`));
  return make("section", {}, make("h3", {}, "Flow ", make("span", { class: "code" }, name)), make("dl", { class: "flow" }, Object.entries(states).map(bar)));
}
