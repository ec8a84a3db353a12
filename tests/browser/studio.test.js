// The studio's page, as visitors use it.

import { after, before, test } from "node:test";
import { PASSWORD, Studio, assertFits, launch, visit } from "./harness.js";

let studio, browser;

before(async () => {
  [studio, browser] = await Promise.all([Studio.start(), launch()]);
});

after(async () => {
  await browser.close();
  await studio.stop();
});

async function register(t, username, options) {
  const page = await visit(t, browser, studio.url, options);
  await page.getByLabel("Name").fill(username);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make an account" }).click();
  await page.getByRole("heading", { name: "Desk" }).waitFor();
  return page;
}

test("what one visitor says, the other reads", async (t) => {
  const ann = await register(t, "ann");
  const bob = await register(t, "bob");
  await ann.getByLabel("text").fill("hello there");
  await ann.getByRole("button", { name: "Send" }).click();
  await bob.getByRole("listitem").filter({ hasText: "hello there" }).waitFor();
  await assertFits(bob);
});
