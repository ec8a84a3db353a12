// Asking somebody into a room, and being asked: the server asks on behalf of people and waits for the answer.

import { nameOf } from "./directory.js";
import { explain, notice } from "./notices.js";
import { shown, visit } from "./rooms.js";
import { studio } from "./session.js";

export function start() {
  studio.chat.invitation.answer((question, { signal }) => ask(question, signal));
}

/** Invites into the room that is shown. It may be taken back as long as it is not answered. */
export async function invite(user) {
  const room = shown();
  const name = nameOf(user);
  if (!room) return notice("Go into a room first.");
  const back = new AbortController();
  const close = notice(`Inviting ${name} to ${room} …`, { stays: true, actions: { "Take back": () => back.abort() } });
  const { ok, value, error } = await studio.chat.invite.try({ room, user }, { signal: back.signal });
  close();
  if (ok) notice(value.coming ? `${name} is coming to ${room}.` : `${name} would rather not.`);
  else notice(error.kind === "no_answer" ? `${name} did not answer.` : explain(error));
}

/** Shown until it is answered, or the server no longer waits. */
function ask({ room, username }, signal) {
  return new Promise((answer) => {
    const yes = () => {
      answer({ coming: true });
      visit(room);
    };
    const no = () => answer({ coming: false });
    const close = notice(`${username} invites you to ${room}.`, { stays: true, actions: { Come: yes, "Not now": no }, onclose: no });
    signal.addEventListener("abort", close);
  });
}
