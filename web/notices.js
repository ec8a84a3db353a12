// Short messages in the corner. They are a live region: they are said once, and nothing in them counts down aloud.

import { button, byId, el } from "./dom.js";

const SECONDS = 7;

/**
 * Shows a text, with buttons as `actions: { Come: () => … }`. It goes by itself unless `stays`, when it is closed, or by the function
 * that is returned.
 */
export function notice(text, { actions = {}, stays = false, onclose } = {}) {
  const gone = () => {
    clearTimeout(timer);
    element.remove();
  };
  const close = () => {
    gone();
    onclose?.();
  };
  const buttons = Object.entries(actions).map(([name, action]) =>
    button(name, () => {
      gone();
      action();
    }, { class: "small" }),
  );
  const element = el("div", { class: "notice" }, el("p", {}, text), buttons, button("×", close, { class: "close plain", ariaLabel: "Close" }));
  const timer = stays ? undefined : setTimeout(gone, SECONDS * 1000);
  byId("notices").append(element);
  return gone;
}

/** What a refusal means, for people. */
export function explain(error) {
  const known = {
    name_taken: "That name is taken.",
    wrong_password: "Name and password do not go together.",
    not_a_member: "You are not in that room.",
    not_here: "They are not connected.",
    no_answer: "They did not answer.",
    unknown_user: "There is nobody of that name.",
    not_now: "Not now: something else comes first.",
    not_allowed: "Your role may not do that.",
    rate_limited: "That was a bit much at once: wait a moment.",
    timeout: "No answer came in time.",
    connection_lost: "The line broke: it may have happened or not.",
    offline: "There is no connection.",
    queue_full: "Too much is waiting for the line already.",
    cancelled: "Taken back.",
    shutting_down: "The server is closing.",
  };
  if (error.code === "invalid_payload") {
    return error.violations.map(({ at, want }) => `${at.slice(1) || "that"}: wanted ${want}`).join("; ");
  }
  return known[error.kind ?? error.code] ?? `It was refused: ${error.kind ?? error.code}.`;
}

/** Waits for a message; its refusal is shown, and undefined returned. */
export async function attempt(message) {
  try {
    return await message;
  } catch (failure) {
    if (!failure.error) throw failure;
    notice(explain(failure.error));
  }
}
