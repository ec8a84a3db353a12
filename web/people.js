// Everybody we know of: who is here, and who only was.

import { button, byId, el, head } from "./dom.js";
import { everybody, isGone, watch } from "./directory.js";
import { invite } from "./invitations.js";
import { write } from "./notes.js";
import { notice } from "./notices.js";
import { me, studio } from "./session.js";

const list = el("ul", { tabIndex: 0, ariaLabel: "Everybody" });

export function start() {
  const text = el("input", { ariaLabel: "Announce something", placeholder: "To everybody", required: true, maxLength: 2000, autocomplete: "off" });
  const announce = el("form", { class: "everybody", onsubmit: (event) => {
    event.preventDefault();
    studio.messages.broadcast.try({ text: text.value });
    text.value = "";
  } }, text, el("button", {}, "Announce"));
  byId("people").append(head("people-title", "People"), list, announce);
  studio.messages.broadcast_event.on(({ text }) => notice(`To everybody: ${text}`));
  watch(draw);
}

function draw() {
  if (!me) return list.replaceChildren();
  list.replaceChildren(...everybody().map(row));
}

function row(person) {
  const { user, username, status, note } = person;
  const dot = el("span", { class: "dot" });
  dot.dataset.status = status;
  const isMe = user === me.user;
  const what = el("span", { class: "note" }, [isMe ? "you" : "", status === "online" ? "" : status, note].filter(Boolean).join(", "));
  const actions = el("span", { class: "actions" });
  if (!isMe) actions.append(button(["Note", el("span", { class: "unseen" }, ` to ${username}`)], () => write(user), { class: "small" }));
  if (!isMe && !isGone(person)) actions.append(button(["Invite", el("span", { class: "unseen" }, ` ${username}`)], () => invite(user), { class: "small" }));
  return el("li", {}, dot, el("span", { class: "name" }, username), what, actions);
}
