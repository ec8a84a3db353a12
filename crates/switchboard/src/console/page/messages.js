// The list of messages, and the page of the chosen one: what it is, a form to try it, what comes back.

import { $, button, json, make, newId, prose, spoken } from "./dom.js";
import { clearComplaints, formOf, parsed } from "./form.js";
import { SECRET, shortName } from "./schema.js";
import { folded, outline } from "./outline.js";
import { violations } from "./check.js";
import * as words from "./words.js";

// ------------------------------------------------------------------ the list

/** Fills the list; what is returned marks what is chosen and what is not allowed now. */
export function messageList(protocol, choose) {
  const entries = [];
  for (const name of new Set(protocol.messages.map(namespace))) {
    const items = protocol.messages.filter((message) => namespace(message) === name).map((message) => {
      const mark = make("span", { class: "mark" });
      const entry = button("", () => choose(message.name), { class: "entry", title: message.docs?.[0] ?? "" });
      entry.append(make("span", {}, shortName(message.name)), mark);
      const item = make("li", {}, entry);
      entries.push({ message, entry, item, mark });
      return item;
    });
    $("names").append(make("section", {}, make("h2", {}, name || "top level"), make("ul", {}, items)));
  }
  $("search").oninput = () => {
    const wanted = $("search").value.toLowerCase().split(/\s+/);
    for (const { message, item } of entries) {
      const text = `${message.name} ${(message.docs ?? []).join(" ")}`.toLowerCase();
      item.hidden = !wanted.every((word) => text.includes(word));
    }
    for (const section of $("names").children) section.hidden = !section.querySelector("li:not([hidden])");
  };
  $("list").onkeydown = (event) => {
    const shown = entries.filter(({ item }) => !item.hidden).map(({ entry }) => entry);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    (shown[shown.indexOf(document.activeElement) + step] ?? $("search")).focus();
  };
  return {
    mark(chosen, whyNot) {
      for (const { message, entry, mark } of entries) {
        const why = whyNot(message);
        if (message.name === chosen) entry.setAttribute("aria-current", "true");
        else entry.removeAttribute("aria-current");
        entry.classList.toggle("shut", !!why);
        mark.replaceChildren(...(why ? [spoken(`, not now: ${why}`)] : []));
        mark.title = why ?? "";
      }
    },
  };
}

const namespace = ({ name }) => name.split("/").slice(0, -1).join("/");

/** Why a connection may not send this message as it stands; nothing: it may, or nobody knows. */
export function whyNot(protocol, message, connection) {
  for (const { flow, on, states } of protocol.gates(message)) {
    if (on || !connection) continue;
    const here = connection.flows[flow.name];
    const state = states.find(({ name }) => name === here);
    if (!state) return `in state ${here}`;
    if (state.roles.length && !state.roles.some((role) => connection.roles.includes(role))) return `needs the role ${state.roles.join(" or ")}`;
  }
  return undefined;
}

// ------------------------------------------------------------------ the page of one message

/** The page of a message. `app`: `{ protocol, session, choose, me }`. */
export function messagePage(app, message) {
  const { protocol } = app;
  const type = protocol.payload(message);
  const form = formOf(protocol, type, { me: app.me });
  const raw = make("textarea", { rows: 8, spellcheck: false, class: "code", id: newId() });
  const rawSlot = make("p", { class: "problem", role: "alert" });
  const panes = {
    form: make("div", { class: "pane" }, form.node),
    raw: make("div", { class: "pane", hidden: true }, make("label", { htmlFor: raw.id, class: "name" }, "Payload as JSON"), raw, rawSlot),
  };
  const [headline, body] = [make("div", { role: "status" }), make("div", { class: "outcome" })];
  /** What has come of it: read out is the first part alone. */
  const tell = (first, ...more) => {
    headline.replaceChildren(first);
    body.replaceChildren(...more.filter(Boolean));
  };
  const gates = make("div", { class: "gates" });
  const hint = make("p", { class: "quiet" }, "Ctrl + Enter");
  let isRaw = false;

  const tabs = ["form", "raw"].map((name) =>
    button(name === "form" ? "Form" : "JSON", () => turn(name === "raw"), { "aria-pressed": String(name === "form") }),
  );
  const sheet = make(
    "form",
    { class: "sheet", noValidate: true, onsubmit },
    make("div", { class: "tabs" }, make("h3", {}, "Payload"), make("div", { role: "group", "aria-label": "How it is written" }, tabs)),
    panes.form,
    panes.raw,
    make("div", { class: "send" }, make("button", { class: "primary" }, "Send"), hint),
  );
  const node = make(
    "article",
    {},
    make("h2", { class: "code" }, message.name),
    message.deprecated && make("p", { class: "problem" }, `Deprecated: ${message.deprecated}`),
    make("p", { class: "docs" }, prose(message.docs ?? ["Nothing is written about it."])),
    make("ul", { class: "facts" }, facts(protocol, message).map((fact) => make("li", {}, fact))),
    gates,
    inside(protocol, message),
    sheet,
    headline,
    body,
  );

  /** Between form and JSON. Secrets stay in the form. */
  function turn(toRaw) {
    if (toRaw === isRaw) return;
    if (toRaw) raw.value = JSON.stringify(protocol.redacted(type, form.read("", [])) ?? {}, null, 2);
    else {
      const problems = [];
      const value = parsed(raw.value, "", problems);
      if (problems.length) return void (rawSlot.textContent = words.violation(problems[0]));
      form.write(unveiled(value));
    }
    isRaw = toRaw;
    rawSlot.textContent = "";
    panes.form.hidden = isRaw;
    panes.raw.hidden = !isRaw;
    tabs.forEach((tab, index) => tab.setAttribute("aria-pressed", String((index === 1) === isRaw)));
  }

  /** JSON with the secrets of the form where it says that there are some. */
  function unveiled(value) {
    const secrets = new Map();
    protocol.overSecrets(type, form.read("", []), (secret, path) => void secrets.set(path, secret));
    return protocol.overSecrets(type, value, (given, path) => (given === SECRET && secrets.has(path) ? secrets.get(path) : given));
  }

  function onsubmit(event) {
    event.preventDefault();
    const problems = [];
    let payload = isRaw ? parsed(raw.value, "", problems) : form.read("", problems);
    if (isRaw && !problems.length) payload = unveiled(payload);
    const places = problems.map(({ at }) => at);
    problems.push(...violations(protocol, type, payload).filter(({ at }) => !places.includes(at)));
    const found = blame(problems);
    // What is written as JSON goes out as it is: the server's own words are worth seeing.
    if (problems.length && !(isRaw && payload !== undefined)) {
      tell(make("p", { class: "problem" }, `Not sent. ${words.refusal({ code: "invalid_payload", violations: problems })}`), list(problems));
      return found?.focus();
    }
    send(payload);
  }

  /** Shows problems where they are; the first control that has one. */
  function blame(problems) {
    clearComplaints(sheet);
    for (const problem of problems) {
      const keys = problem.at.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
      if (!isRaw) form.complain(keys, words.violation(problem));
    }
    if (isRaw) rawSlot.textContent = problems.map((problem) => `${problem.at || "it"} ${words.violation(problem)}`).join("; ");
    return sheet.querySelector("[aria-invalid]");
  }

  function send(payload) {
    const began = performance.now();
    const took = () => make("span", { class: "quiet" }, ` after ${(performance.now() - began).toFixed(1)} ms`);
    const items = make("ol", { class: "stream" });
    const sent = app.session.send(message.name, payload, (heard) => {
      if (heard.item !== undefined) return items.prepend(make("li", {}, json(protocol.redacted(message.stream, heard.item))));
      stop.remove();
      if (heard.error) return refused(heard.error, took());
      if (heard.done) return status.replaceChildren("The stream has ended", took());
      if (heard.lost) return status.replaceChildren("The connection was lost before an answer came.");
      answered(heard, took());
    });
    const status = make("p", { class: "quiet" });
    const stop = button("Take it back", () => app.session.cancel(sent));
    if (sent === undefined) return tell(make("p", { class: "problem" }, "Not sent: there is no connection."));
    status.append(message.stream ? "Listening …" : answers(message) ? "Waiting for the answer …" : "Sent. It is answered only when it is refused.");
    tell(status, (message.stream || message.cancellable) && stop, items);
  }

  function answered(heard, took) {
    const { payload } = heard;
    const isEmpty = payload && typeof payload === "object" && Object.keys(payload).length === 0;
    const shown = protocol.redacted(message.reply?.type, payload);
    const value = !isEmpty && json(shown);
    const hides = JSON.stringify(shown) !== JSON.stringify(payload);
    const reveal = button("Show its secrets", () => {
      value.replaceWith(json(payload));
      reveal.remove();
    });
    tell(make("p", { class: "good" }, isEmpty ? "Done" : "Answered", took), value, hides && reveal, positions(heard));
  }

  function refused(error, took) {
    if (error.violations) blame(error.violations);
    const allowed = (error.allowed ?? []).map((name) => make("li", {}, button(name, () => app.choose(name), { class: "link" })));
    tell(
      make("p", { class: "problem" }, make("strong", { class: "code" }, error.code), " ", words.refusal(error), took),
      error.violations && list(error.violations),
      allowed.length > 0 && make("div", {}, make("p", {}, "It lets in:"), make("ul", { class: "allowed" }, allowed)),
      error.code === "refused" && json(protocol.redacted(errorType(message), error)),
    );
  }

  return {
    node,
    /** Shows where it is allowed, and whether that is here; `rooms`: where topics stand in their flows, as far as one has heard. */
    mark(connection, rooms) {
      const standing = (flow) => [...(rooms.get(flow.name) ?? [])].map(([topic, state]) => `; ${topic} is at ${state}`);
      const lines = protocol.gates(message).map(({ flow, on, states }) =>
        make("p", {}, on ? `The flow ${flow.name} on ${on} lets it in at ` : `The flow ${flow.name} lets it in at `, states.map((state, index) => [
          index ? ", " : "",
          make("span", { class: `state${!on && connection?.flows[flow.name] === state.name ? " here" : ""}` }, state.name),
          state.roles.length ? ` for ${state.roles.join(" or ")}` : "",
          state.member ? " for members" : "",
          state.leads ? ` → ${state.leads}` : "",
        ]), on ? standing(flow) : ""),
      );
      const why = whyNot(protocol, message, connection);
      if (why) lines.push(make("p", { class: "warning" }, `Not now: ${why}. You may send it all the same and see what the server says.`));
      const text = lines.map((line) => line.textContent).join();
      // Screen readers and selections are left alone as long as nothing is new.
      if (gates.textContent !== text || gates.dataset.why !== (why ?? "")) gates.replaceChildren(...lines);
      gates.dataset.why = why ?? "";
    },
  };
}

const list = (problems) => make("ul", { class: "violations" }, problems.map((problem) => make("li", {}, make("code", {}, problem.at || "/"), ` ${words.violation(problem)}`, make("span", { class: "tag" }, problem.rule))));

const positions = ({ positions }) => positions && make("p", { class: "quiet" }, positions.map(({ topic, offset }) => `the history of ${topic ?? "the mailbox"} stands at ${offset}`).join(", "));

const answers = ({ reply, stream }) => reply || stream;
const errorType = ({ error }) => (error === undefined ? undefined : { is: "ref", to: error });

/** What its answers and events consist of. */
function inside(protocol, message) {
  const answer = message.reply?.type ?? message.stream;
  const parts = [
    answer && ["What it answers", answer],
    message.error !== undefined && ["How the application may refuse it", errorType(message)],
    ...(message.sends ?? []).map(({ event }) => [`What ${protocol.events[event].name} carries`, protocol.payload(protocol.events[event])]),
  ];
  return parts.filter((part) => part && outline(protocol, part[1])).map(([title, type]) => folded(title, () => outline(protocol, type)));
}

/** What else is declared of a message. */
function facts(protocol, message) {
  const { reply, stream, error, rate, limit, deadline_ms: deadline, concurrent, idempotent } = message;
  const topic = ({ topic }) => protocol.topics[topic].name;
  const to = (target) => ({
    all: () => (target.others ? "to the others" : "to all"),
    mailbox: () => `to the mailbox of ${target.of.join(".")}`,
    mailboxes: () => "to mailboxes",
    topic: () => `to ${target.others ? "the others in " : ""}${topic(target)}`,
    roles: () => `to ${target.roles.join(", ")}`,
  })[target.is]();
  const answer = reply && (reply.type ? `answers with ${protocol.describe(reply.type)}` : "answers ok");
  return [
    stream ? `answers with a stream of ${protocol.describe(stream)}` : answer ?? "has no answer",
    error !== undefined && `or with ${shortName(protocol.types[error].name)}`,
    (message.joins ?? []).map((join) => `joins ${topic(join)}`),
    (message.leaves ?? []).map((leave) => `leaves ${topic(leave)}`),
    (message.sends ?? []).map(({ event, to: target }) => {
      const declared = protocol.events[event];
      const receiver = target ?? declared.to;
      return `sends ${declared.name}${receiver ? ` ${to(receiver)}` : ""}`;
    }),
    (message.relays ?? []).map((target) => `is passed on ${to(target)}`),
    rate && `${rate.count} per ${words.age(rate.per_ms)} by ${rate.by}`,
    limit && `at most ${words.bytes(limit)}`,
    deadline && `within ${deadline / 1_000} s`,
    concurrent && `${concurrent.count} at a time`,
    idempotent && `once for each ${idempotent.key.join(".")}`,
    message.cancellable && "can be taken back",
    message.binary !== undefined && `binary 0x${message.binary.toString(16).padStart(2, "0")}`,
    message.since && `since ${message.since}`,
  ].flat().filter(Boolean);
}

export { list as violationList };
