// The one connection of this page, and whose it is.

import { connect } from "./client.js";
import { store, stored } from "./dom.js";

const KEY = "studio.session";
const listeners = { in: [], back: [], out: [] };

/** Who is signed in: `user`, `username`, `roles`; null when nobody is. */
export let me = null;
/** When whoever is signed in came to this connection. */
export let cameAt = 0;
let told = null;

export const studio = connect(undefined, { signIn: resume });

/** Calls `listener` when somebody has signed in (`in`), is on a new connection (`back`), or is no longer signed in (`out`, with the reason). */
export function on(what, listener) {
  listeners[what].push(listener);
}

export const isOpen = () => studio.state.name === "open";
export const isMixer = () => me?.roles.includes("mixer") ?? false;
export const hasDesk = () => me !== null && !me.roles.includes("decoder");
/** Whether a token is kept, so that signing in may go by itself. */
export const isKept = () => stored(localStorage, KEY) !== null;

/** Registers or logs in; fails as the message does. */
export async function enter(action, form) {
  if (studio.state.name === "closed") studio.connect();
  cameAt = Date.now();
  become(await studio.accounts[action](form));
  tell();
}

export async function leave() {
  store(localStorage, KEY, null);
  await studio.accounts.logout.try();
  become(null);
  tell("You are signed out.");
}

studio.on("state", ({ name }) => {
  if (name === "open") tell("The session has ended: please sign in again.");
});

/** On each new connection: the token signs in, if there is one. All pages of a browser share it. */
async function resume(studio) {
  const kept = stored(localStorage, KEY);
  if (!kept) return become(null);
  cameAt = Date.now();
  const { ok, value, error } = await studio.accounts.resume.try(kept);
  if (ok) return become(value);
  if (error.kind !== "unknown_token") throw new Error(`The session could not be resumed: ${error.code}.`);
  store(localStorage, KEY, null);
  become(null);
}

function become(session) {
  me = session;
  if (session) store(localStorage, KEY, { token: session.token, as: session.roles[0] });
}

/** Tells what has changed since it was told last. */
function tell(reason) {
  const before = told;
  told = me?.user ?? null;
  if (before && before !== told) listeners.out.forEach((listener) => listener(reason));
  if (told) listeners[before === told ? "back" : "in"].forEach((listener) => listener());
}
