// Signing in, and who is signed in.

import { button, byId, el } from "./dom.js";
import { become } from "./directory.js";
import { attempt, explain, notice } from "./notices.js";
import { enter, hasDesk, isKept, isMixer, isOpen, leave, me, on, studio } from "./session.js";

export function start() {
  const form = byId("sign-in");
  form.onsubmit = (event) => {
    event.preventDefault();
    submit(form, event.submitter?.value ?? "login");
  };
  on("in", () => show());
  on("out", (reason) => {
    show();
    notice(reason);
    form.elements.username.focus();
  });
  show();
  studio.on("state", () => isOpen() && !me && show());
}

async function submit(form, action) {
  const { username, password } = form.elements;
  const error = byId("sign-in-error");
  error.textContent = "";
  const buttons = form.querySelectorAll("button");
  buttons.forEach((one) => (one.disabled = true));
  try {
    await enter(action, { username: username.value.trim(), password: password.value, as: form.elements.as.value });
    password.value = "";
    byId("main").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  } catch (failure) {
    if (!failure.error) throw failure;
    error.textContent = explain(failure.error);
    username.focus();
  } finally {
    buttons.forEach((one) => (one.disabled = false));
  }
}

function show() {
  // Somebody who is about to be signed in by a token is not asked to.
  byId("welcome").hidden = me !== null || (isKept() && !isOpen());
  byId("studio").hidden = byId("me").hidden = byId("jump").hidden = me === null;
  if (!me) return;
  const music = !hasDesk();
  byId("studio").classList.toggle("music-only", music);
  for (const id of ["desk", "rooms", "people", "notes"]) byId(id).hidden = music;
  byId("log").hidden = !isMixer();
  for (const link of byId("jump").children) link.hidden = byId(link.hash.slice(1)).hidden;
  byId("me").replaceChildren(
    el("span", { class: "name" }, me.username),
    el("span", { class: "role" }, me.roles.join(", ")),
    status(),
    button("Sign out", () => leave(), { class: "small" }),
  );
}

function status() {
  const change = ({ target }) => attempt(become(target.value));
  const choices = ["online", "away", "busy"].map((value) => el("option", { value }, value));
  return el("select", { ariaLabel: "Your status", onchange: change }, choices);
}
