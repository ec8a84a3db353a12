// What people say: in rooms, in private, to everybody.

import { test } from "node:test";
import { register, signIn, stage, visit } from "./harness.js";

const here = stage();
const enter = (t, username, options) => register(t, here.browser, here.studio.url, username, options);

const said = (page, text) => page.getByRole("log").locator(".said").getByText(text, { exact: true });
const notes = (page) => page.getByRole("region", { name: "Private notes" });
const notices = (page) => page.getByRole("region", { name: "Notices" });

async function say(page, room, text) {
  await page.getByLabel(`Say something in ${room}`).fill(text);
  await page.getByRole("button", { name: "Send" }).first().click();
}

async function goTo(page, room) {
  await page.getByLabel("Name of a room").fill(room);
  await page.getByRole("button", { name: "Go in" }).click();
  await page.getByRole("tab", { name: room, selected: true }).waitFor();
}

test("two visitors see that they are here, that one types, and what is said", async (t) => {
  const ann = await enter(t, "ann");
  const bob = await enter(t, "bob");
  await ann.getByRole("list", { name: "Who is here" }).getByText("bob").waitFor();
  await bob.getByRole("list", { name: "Who is here" }).getByText("ann").waitFor();
  await ann.getByLabel("Say something in lobby").pressSequentially("h");
  await bob.getByText("somebody is typing").waitFor();
  await say(ann, "lobby", "hello <b>there</b>");
  await said(bob, "hello <b>there</b>").waitFor();
  await bob.getByText("somebody is typing").waitFor({ state: "hidden" });
  await bob.context().close();
  await ann.getByRole("list", { name: "Who is here" }).getByText("bob").waitFor({ state: "detached" });
});

test("who comes later finds what was said, and who is in another room what is unread", async (t) => {
  const ann = await enter(t, "ann2");
  await goTo(ann, "attic");
  await say(ann, "attic", "anybody up here?");
  const bob = await enter(t, "bob2");
  await goTo(bob, "attic");
  await said(bob, "anybody up here?").waitFor();
  await ann.getByRole("tab", { name: "lobby" }).click();
  await say(bob, "attic", "I am");
  await ann.getByRole("tab", { name: "attic 1 unread" }).click();
  await said(ann, "I am").waitFor();
  await ann.getByRole("button", { name: "Leave attic" }).click();
  await bob.getByRole("list", { name: "Who is here" }).getByText("ann2").waitFor({ state: "detached" });
});

test("a note reaches one person alone, and waits for who is away", async (t) => {
  const ann = await enter(t, "ann3");
  const bob = await enter(t, "bob3");
  const eve = await enter(t, "eve3");
  await ann.getByRole("button", { name: "Note to bob3" }).click();
  await ann.getByLabel("A note to bob3").fill("just for you");
  await ann.keyboard.press("Enter");
  await notes(bob).getByText("just for you").waitFor();
  await notes(ann).getByText("delivered").waitFor();

  await bob.getByRole("button", { name: "Sign out" }).click();
  await bob.getByRole("heading", { name: "Come in" }).waitFor();
  await ann.getByLabel("A note to bob3").fill("for later");
  await ann.keyboard.press("Enter");
  await notes(ann).getByRole("listitem").filter({ hasText: "for later" }).getByText("delivered").waitFor();
  await signIn(bob, "Sign in", "bob3");
  await notes(bob).getByRole("listitem").filter({ hasText: "for later" }).getByText("waited for you").waitFor();
  await notes(eve).getByText("No notes yet").waitFor();
});

test("a room is asked a question, and everybody sees the votes until it ends", async (t) => {
  const ann = await enter(t, "ann4");
  const bob = await enter(t, "bob4");
  await ann.getByRole("button", { name: "Ask the room" }).click();
  await ann.getByLabel("Question", { exact: true }).fill("Tea?");
  await ann.getByLabel("Answer 1").fill("yes");
  await ann.getByLabel("Answer 2").fill("no");
  await ann.getByRole("button", { name: "Ask", exact: true }).click();
  await bob.getByRole("heading", { name: "Tea?" }).waitFor();
  await bob.getByRole("button", { name: "yes 0 votes" }).click();
  await ann.getByRole("button", { name: "yes 1 vote" }).click();
  await bob.getByRole("button", { name: "yes 2 votes", pressed: true }).waitFor();
  await bob.reload();
  await bob.getByRole("button", { name: "yes 2 votes" }).waitFor();
  await bob.getByRole("button", { name: "no 0 votes" }).click();
  await ann.getByRole("button", { name: "no 1 vote" }).waitFor();
  await bob.getByRole("button", { name: "End it" }).click();
  await ann.getByText("2 votes, closed").waitFor();
});

test("an invitation is answered, or taken back", async (t) => {
  const ann = await enter(t, "ann5");
  const bob = await enter(t, "bob5");
  await goTo(ann, "cellar");
  await ann.getByRole("button", { name: "Invite bob5" }).click();
  await notices(bob).getByRole("button", { name: "Not now" }).click();
  await notices(ann).getByText("bob5 would rather not.").waitFor();
  await ann.getByRole("button", { name: "Invite bob5" }).click();
  await notices(bob).getByText("ann5 invites you to cellar.").waitFor();
  await ann.getByRole("button", { name: "Take back" }).click();
  await notices(bob).getByText("ann5 invites you to cellar.").waitFor({ state: "detached" });
  await ann.getByRole("button", { name: "Invite bob5" }).click();
  await notices(bob).getByRole("button", { name: "Come" }).click();
  await notices(ann).getByText("bob5 is coming to cellar.").waitFor();
  await ann.getByRole("list", { name: "Who is here" }).getByText("bob5").waitFor();
});

test("an announcement reaches everybody, and a status too", async (t) => {
  const ann = await enter(t, "ann6");
  const bob = await enter(t, "bob6");
  await ann.getByLabel("Announce something").fill("the roof is on fire");
  await ann.getByRole("button", { name: "Announce" }).click();
  await notices(bob).getByText("To everybody: the roof is on fire").waitFor();
  await ann.getByLabel("Your status").selectOption("busy");
  await bob.getByRole("region", { name: "People" }).getByRole("listitem").filter({ hasText: "ann6" }).getByText("busy").waitFor();
});

test("wrong passwords and taken names are explained", async (t) => {
  const ann = await enter(t, "ann7");
  await ann.getByRole("button", { name: "Sign out" }).click();
  await ann.getByRole("textbox", { name: "Name", exact: true }).fill("ann7");
  await ann.getByLabel("Password").fill("something else");
  await ann.getByRole("button", { name: "Sign in" }).click();
  await ann.getByRole("alert").getByText("Name and password do not go together.").waitFor();
  await ann.getByRole("button", { name: "Make an account" }).click();
  await ann.getByRole("alert").getByText("That name is taken.").waitFor();
});

test("a reload signs in by the token, and two pages of one browser share it", async (t) => {
  const ann = await enter(t, "ann8");
  await goTo(ann, "kept");
  await ann.reload();
  await ann.getByRole("tab", { name: "kept" }).waitFor();
  const second = await ann.context().newPage();
  await second.goto(here.studio.url);
  await second.getByRole("tab", { name: "kept" }).waitFor();
  await Promise.all([ann.reload(), second.reload()]);
  await ann.getByRole("tab", { name: "kept" }).waitFor();
  await second.getByRole("tab", { name: "kept" }).waitFor();
});

test("secrets are masked where the wire is shown", async (t) => {
  const page = await visit(t, here.browser, here.studio.url);
  await signIn(page, "Make an account", "ann9");
  const wire = page.getByRole("region", { name: "On the wire" });
  await wire.getByRole("listitem").filter({ hasText: /"accounts\/register","id".*"password":"\(secret\)"/ }).waitFor();
  await wire.getByRole("listitem").filter({ hasText: /"re":1.*"token":"\(secret\)"/ }).waitFor();
  await wire.getByText("correct horse").waitFor({ state: "detached" });
});
