// The generated client against the running studio.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { WebSocket } from "undici";

import { CountedSignal, event, next, state } from "./heard.js";
import { REPO, client as module } from "./repository.js";
import { PASSWORD, Studio } from "./studio.js";

const { connect, isRefused } = await module("routes.wsr", "studio");

let server;
const clients = [];

before(async () => {
  server = await Studio.start();
});

after(async () => {
  for (const client of clients) client.close();
  assert.equal(await server.stop(), 0);
});

function stranger(options) {
  const client = connect(`ws://${server.address}/ws`, { WebSocket, ...options });
  clients.push(client);
  return client;
}

/** Somebody who has an account, and signs in on each connection. */
async function somebody(role = "listener") {
  const username = `user-${randomUUID().slice(0, 12)}`;
  const first = stranger();
  const { user } = await first.accounts.register({ username, password: PASSWORD, as: role });
  first.close();
  const client = stranger({ signIn: (studio) => studio.accounts.login({ username, password: PASSWORD, as: role }) });
  await state(client, "open");
  return { client, user, username };
}

const room = () => `room-${randomUUID().slice(0, 8)}`;

test("the studio gives out its own client, and says when it is still the same", async () => {
  const url = `http://${server.address}/client.js`;
  const given = await fetch(url);
  assert.equal(await given.text(), readFileSync(join(REPO, "web/client.js"), "utf8"));
  assert.equal(given.headers.get("content-type"), "text/javascript; charset=utf-8");
  const again = await fetch(url, { headers: { "If-None-Match": given.headers.get("etag") } });
  assert.equal(again.status, 304);
});

test("people join a room and talk", async () => {
  const [ann, bob] = [await somebody(), await somebody()];
  const name = room();
  const joined = await ann.client.chat.rooms(name).join();
  assert.equal(joined.name, `chat/rooms/${name}`);
  assert.deepEqual(joined.reply, { room: name, members: 1, lines: [] });
  const comes = next(joined, "joined");
  await bob.client.chat.rooms(name).join();
  assert.deepEqual(await comes, { who: bob.user });
  assert.deepEqual(joined.members.map(({ who }) => who).sort(), [ann.user, bob.user].sort());
  const heard = event(ann.client.chat.posted);
  assert.equal(await bob.client.chat.send({ room: name, text: "héllo 🎧" }), undefined);
  const { text, username, from } = await heard;
  assert.deepEqual([text, username, from], ["héllo 🎧", bob.username, bob.user]);
  const goes = next(joined, "left");
  await bob.client.chat.rooms(name).leave();
  assert.deepEqual(await goes, { who: bob.user });
});

test("declared errors are thrown typed, or given without a throw", async () => {
  const client = stranger();
  const wrong = { username: "nobody-here", password: "wrong password" };
  await assert.rejects(client.accounts.login(wrong), (thrown) => {
    assert.ok(isRefused(thrown) && isRefused(thrown, client.accounts.login) && !isRefused(thrown, client.accounts.register));
    assert.deepEqual(thrown.error, { code: "refused", kind: "wrong_password" });
    assert.equal(thrown.message, "accounts/login: refused: wrong_password");
    return thrown instanceof Error;
  });
  assert.deepEqual(await client.accounts.login.try(wrong), { ok: false, error: { code: "refused", kind: "wrong_password" } });
  assert.deepEqual(await client.presence.ping.try(), { ok: true, value: undefined });
  const refused = await client.chat.send.try({ room: "lobby", text: "x" });
  assert.equal(refused.error.code, "not_now");
});

test("what breaks a limit is not sent, and no secret is in what is told of it", async () => {
  const client = stranger();
  await state(client, "open");
  const frames = [];
  client.on("wire", ({ direction, data }) => direction === "out" && frames.push(data));
  const { error } = await client.accounts.login.try({ username: "x", password: "hunter2" });
  assert.deepEqual(error.violations, [
    { at: "/username", rule: "len", want: "2..=32", got: "1" },
    { at: "/password", rule: "len", want: "8..=128", got: "(secret)" },
  ]);
  assert.deepEqual(frames, []);
  await client.accounts.login.try({ username: "xy", password: "hunter2 hunter2" });
  assert.deepEqual(JSON.parse(frames[0]).payload, { username: "xy", password: "(secret)" });
});

test("a stream is read in a loop", async () => {
  const { client } = await somebody("mixer");
  for (const _ of [1, 2, 3]) await client.mixer.volume_up({ channel: 7, step: 0.5 });
  const changes = [];
  for await (const change of client.log.read()) changes.push(change.message);
  assert.ok(changes.length >= 3 && changes.every((change) => change === "mixer/volume_up"), `${changes}`);
});

test("a stream that is refused throws into the loop", async () => {
  const { client } = await somebody("listener");
  const read = async () => {
    for await (const _ of client.log.read()) assert.fail("nothing comes");
  };
  await assert.rejects(read(), (thrown) => isRefused(thrown, client.log.read) && thrown.error.code === "not_allowed");
});

test("the server asks, and a handler answers", async () => {
  const [ann, bob] = [await somebody(), await somebody()];
  const name = room();
  await ann.client.chat.join({ room: name });
  const questions = [];
  const end = bob.client.chat.invitation.answer(async (question, { signal }) => {
    questions.push([question.username, question.room, signal.aborted]);
    return { coming: true };
  });
  assert.deepEqual(await ann.client.chat.invite({ room: name, user: bob.user }), { coming: true });
  assert.deepEqual(questions, [[ann.username, name, false]]);
  end();
  bob.client.chat.invitation.answer((_, { signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)));
  const asked = next(bob.client, "wire", ({ data }) => String(data).includes("chat/invitation"));
  const invited = ann.client.chat.invite.try({ room: name, user: bob.user }, { timeout: 60_000 });
  await asked;
  bob.client.close();
  const { error } = await invited;
  assert.equal(error.code, "refused");
  assert.match(error.kind, /^(not_here|no_answer)$/);
});

test("music arrives as bytes", async () => {
  const { client } = await somebody("decoder");
  const frames = client.stream.frame[Symbol.asyncIterator]();
  const format = await client.stream.open({ quality: "low" });
  assert.equal(format.quality, "low");
  const { value: first } = await frames.next();
  const { value: second } = await frames.next();
  assert.ok(first.data instanceof Uint8Array && first.data.length === (format.samples_per_second * format.frame_ms) / 500);
  assert.deepEqual([first.quality, second.seq], ["low", first.seq + 1]);
  assert.deepEqual(await frames.return(), { done: true, value: undefined });
  await client.stream.close();
});

test("a message is taken back by its signal, which nobody listens to afterwards", async () => {
  const { client } = await somebody("mixer");
  const signal = new CountedSignal();
  const cancelled = next(client, "wire", ({ direction, data }) => direction === "out" && data.includes("cancel"));
  const waiting = client.mixer.next_change({ channel: 30 }, { signal });
  assert.equal(signal.listeners.size, 1);
  signal.abort(new Error("enough"));
  await assert.rejects(waiting, (thrown) => thrown.error.code === "cancelled" && thrown.cause.message === "enough");
  await cancelled;
  assert.equal(signal.listeners.size, 0);
  const fine = new CountedSignal();
  await client.presence.ping({}, { signal: fine });
  assert.equal(fine.listeners.size, 0);
  const { error } = await client.presence.ping.try({}, { signal: AbortSignal.abort() });
  assert.equal(error.code, "cancelled");
});

test("a restart of the server is survived: what was missed follows once, what waits is sent", async () => {
  const [ann, bob] = [await somebody(), await somebody()];
  const name = room();
  await ann.client.chat.rooms(name).join();
  await bob.client.chat.rooms(name).join();
  const heard = [];
  ann.client.chat.posted.on(({ text }, { topic, offset }) => heard.push([text, topic, offset]));
  await bob.client.chat.send({ room: name, text: "before" });
  const resumed = [];
  ann.client.on("resumed", (told) => resumed.push(told));
  const down = Promise.all([ann, bob].map(({ client }) => next(client, "state", ({ name }) => name === "waiting")));
  await server.kill();
  const [{ code, in_ms }] = await down;
  assert.equal(code, 1006);
  assert.ok(in_ms >= 250 && in_ms <= 500, `${in_ms}`);
  const waiting = bob.client.chat.send({ room: name, text: "while it is down" });
  await server.startAgain();
  await waiting;
  await state(ann.client, "open");
  await bob.client.chat.send({ room: name, text: "after" });
  while (heard.at(-1)[0] !== "after") await event(ann.client.chat.posted);
  const topic = `chat/rooms/${name}`;
  assert.deepEqual(heard, [["before", topic, 1], ["while it is down", topic, 2], ["after", topic, 3]]);
  const told = resumed.find(({ message }) => message === "chat/join");
  assert.deepEqual(told.topics, [{ topic, outcome: "recovered" }, { topic: `chat/typing/${name}`, outcome: "live" }]);
  assert.deepEqual(told.reply.lines.at(0).text, "before");
});

test("an address that is a function is asked for each attempt, and one that fails is asked again", async () => {
  const asked = [];
  const client = connect(
    async () => {
      asked.push(asked.length);
      if (asked.length === 1) throw new Error("no token yet");
      return `ws://${server.address}/ws`;
    },
    { WebSocket },
  );
  clients.push(client);
  await state(client, "open");
  assert.deepEqual(asked, [0, 1]);
});

test("a sign-in that fails ends the client and says why", async () => {
  const client = stranger({ signIn: (studio) => studio.accounts.resume({ token: "x".repeat(43) }) });
  const { code, reason, error } = await state(client, "closed");
  assert.deepEqual([code, reason], [1000, "the sign-in failed"]);
  assert.ok(isRefused(error) && error.error.kind === "unknown_token");
  const { error: offline } = await client.presence.ping.try();
  assert.deepEqual(offline, { code: "offline" });
});

test("the end ends loops, and the client may begin anew", async () => {
  const client = stranger();
  await state(client, "open");
  const loop = (async () => {
    for await (const _ of client.chat.posted) assert.fail("nothing comes");
    return "over";
  })();
  client.close();
  assert.equal(await loop, "over");
  client.connect();
  await state(client, "open");
  assert.deepEqual(await client.presence.ping.try(), { ok: true, value: undefined });
});

test("a listener that was taken away hears nothing, and one that throws stops nobody", async () => {
  const { client } = await somebody();
  // As browsers have it.
  const thrown = new Promise((resolve) => (globalThis.reportError = resolve));
  const heard = [];
  client.messages.broadcast_event.on(() => {
    throw new Error("a bug of the page");
  });
  const off = client.messages.broadcast_event.on(() => heard.push("taken away"));
  client.messages.broadcast_event.on(({ text }) => heard.push(text));
  off();
  const came = event(client.messages.broadcast_event);
  await client.messages.broadcast({ text: "to all" });
  await came;
  assert.deepEqual(heard, ["to all"]);
  assert.equal((await thrown).message, "a bug of the page");
  delete globalThis.reportError;
});
