// The connection breaks, and what the page says of it.

import { test } from "node:test";
import { Line, register, stage } from "./harness.js";

const here = stage();
/** Browsers complain by themselves when there is nobody to connect to. */
const NOBODY_THERE = /WebSocket connection to .* failed/;

const said = (page, text) => page.getByRole("log").locator(".said").getByText(text, { exact: true });
const lines = (page) => page.getByRole("log");
const lamp = (page, text) => page.getByRole("button", { name: `Connection: ${text}` }).waitFor();

async function say(page, text) {
  await page.getByLabel("Say something in lobby").fill(text);
  await page.keyboard.press("Enter");
}

test("a server that is killed and comes back has lost nothing, and the page says so", async (t) => {
  const ann = await register(t, here.browser, here.studio.url, "ann");
  const bob = await register(t, here.browser, here.studio.url, "bob");
  ann.forgive(NOBODY_THERE);
  bob.forgive(NOBODY_THERE);
  await say(ann, "before");
  await said(bob, "before").waitFor();
  await here.studio.kill();
  await lamp(ann, "line down");
  await ann.getByText("The line is down (").waitFor();
  await say(ann, "during");
  await lines(ann).getByText("waits for the line").waitFor();
  await here.studio.again();
  await lamp(bob, "open");
  await lamp(ann, "open");
  await lines(bob).getByText("You missed nothing.").waitFor();
  await said(bob, "during").waitFor();
  await lines(ann).getByText("waits for the line").waitFor({ state: "detached" });
  await ann.getByText("The line is down (").waitFor({ state: "hidden" });
});

test("who was cut off hears what was said meanwhile, in order, each once", async (t) => {
  const line = await Line.to(here.studio);
  t.after(() => line.close());
  const ann = await register(t, here.browser, here.studio.url, "ann2");
  const bob = await register(t, here.browser, line.url, "bob2");
  bob.forgive(NOBODY_THERE);
  await bob.getByLabel("Your status").selectOption("busy");
  line.cut();
  await lamp(bob, "line down");
  await ann.getByRole("list", { name: "Who is here" }).getByText("bob2").waitFor({ state: "detached" });
  await say(ann, "one");
  await say(ann, "two");
  await said(ann, "two").waitFor();
  line.mend();
  await lines(bob).getByText("2 lines came while you were away. You missed nothing.").waitFor();
  await lines(bob).filter({ hasText: /You missed nothing[^]*one[^]*two/ }).waitFor();
  await ann.getByRole("list", { name: "Who is here" }).getByText("bob2").waitFor();
  await ann.getByRole("region", { name: "People" }).getByRole("listitem").filter({ hasText: "bob2" }).getByText("busy").waitFor();
});

test("a note that is written while the line is down is delivered once it is back", async (t) => {
  const line = await Line.to(here.studio);
  t.after(() => line.close());
  const ann = await register(t, here.browser, line.url, "ann9");
  const bob = await register(t, here.browser, here.studio.url, "bob9");
  ann.forgive(NOBODY_THERE);
  await ann.getByRole("button", { name: "Note to bob9" }).click();
  line.cut();
  await lamp(ann, "line down");
  await ann.getByLabel("A note to bob9").fill("from below");
  await ann.keyboard.press("Enter");
  await ann.getByText("on its way").waitFor();
  line.mend();
  await ann.getByText("delivered").waitFor();
  await bob.getByRole("region", { name: "Private notes" }).getByText("from below").waitFor();
});

test("a room that has forgotten what was missed says that some is lost", async (t) => {
  const ann = await register(t, here.browser, here.studio.url, "ann3");
  ann.forgive(NOBODY_THERE);
  await say(ann, "soon forgotten");
  await said(ann, "soon forgotten").waitFor();
  await here.studio.kill();
  await here.studio.forget();
  await here.studio.again();
  await lines(ann).getByText("Some of what was said is lost.").waitFor();
  await said(ann, "soon forgotten").waitFor({ state: "detached" });
});

test("who does not want to wait for the next try need not", async (t) => {
  const line = await Line.to(here.studio);
  t.after(() => line.close());
  const ann = await register(t, here.browser, line.url, "ann7");
  ann.forgive(NOBODY_THERE);
  line.cut();
  await ann.getByText(/Trying again in [2-9] s/).waitFor();
  line.mend();
  await ann.getByRole("button", { name: "Now" }).click();
  await lamp(ann, "open");
});

test("a browser without network says so, and comes back by itself", async (t) => {
  const line = await Line.to(here.studio);
  t.after(() => line.close());
  const ann = await register(t, here.browser, line.url, "ann4");
  ann.forgive(NOBODY_THERE);
  await ann.context().setOffline(true);
  line.cut();
  await lamp(ann, "line down");
  await ann.context().setOffline(false);
  line.mend();
  await lamp(ann, "open");
});

test("who has closed the connection may open it again, and is where they were", async (t) => {
  const ann = await register(t, here.browser, here.studio.url, "ann8");
  const bob = await register(t, here.browser, here.studio.url, "bob8");
  await ann.evaluate(async () => (await import("/session.js")).studio.close());
  await ann.getByText("The connection was closed.").first().waitFor();
  await bob.getByRole("list", { name: "Who is here" }).getByText("ann8").waitFor({ state: "detached" });
  await ann.getByRole("button", { name: "Connect again" }).click();
  await lamp(ann, "open");
  await bob.getByRole("list", { name: "Who is here" }).getByText("ann8").waitFor();
  await say(bob, "welcome back");
  await said(ann, "welcome back").waitFor();
});

test("the music goes on after a break", async (t) => {
  const line = await Line.to(here.studio);
  t.after(() => line.close());
  const ann = await register(t, here.browser, line.url, "ann5", { as: "decoder" });
  ann.forgive(NOBODY_THERE);
  await ann.getByRole("button", { name: "Tune in" }).click();
  const frames = () => ann.locator(".figures b").first();
  await frames().waitFor();
  line.cut();
  await lamp(ann, "line down");
  const then = Number(await frames().textContent());
  line.mend();
  await ann.waitForFunction((then) => Number(document.querySelector(".figures b").textContent) > then + 5, then);
});

test("a session that has ended meanwhile asks to sign in again", async (t) => {
  const line = await Line.to(here.studio);
  t.after(() => line.close());
  const ann = await register(t, here.browser, line.url, "ann6");
  ann.forgive(NOBODY_THERE);
  line.cut();
  await lamp(ann, "line down");
  await ann.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem("studio.session"));
    localStorage.setItem("studio.session", JSON.stringify({ ...kept, token: "x".repeat(43) }));
  });
  line.mend();
  await ann.getByText("The session has ended: please sign in again.").waitFor();
  await ann.getByRole("heading", { name: "Come in" }).waitFor();
});
