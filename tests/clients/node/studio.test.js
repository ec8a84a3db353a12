// The studio as Node's WebSocket sees it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { PASSWORD, Studio } from "./studio.js";

const options = { timeout: 60_000 };
let studio;

before(async () => (studio = await Studio.start()));
after(async () => assert.equal(await studio.stop(), 0, "SIGTERM ends it with status 0"));

const clients = (...roles) =>
  Promise.all(
    roles.map(async (role) => {
      const client = await studio.client();
      if (role) await client.register(role);
      return client;
    }),
  );

test("the page and its health are served beside the socket", options, async () => {
  const page = await fetch(`http://${studio.address}/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<title>Studio<\/title>/);
  assert.equal((await fetch(`http://${studio.address}/app.js`)).headers.get("content-type"), "text/javascript");
  assert.equal((await fetch(`http://${studio.address}/healthz`)).status, 200);
  assert.equal((await fetch(`http://${studio.address}/nothing-here`)).status, 404);
});

test("a user registers, signs out and signs in again", options, async () => {
  const [ann] = await clients("listener");
  assert.deepEqual((await ann.ask("accounts/logout")).payload, {});
  const { payload } = await ann.ask("accounts/login", { username: ann.session.username, password: PASSWORD });
  assert.equal(payload.user, ann.session.user);
});

test("three people talk in a room", options, async () => {
  const room = randomUUID().slice(0, 8);
  const everybody = await clients("listener", "listener", "mixer");
  for (const one of everybody) await one.ask("chat/join", { room });
  const [ann, bob, eve] = everybody;
  await ann.ask("chat/send", { room, text: "grüße 🎙" });
  for (const one of everybody) assert.equal((await one.event("chat/posted")).text, "grüße 🎙");
  eve.send(JSON.stringify({ name: "chat/typing", payload: { room } }));
  assert.deepEqual(await bob.event("chat/typing"), { room });
  assert.ok(await eve.hearsNothingOf("chat/typing"));
});

test("a note goes to its mailbox alone", options, async () => {
  const [ann, bob, eve] = await clients("listener", "listener", "listener");
  assert.deepEqual((await ann.ask("direct/send", { to: bob.session.user, text: "psst", key: randomUUID() })).payload, {});
  assert.equal((await bob.event("direct/note")).from, ann.session.user);
  assert.ok(await eve.hearsNothingOf("direct/note"));
});

test("mixers and listeners hear of a fader, decoders do not", options, async () => {
  const [mixer, listener, decoder] = await clients("mixer", "listener", "decoder");
  const { payload } = await mixer.ask("mixer/volume_up", { channel: 1, step: 3 });
  assert.equal((await listener.event("mixer/level_changed")).level, payload.level);
  assert.ok(await decoder.hearsNothingOf("mixer/level_changed"));
});

test("music arrives as binary frames", options, async () => {
  const [decoder] = await clients("decoder");
  await decoder.ask("stream/open", { quality: "high" });
  const view = new DataView(await decoder.frame());
  assert.equal(view.getUint8(0), 0x10);
  assert.equal(view.getUint8(1), 2, "quality: high");
  assert.equal(view.byteLength, 10 + 2 * 1280);
  const next = new DataView(await decoder.frame());
  assert.equal(next.getUint32(2, true), view.getUint32(2, true) + 1);
});

test("plain, flat and nested envelopes mean the same", options, async () => {
  const [one] = await clients("mixer");
  const payload = { channel: 2, step: 1 };
  const forms = [
    { name: "mixer/volume_up", payload },
    { name: "mixer/volume_up", ...payload },
    { name: { mixer: { name: "volume_up" } }, payload },
  ];
  const levels = [];
  for (const form of forms) levels.push((await one.answerTo(form)).payload.level);
  assert.deepEqual(levels, [51, 52, 53]);
});

test("each refusal has its code", options, async () => {
  const [anonymous, listener, decoder] = await clients(undefined, "listener", "decoder");
  const code = async (one, name, payload) => (await one.ask(name, payload)).error.code;
  assert.equal(await code(anonymous, "no/such"), "unknown_message");
  assert.equal(await code(anonymous, "chat/join", { room: "lobby" }), "not_now");
  assert.equal(await code(anonymous, "accounts/login", { username: 1 }), "invalid_payload");
  assert.equal(await code(anonymous, "accounts/login", { username: "nobody", password: PASSWORD }), "refused");
  assert.equal(await code(decoder, "chat/join", { room: "lobby" }), "not_allowed");
  assert.equal(await code(listener, "presence/set", { status: "busy", note: "x".repeat(2000) }), "too_large");
  assert.equal(await code(listener, "mixer/next_change", { channel: 31 }), "timeout");
  anonymous.send("{ not json");
  assert.equal((await anonymous.next((one) => one.re === null)).error.code, "malformed");
});

test("a flood is told when to go on", options, async () => {
  const [one] = await clients(undefined);
  const answers = await Promise.all(Array.from({ length: 350 }, () => one.ask("presence/ping")));
  const refused = answers.filter(({ error }) => error);
  assert.ok(refused.length > 0 && refused.length <= 250, `${refused.length} refused`);
  for (const { error } of refused) assert.equal(error.code, "rate_limited");
});

test("what is too large for the connection closes it with 1009", options, async () => {
  const [one] = await clients(undefined);
  one.send(JSON.stringify({ name: "presence/ping", payload: { x: "x".repeat(70_000) } }));
  assert.equal(await one.closed, 1009);
});
