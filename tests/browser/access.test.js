// Everybody can use it: by eye and by ear, by key and by finger, on a desk and on a phone, by day and by night.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Line, PASSWORD, PHONE, assertAccessible, assertFits, register, screenshot, stage, visit } from "./harness.js";

const here = stage();

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on the ${colorScheme} page, signed out and in`, async (t) => {
    const page = await visit(t, here.browser, here.studio.url, { colorScheme });
    await page.getByRole("heading", { name: "Come in" }).waitFor();
    await screenshot(page, `welcome ${colorScheme}`, { fullPage: true });
    await assertAccessible(page);
    const ann = await register(t, here.browser, here.studio.url, `ann-${colorScheme}`, { colorScheme, as: "mixer" });
    const bob = await register(t, here.browser, here.studio.url, `bob-${colorScheme}`, { colorScheme, viewport: PHONE });
    await furnish(ann, bob, colorScheme);
    await ann.getByRole("button", { name: "Tune in" }).click();
    await ann.locator(".figures b").first().waitFor();
    for (const [who, one] of [["desktop", ann], ["phone", bob]]) {
      await screenshot(one, `studio ${who} ${colorScheme}`, { fullPage: true });
      await assertAccessible(one);
      await assertFits(one);
    }
  });
}

/** Something of everything there is to see. */
async function furnish(ann, bob, scheme) {
  for (const page of [ann, bob]) {
    await page.getByLabel("Name of a room").fill(scheme);
    await page.getByRole("button", { name: "Go in" }).click();
  }
  await ann.getByLabel(`Say something in ${scheme}`).fill("hello there");
  await ann.keyboard.press("Enter");
  await bob.getByLabel(`Say something in ${scheme}`).fill(`a word without an end ${"o".repeat(200)}`);
  await bob.keyboard.press("Enter");
  await ann.getByRole("button", { name: "Ask the room" }).click();
  await ann.getByLabel("Question", { exact: true }).fill("More bells?");
  await ann.getByLabel("Answer 1").fill("yes");
  await ann.getByLabel("Answer 2").fill("no");
  await ann.getByRole("button", { name: "Ask", exact: true }).click();
  await bob.getByRole("button", { name: "yes 0 votes" }).click();
  await bob.getByRole("button", { name: `Note to ann-${scheme}` }).click();
  await bob.getByLabel(`A note to ann-${scheme}`).fill("psst");
  await bob.keyboard.press("Enter");
  await ann.getByRole("region", { name: "Private notes" }).getByText("psst").waitFor();
  await ann.getByRole("button", { name: `Invite bob-${scheme}` }).click();
  await bob.getByRole("button", { name: "Not now" }).waitFor();
}

test("the outage is accessible too, in both colours", async (t) => {
  for (const colorScheme of ["light", "dark"]) {
    const line = await Line.to(here.studio);
    t.after(() => line.close());
    const page = await register(t, here.browser, line.url, `out-${colorScheme}`, { colorScheme, viewport: PHONE });
    page.forgive(/WebSocket connection to .* failed/);
    line.cut();
    await page.getByText("The line is down (").waitFor();
    await assertAccessible(page);
    await assertFits(page);
  }
});

test("keys alone are enough to sign in, say something and move a fader", async (t) => {
  const page = await visit(t, here.browser, here.studio.url);
  await page.getByRole("heading", { name: "Come in" }).waitFor();
  await tabTo(page, page.getByRole("textbox", { name: "Name", exact: true }));
  await page.keyboard.type("keys");
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(PASSWORD);
  await tabTo(page, page.getByRole("button", { name: "Make an account" }));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await tabTo(page, page.getByLabel("Say something in lobby"));
  await page.keyboard.type("no mouse here");
  await page.keyboard.press("Enter");
  await page.getByRole("log").locator(".said").getByText("no mouse here").waitFor();
  await page.keyboard.press("Control+Home");
  await tabTo(page, page.getByRole("slider", { name: "Bells" }), "Shift+Tab");
  await page.keyboard.press("PageUp");
  await page.locator('[aria-label^="Bells"][aria-valuenow="60"]').waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "solid");
});

/** Presses Tab until the element has the focus. */
async function tabTo(page, wanted, key = "Tab") {
  for (let pressed = 0; pressed < 80; pressed++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${key} does not lead to ${wanted}`);
}

test("on a phone everything works without scrolling sideways", async (t) => {
  const page = await visit(t, here.browser, here.studio.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  await page.getByRole("heading", { name: "Come in" }).waitFor();
  await assertFits(page);
  const phone = await register(t, here.browser, here.studio.url, "phone", { viewport: PHONE, hasTouch: true, isMobile: true });
  await assertFits(phone);
  for (const part of ["Air", "Desk", "Notes", "Wire", "Rooms"]) {
    await phone.getByRole("link", { name: part, exact: true }).tap();
    await phone.waitForFunction((id) => document.getElementById(id).getBoundingClientRect().top < innerHeight / 2, part.toLowerCase());
  }
  await phone.getByLabel("Say something in lobby").fill("from the bus");
  await phone.getByRole("button", { name: "Send" }).first().tap();
  await phone.getByRole("log").locator(".said").getByText("from the bus").waitFor();
  await assertFits(phone);
});

test("who is there for the music alone is shown nothing else", async (t) => {
  const page = await register(t, here.browser, here.studio.url, "decoder", { as: "decoder", viewport: PHONE });
  assert.deepEqual(await page.locator("#jump a:visible").allTextContents(), ["Air", "Wire"]);
  assert.deepEqual(await page.locator("h2:visible").allTextContents(), ["The air", "On the wire"]);
  await assertFits(page);
});

test("the colours follow the system until somebody chooses", async (t) => {
  const page = await visit(t, here.browser, here.studio.url, { colorScheme: "dark" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.getByRole("radio", { name: "light" }).check({ force: true });
  assert.notEqual(await paper(), dark);
  await page.reload();
  assert.notEqual(await paper(), dark);
  await page.getByRole("radio", { name: "as the system has it" }).check({ force: true });
  assert.equal(await paper(), dark);
});

test("the page asks nobody but its own server", async (t) => {
  const page = await visit(t, here.browser, "about:blank");
  const asked = new Set();
  page.on("request", (request) => asked.add(new URL(request.url()).origin));
  await page.goto(here.studio.url);
  await page.getByRole("button", { name: "Connection: open" }).waitFor();
  assert.deepEqual([...asked], [new URL(here.studio.url).origin]);
});
