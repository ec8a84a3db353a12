// The console of a running studio, as those use it who write its clients.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, Studio, assertAccessible, assertFits, launch, visit } from "./harness.js";

let studio, browser;

before(async () => {
  [studio, browser] = await Promise.all([Studio.start("--console"), launch()]);
});

after(async () => {
  await browser.close();
  await studio.stop();
});

const NARROW = { viewport: { width: 400, height: 800 } };
const withoutToken = () => studio.console.replace(/#.*/, "");

/** A console with its connection. */
async function openConsole(t, options) {
  const page = await visit(t, browser, studio.console, options);
  await page.getByText(/^#\d+ · anonymous$/).waitFor();
  return page;
}

/** Chooses a message in the list. */
async function choose(page, name) {
  const [namespace, last] = name.split("/");
  const group = page.locator("#names section").filter({ has: page.getByRole("heading", { name: namespace, exact: true }) });
  await group.getByRole("button", { name: last }).first().click();
  await page.getByRole("heading", { name, exact: true }).waitFor();
}

const send = (page) => page.keyboard.press("Control+Enter");

async function register(page, username, role = "listener") {
  await choose(page, "accounts/register");
  await page.getByLabel("username").fill(username);
  await page.getByLabel("password").fill(PASSWORD);
  await page.getByLabel("as", { exact: true }).selectOption({ label: role });
  await send(page);
  await page.getByText("Answered").waitFor();
  await page.getByText(new RegExp(`^#\\d+ · member · ${role}$`)).waitFor();
}

test("the token opens it, and nothing else does", async (t) => {
  const page = await visit(t, browser, withoutToken());
  page.forgive(/401/);
  await page.getByLabel("Token").fill("a-guess-that-is-long-enough");
  await page.getByRole("button", { name: "Open the console" }).click();
  await page.getByText("That is not the token.").waitFor();
  assert.equal(await page.getByRole("button", { name: "register" }).count(), 0);
  await assertAccessible(page);
  await page.getByLabel("Token").fill(studio.console.replace(/.*token=/, ""));
  await page.getByRole("button", { name: "Open the console" }).click();
  await page.getByText(/^#\d+ · anonymous$/).waitFor();
});

test("the token leaves the address at once and is kept for a reload", async (t) => {
  const page = await openConsole(t);
  assert.equal(page.url(), withoutToken());
  await page.reload();
  await page.getByText(/^#\d+ · anonymous$/).waitFor();
});

test("a form is sent and answered, and the connection is where the flow has led it", async (t) => {
  const page = await openConsole(t);
  await register(page, "ann");
  await page.locator(".outcome .json").getByText('"username": "ann"').waitFor();
  await choose(page, "presence/ping");
  await page.locator(".state.here").getByText("member").waitFor();
  await send(page);
  await page.getByText("Done").waitFor();
});

test("what breaks its limits is explained at its place before it is sent", async (t) => {
  const page = await openConsole(t);
  await choose(page, "accounts/register");
  await page.getByLabel("username").fill("x");
  await page.getByLabel("password").fill("short");
  await send(page);
  await page.getByText("Not sent. 2 values break their limits:").waitFor();
  const username = page.getByLabel("username");
  assert.equal(await username.getAttribute("aria-invalid"), "true");
  assert.match(await page.locator(".field").filter({ has: username }).innerText(), /must have a length of 2\.\.=32, not 1/);
  assert.ok(await username.evaluate((input) => input === document.activeElement), "the first bad value has the focus");
  assert.equal(await page.locator("#entries .sent").count(), 0);
  await username.fill("xavier");
  await page.getByLabel("password").fill(PASSWORD);
  await send(page);
  await page.getByText("Answered").waitFor();
  assert.equal(await username.getAttribute("aria-invalid"), null);
});

test("what is written as JSON goes out as it is, and the server's violations are shown", async (t) => {
  const page = await openConsole(t);
  await choose(page, "accounts/login");
  await page.getByRole("button", { name: "JSON" }).click();
  await page.getByLabel("Payload as JSON").fill('{"username":"x","pass":1}');
  await send(page);
  await page.getByText("invalid_payload").first().waitFor();
  await page.getByText("/pass is no key here").first().waitFor();
});

test("a refusal says in which state the message is allowed, and what is allowed here", async (t) => {
  const page = await openConsole(t);
  await choose(page, "chat/join");
  await page.getByText("Not now: in state anonymous.").waitFor();
  await page.getByLabel("room").fill("lobby");
  await send(page);
  await page.getByText("The flow session stands at anonymous, which does not let it in.").waitFor();
  await page.locator(".outcome").getByRole("button", { name: "accounts/register" }).click();
  await page.getByRole("heading", { name: "accounts/register" }).waitFor();
});

test("events arrive, and are filtered and held back", async (t) => {
  const [ann, bob] = [await openConsole(t), await openConsole(t)];
  await register(ann, "anna");
  await register(bob, "bobby");
  const broadcast = async (text) => {
    await choose(bob, "messages/broadcast");
    await bob.getByLabel("text").fill(text);
    await send(bob);
  };
  const events = ann.locator("#entries .event");
  await broadcast("hello there");
  await events.filter({ hasText: "hello there" }).waitFor();
  await ann.getByLabel("Filter the log").fill("nothing like that");
  assert.equal(await events.count(), 0);
  await ann.getByLabel("Filter the log").fill("hello");
  assert.equal(await events.count(), 1);
  await ann.getByLabel("Filter the log").fill("");
  await ann.getByRole("button", { name: "Pause" }).click();
  await broadcast("while it was paused");
  await ann.getByRole("button", { name: "Go on (1 new)" }).waitFor();
  assert.equal(await events.filter({ hasText: "paused" }).count(), 0);
  await ann.getByRole("button", { name: "Go on (1 new)" }).click();
  await events.filter({ hasText: "while it was paused" }).waitFor();
});

test("what the server asks is answered in a form", async (t) => {
  const [ann, bob] = [await openConsole(t), await openConsole(t)];
  for (const [page, name] of [[ann, "annie"], [bob, "bobbie"]]) {
    await register(page, name);
    await choose(page, "chat/join");
    await page.getByLabel("room").fill("lobby");
    await send(page);
    await page.getByText("Answered").waitFor();
  }
  await choose(bob, "accounts/register");
  const { user } = JSON.parse(await bob.locator(".outcome .json").innerText());
  await choose(ann, "chat/invite");
  await ann.getByLabel("room").fill("lobby");
  await ann.getByLabel("user").fill(user);
  await send(ann);
  await ann.getByRole("button", { name: "Take it back" }).waitFor();
  await bob.getByRole("heading", { name: "The server asks: chat/invitation" }).waitFor();
  await bob.getByLabel("coming").check();
  await assertAccessible(bob);
  await bob.getByRole("button", { name: "Answer" }).click();
  await ann.locator(".outcome .json").getByText('"coming": true').waitFor();
  assert.equal(await bob.getByRole("heading", { name: /The server asks/ }).count(), 0);
});

test("secrets are in no log", async (t) => {
  const page = await openConsole(t);
  await register(page, "quiet_one");
  assert.equal(await page.getByLabel("password").getAttribute("type"), "password");
  for (const kind of ["sent", "answer"]) {
    await page.locator(`#entries .${kind} summary`).click();
    await page.locator(`#entries .${kind} .json`).waitFor();
  }
  const log = await page.locator("#entries").innerText();
  assert.match(log, /"password": "\(secret\)"/);
  assert.match(log, /"token": "\(secret\)"/);
  assert.ok(!log.includes(PASSWORD));
  await page.getByRole("button", { name: "JSON" }).click();
  assert.match(await page.getByLabel("Payload as JSON").inputValue(), /"password": "\(secret\)"/);
  assert.ok(!(await page.locator("body").innerText()).includes(PASSWORD));
});

test("connections are listed with who they are and where they stand", async (t) => {
  const page = await openConsole(t);
  await register(page, "mixer_mia", "mixer");
  await choose(page, "stream/open");
  await send(page);
  await page.getByText("Answered").waitFor();
  await choose(page, "accounts/login");
  await page.getByLabel("username").fill("nobody");
  await page.getByLabel("password").fill(PASSWORD);
  await send(page);
  await page.getByText("The flow session stands at member").waitFor();
  await page.getByRole("button", { name: "Connections" }).click();
  const own = page.locator("#connections tr.own");
  await own.getByText("member", { exact: true }).waitFor();
  const told = await own.innerText();
  for (const part of ["you", "mixer", "stream/audio/normal", "accounts/login: not_now", "127.0.0.1:"]) assert.ok(told.includes(part), `${part}: ${told}`);
  await page.getByLabel("Number or identity").fill("nobody like that");
  await page.locator("#connections tbody tr").nth(1).waitFor({ state: "detached" });
  assert.equal(await own.count(), 1, "the own one stays");
});

test("messages and events are counted", async (t) => {
  const page = await openConsole(t);
  await choose(page, "presence/ping");
  await send(page);
  await page.getByText("Done").waitFor();
  await page.getByRole("button", { name: "Counters" }).click();
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "presence/ping" }) });
  await row.waitFor();
  assert.match(await row.innerText(), /presence\/ping\s+\d/);
});

test("binary events are shown by their fields", async (t) => {
  const page = await openConsole(t);
  await register(page, "listening_lee");
  await choose(page, "stream/open");
  await send(page);
  const frame = page.locator("#entries .binary").first();
  await frame.waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  assert.match(await frame.innerText(), /stream\/frame\s*\{"quality":"normal","seq":\d+,"pts_ms":\d+,"data":"[0-9a-f ]+… \(\d+ bytes\)"\}/);
});

test("lists grow and shrink, and two equal items are found", async (t) => {
  const page = await openConsole(t);
  await choose(page, "poll/open");
  await page.getByLabel("room").fill("lobby");
  await page.getByLabel("text").fill("Tea or coffee?");
  await page.getByLabel("item 1").fill("tea");
  await page.getByLabel("item 2").fill("tea");
  await send(page);
  await page.locator("fieldset .problem").getByText("has two equal items").waitFor();
  await page.getByRole("button", { name: "Add an item" }).click();
  await page.keyboard.type("coffee");
  await page.getByRole("button", { name: "Remove this item" }).nth(1).click();
  await page.getByRole("button", { name: "JSON" }).click();
  const written = JSON.parse(await page.getByLabel("Payload as JSON").inputValue());
  assert.deepEqual(written.question.choices, ["tea", "coffee"]);
});

test("a connection that is lost comes back", async (t) => {
  const page = await openConsole(t);
  page.forgive(/ERR_CONNECTION|Failed to load resource|WebSocket connection/);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("not connected").waitFor();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText(/^#\d+ · anonymous$/).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`everybody can use it, ${colorScheme}`, async (t) => {
    const page = await openConsole(t, { colorScheme });
    await assertAccessible(page);
    await choose(page, "accounts/register");
    await send(page);
    await page.getByText("Not sent.").waitFor();
    await assertAccessible(page);
    await register(page, `eva_${colorScheme}`);
    await page.locator("#entries summary").first().click();
    await assertAccessible(page);
    for (const view of ["Connections", "Counters"]) {
      await page.getByRole("button", { name: view }).click();
      await page.getByRole("heading", { name: view }).waitFor();
      await assertAccessible(page);
    }
  });
}

test("it fits on a phone", async (t) => {
  const page = await openConsole(t, NARROW);
  await assertFits(page);
  await register(page, "pocket_pat");
  await assertFits(page);
  for (const view of [/^Log/, "Connections", "Counters"]) {
    await page.getByRole("button", { name: view }).click();
    await page.getByRole("heading", { name: view }).waitFor();
    await assertFits(page);
    await assertAccessible(page);
  }
});

test("it is used without a mouse", async (t) => {
  const page = await openConsole(t);
  await page.keyboard.press("/");
  await page.keyboard.type("are you there");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "presence/ping" }).waitFor();
  await send(page);
  await page.getByText("Done").waitFor();
});

test("a flow on a topic tells where it stands", async (t) => {
  const page = await openConsole(t);
  await register(page, "pollster_pia");
  await choose(page, "chat/join");
  await page.getByLabel("room").fill("polls");
  await send(page);
  await page.getByText("Answered").waitFor();
  await choose(page, "poll/open");
  await page.getByLabel("room").fill("polls");
  await page.getByLabel("text").fill("Tea or coffee?");
  await page.getByLabel("item 1").fill("tea");
  await page.getByLabel("item 2").fill("coffee");
  await send(page);
  await page.getByText("chat/rooms/polls is at voting").waitFor();
});

test("a server that was started anew is asked for with its new token, and no longer with the old one", async (t) => {
  const page = await openConsole(t);
  page.forgive(/401|ERR_|WebSocket connection|Failed to load resource/);
  const asked = [];
  page.on("response", (response) => response.status() === 401 && asked.push(response.url()));
  await studio.kill();
  await studio.again();
  await page.getByText("That is not the token. The server may have been started anew.").waitFor();
  await page.getByLabel("Token").fill(studio.console.replace(/.*token=/, ""));
  await page.getByRole("button", { name: "Open the console" }).click();
  await page.getByText(/^#\d+ · anonymous$/).waitFor();
  assert.equal(asked.length, 1, "every wrong token is a guess");
});

test("the log has a bound", async (t) => {
  const page = await openConsole(t);
  await choose(page, "presence/ping");
  await page.evaluate(() => {
    for (let count = 0; count < 260; count += 1) document.querySelector("#message form").requestSubmit();
  });
  await page.getByText("Done").waitFor();
  await page.getByRole("button", { name: "Clear" }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll("#entries li").length === 500);
});

test("what a message answers is told before it is sent", async (t) => {
  const page = await openConsole(t);
  await choose(page, "chat/join");
  await page.getByText("What it answers").click();
  const answer = page.locator("details", { hasText: "What it answers" });
  await answer.getByText("lines", { exact: true }).waitFor();
  await answer.getByText("Line", { exact: true }).click();
  await answer.getByText("username", { exact: true }).waitFor();
  await assertAccessible(page);
});
