// The generated client against servers that mean no good: it goes on, slowly, and with bounded memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocket } from "undici";

import { event, next, state } from "./heard.js";
import { client as module } from "./repository.js";
import { Scripted } from "./scripted.js";

const { connect } = await module("routes.wsr", "studio");
const { connect: transcripts } = await module("tests/clients/transcripts/protocol.wsr", "transcripts-client");

const POSTED = {
  id: "9599f7e1-96a0-48d6-b155-b0ee386b2c00",
  room: "lobby",
  from: "9599f7e1-96a0-48d6-b155-b0ee386b2c00",
  username: "ann",
  text: "hi",
  at: "2026-11-27T16:17:54Z",
};

async function against(t, script, { connect: connecting = connect, ...options } = {}) {
  const server = await Scripted.start(script);
  const client = connecting(server.url, { WebSocket, ...options });
  t.after(() => {
    client.close();
    server.stop();
  });
  return { server, client };
}

/** A server that says this once the client is there, and then one event that the client understands. */
function saying(say) {
  return (peer) => {
    peer.accept().answers((it) => (it.name === "presence/ping" ? { re: it.id, payload: {} } : undefined));
    say(peer);
    peer.json({ name: "chat/posted", payload: POSTED });
  };
}

test("huge and deep frames are problems, and what comes behind them is heard", async (t) => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const { client } = await against(
    t,
    saying((peer) => {
      peer.text("x".repeat(8 << 20));
      peer.text(deep);
      peer.text(`{"name":"chat/posted","payload":${deep}}`);
      peer.text(`{"re":1,"payload":{"a":${deep}}}`);
      peer.text(`{"name":"chat/rooms#here","payload":{"topic":"chat/rooms/lobby","members":${deep}}}`);
      peer.bytes(new Uint8Array(8 << 20));
      peer.bytes([]);
    }),
  );
  const kinds = [];
  client.on("problem", ({ kind }) => kinds.push(kind));
  const { text } = await event(client.chat.posted);
  assert.equal(text, "hi");
  assert.deepEqual(kinds, ["malformed", "malformed", "unreadable_event", "unreadable_event", "unknown_event", "malformed"]);
});

test("frames of the wrong shape are problems or nothing, whatever stands in them", async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`SEED=${seed}`);
  const random = mulberry(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const names = ["chat/posted", "chat/rooms#here", "chat/rooms#left", "poll#state", "chat/invitation", "chat/join", "__proto__", "constructor", "x"];
  const invent = (depth) =>
    depth === 0
      ? pick([null, true, 0, -1, 1e300, 7, "", "x", POSTED.id, POSTED.at, "__proto__"])
      : pick([
          () => invent(0),
          () => Array.from({ length: Math.floor(random() * 4) }, () => invent(depth - 1)),
          () => Object.fromEntries(Array.from({ length: 3 }, () => [pick([...Object.keys(POSTED), "__proto__", "topic", "members", "who", "code", "kind"]), invent(depth - 1)])),
        ])();
  const keys = ["name", "payload", "re", "ask", "error", "item", "done", "positions", "topic", "mailbox", "offset", "pong", "contract", "same", "differs"];
  const envelope = () => {
    const it = {};
    for (const key of keys) if (random() < 0.3) it[key] = key === "name" ? pick(names) : random() < 0.3 ? Math.floor(random() * 3) : invent(3);
    return it;
  };
  const { client } = await against(
    t,
    saying((peer) => {
      for (let count = 0; count < 3_000; count += 1) peer.json(envelope());
      for (let count = 0; count < 500; count += 1) peer.bytes(Uint8Array.from({ length: random() * 40 }, () => random() * 256));
    }),
  );
  let [problems, told] = [0, 0];
  client.on("problem", () => (problems += 1));
  client.on("contract", () => (told += 1));
  client.on("wire", () => {});
  await event(client.chat.posted, ({ text }) => text === "hi");
  assert.ok(problems > 500, `${problems}`);
  assert.equal(client.state.name, "open");
  assert.equal({}.polluted, undefined);
  assert.deepEqual(await client.presence.ping.try(), { ok: true, value: undefined });
});

test("fragments are one frame, wherever they are cut", async (t) => {
  const text = Buffer.from(JSON.stringify({ name: "chat/posted", payload: { ...POSTED, text: "héllo 🎧" } }));
  const { client } = await against(
    t,
    saying((peer) => {
      text.forEach((byte, at) => peer.frame(at === 0 ? 1 : 0, [byte], at === text.length - 1));
    }),
  );
  assert.equal((await event(client.chat.posted)).text, "héllo 🎧");
});

test("a server that closes each connection is tried again ever more seldom", async (t) => {
  const codes = [1001, 1006, 1011, 1012, 3000, 4000, 4001];
  const { server, client } = await against(t, (peer, number) => {
    if (number === 3) peer.accept();
    else if (number === 2) peer.socket.destroy();
    else peer.accept().close(codes[number]);
  });
  await next(client, "state", ({ name }) => name === "open" && server.times.length === 4);
  const waits = server.times.slice(1).map((time, at) => time - server.times[at]);
  waits.forEach((wait, at) => assert.ok(wait >= 240 * 2 ** at, `wait ${at} was ${wait} ms`));
});

test("codes that are the end are the end, any other is not", async (t) => {
  const final = [1000, 1002, 1003, 1007, 1008, 1009, 4002, 4003, 4100, 4999];
  for (const code of [...final, 1001, 1011, 1014, 3999, 4000, 4099]) {
    const { server, client } = await against(t, (peer) => peer.accept().close(code, "reason"));
    const { name, code: told } = await next(client, "state", ({ name }) => name === "closed" || name === "waiting");
    assert.deepEqual([name, told], [final.includes(code) ? "closed" : "waiting", code]);
    client.close();
    server.stop();
  }
});

test("frames that are none of the protocol of WebSockets are a lost connection", async (t) => {
  for (const bytes of [[0x83, 0], [0x81, 2, 0xff, 0xfe], [0xf1, 0], [0x80, 1, 65]]) {
    const { server, client } = await against(t, (peer) => peer.accept().socket.write(Buffer.from(bytes)));
    await next(client, "state", ({ name }) => name === "closed" || name === "waiting");
    client.close();
    server.stop();
  }
});

test("no answer to the upgrade, and one that is no upgrade, are lost connections", async (t) => {
  const { client } = await against(t, (peer) => peer.socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));
  const { code } = await state(client, "waiting");
  assert.equal(code, 1006);
});

test("a loop that is too slow loses the oldest, and says how many", async (t) => {
  const { client } = await against(
    t,
    saying((peer) => {
      for (let count = 0; count < 3_000; count += 1) peer.json({ name: "chat/posted", payload: { ...POSTED, text: `${count}` } });
    }),
  );
  const events = client.chat.posted[Symbol.asyncIterator]();
  await event(client.chat.posted, ({ text }) => text === "hi");
  assert.equal(events.lost, 3_001 - 1_024);
  assert.equal((await events.next()).value.text, `${3_001 - 1_024}`);
  await events.return();
});

test("a loop that was left is no longer known, nor is one whose client has ended", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const { client } = await against(
    t,
    saying((peer) => peer.json({ name: "chat/posted", payload: POSTED })),
  );
  const loop = async (leave) => {
    const events = client.chat.posted[Symbol.asyncIterator]();
    if (leave) for await (const _ of events) break;
    return new WeakRef(events);
  };
  const [left, kept] = [await loop(true), await loop(false)];
  const isGone = async (reference) => {
    // What is pending may hold it until the next turn.
    for (let turn = 0; turn < 20 && reference.deref() !== undefined; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    return reference.deref() === undefined;
  };
  assert.ok(await isGone(left));
  assert.ok(!(await isGone(kept)));
  client.close();
  assert.ok(await isGone(kept));
});

test("an answer that nobody waits for any more is not shown in logs", async (t) => {
  const { client } = await against(t, (peer) => {
    peer.accept();
    peer.heard = (text) => {
      const { id } = JSON.parse(text);
      if (id === undefined) return;
      peer.json({ re: id + 100, payload: { token: "a secret of somebody" } });
      peer.json({ re: id, payload: {} });
    };
  });
  const shown = [];
  client.on("wire", ({ data }) => shown.push(data));
  await client.presence.ping();
  assert.ok(shown.some((text) => text.includes("nobody waits")) && !shown.join().includes("a secret"), `${shown}`);
});

test("questions without end are no memory without end", async (t) => {
  const { client } = await against(
    t,
    (peer) => {
      peer.accept().answers(() => undefined);
      for (let ask = 1; ask <= 5_000; ask += 1) peer.json({ name: "work/confirm", ask, payload: { what: "it" } });
      peer.json({ name: "room/typed", payload: { room: "hall" } });
    },
    { connect: transcripts },
  );
  let problems = 0;
  client.on("problem", () => (problems += 1));
  await event(client.room.typed);
  assert.equal(problems, 5_000 - 1_024);
});

test("a stream is taken back by leaving its loop, and what comes of it then is passed over", async (t) => {
  const cancelled = [];
  let both;
  const over = new Promise((resolve) => (both = resolve));
  const { client } = await against(
    t,
    (peer) => {
      peer.accept().answers((it) => {
        if (it.cancel !== undefined && cancelled.push(it.cancel) === 2) both();
        if (it.name === "work/count") for (let item = 1; item <= 5; item += 1) peer.json({ re: it.id, item });
        return it.cancel === undefined ? undefined : { re: it.cancel, item: 6 };
      });
    },
    { connect: transcripts },
  );
  const items = [];
  for await (const item of client.work.count({ to: 9 })) {
    items.push(item);
    if (item === 2) break;
  }
  assert.deepEqual(items, [1, 2]);
  const thrown = async () => {
    for await (const item of client.work.count({ to: 9 }, { timeout: 20 })) items.push(item);
  };
  await assert.rejects(thrown, ({ error }) => error.code === "timeout");
  assert.deepEqual(items, [1, 2, 1, 2, 3, 4, 5]);
  await over;
  assert.deepEqual(cancelled, [1, 2]);
});

test("a handler declines, and what it answers against the protocol is told and not sent", async (t) => {
  let answered;
  const answers = new Promise((resolve) => (answered = resolve));
  const { client } = await against(
    t,
    (peer) => {
      peer.accept().answers((it) => answered(it));
      peer.json({ name: "work/confirm", ask: 1, payload: { what: "it" } });
      peer.json({ name: "work/confirm", ask: 2, payload: { what: "that" } });
    },
    { connect: transcripts },
  );
  const problem = next(client, "problem");
  client.work.confirm.answer(({ what }) => (what === "it" ? { sure: "perhaps" } : { sure: true }));
  const { kind, name, error } = await problem;
  assert.deepEqual([kind, name, error.code], ["refused", "work/confirm", "invalid_payload"]);
  assert.deepEqual(await answers, { re: 2, payload: { sure: true } });
});

/** Random numbers from a seed. */
function mulberry(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
