// The desk and the air.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, register, stage } from "./harness.js";

const here = stage();
const enter = (t, username, options) => register(t, here.browser, here.studio.url, username, options);

const fader = (page, name) => page.getByRole("slider", { name });
const standsAt = (page, name, value) => page.locator(`[role=slider][aria-label^="${name}"][aria-valuenow="${value}"]`).waitFor();

/** From where a fader stands to a level, with the mouse. */
async function drag(page, name, level) {
  const now = Number(await fader(page, name).getAttribute("aria-valuenow"));
  const cap = await fader(page, name).locator(".cap").boundingBox();
  const slot = await fader(page, name).boundingBox();
  const [x, y] = [cap.x + cap.width / 2, cap.y + cap.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + ((now - level) / 100) * (slot.height - cap.height), { steps: 8 });
  await page.mouse.up();
}

test("a fader that one visitor drags moves for the other, who sees whose hand it was", async (t) => {
  const ann = await enter(t, "ann");
  const bob = await enter(t, "bob");
  await standsAt(ann, "Bass", 50);
  await drag(ann, "Bass", 80);
  await standsAt(ann, "Bass", 80);
  await standsAt(bob, "Bass", 80);
  await drag(bob, "Bells", 20);
  await standsAt(ann, "Bells", 20);
  await ann.locator(".strip").filter({ hasText: "Bells" }).getByText("bob").waitFor();
});

test("a fader moves by keys, and says kindly when it is at its end", async (t) => {
  const ann = await enter(t, "ann2");
  await standsAt(ann, "Pad", 50);
  await fader(ann, "Pad").press("ArrowUp");
  await standsAt(ann, "Pad", 51);
  await fader(ann, "Pad").press("PageDown");
  await standsAt(ann, "Pad", 41);
  await fader(ann, "Pad").press("End");
  await standsAt(ann, "Pad", 100);
  await fader(ann, "Pad").press("ArrowUp");
  await ann.getByText("Pad is all the way up already.").waitFor();
  await fader(ann, "Pad").press("Home");
  await standsAt(ann, "Pad", 0);
  await fader(ann, "Pad").press("PageDown");
  await ann.getByText("Pad is all the way down already.").waitFor();
});

test("a finger moves a fader of another bank, and two hands on one do not lose each other", async (t) => {
  const ann = await enter(t, "ann3", { viewport: PHONE, hasTouch: true, isMobile: true });
  const bob = await enter(t, "bob3");
  await ann.getByRole("tab", { name: "Faders 9–16" }).tap();
  const slot = await fader(ann, "Fader 9,").boundingBox();
  await fader(ann, "Fader 9,").tap({ position: { x: slot.width / 2, y: 20 } });
  await ann.locator('[aria-label^="Fader 9,"]:not([aria-valuenow="50"])').waitFor();
  const level = await fader(ann, "Fader 9,").getAttribute("aria-valuenow");
  await bob.getByRole("tab", { name: "Faders 9–16" }).click();
  await standsAt(bob, "Fader 9,", level);
  await Promise.all([fader(ann, "Fader 9,").press("PageDown"), fader(bob, "Fader 9,").press("PageDown")]);
  await standsAt(ann, "Fader 9,", Number(level) - 20);
  await standsAt(bob, "Fader 9,", Number(level) - 20);
});

test("mixers read the log of the desk, listeners do not", async (t) => {
  const ann = await enter(t, "ann4", { as: "mixer" });
  const bob = await enter(t, "bob4");
  await fader(bob, "Arp").press("ArrowUp");
  await standsAt(bob, "Arp", 51);
  await ann.getByRole("button", { name: "Read again" }).click();
  await ann.getByRole("list", { name: "Changes of the desk" }).getByText("bob4 turned a fader up").waitFor();
  assert.equal(await bob.getByRole("heading", { name: "Log of the desk" }).count(), 0);
});

test("the music comes, is heard and drawn, in the quality that is chosen", async (t) => {
  const ann = await enter(t, "ann5", { as: "decoder", reducedMotion: "no-preference" });
  const air = ann.getByRole("region", { name: "The air" });
  await ann.evaluate(() => {
    const begin = AudioContext.prototype.createAnalyser;
    AudioContext.prototype.createAnalyser = function () {
      window.heard = begin.call(this);
      return window.heard;
    };
  });
  await air.getByRole("button", { name: "Tune in" }).click();
  await hears(ann, 16_000);
  const before = await drawn(ann);
  await ann.waitForFunction((before) => document.querySelector("canvas").toDataURL() !== before, before);
  await air.getByRole("radio", { name: "32 kHz" }).check();
  await hears(ann, 32_000);
  await air.getByRole("button", { name: "Stop" }).click();
  await air.getByRole("button", { name: "Tune in" }).waitFor();
  await ann.waitForFunction(() => window.heard.context.state === "closed");
});

/** Waits until sound of this rate comes out. */
const hears = (page, rate) =>
  page.waitForFunction((rate) => {
    if (window.heard?.context.sampleRate !== rate || window.heard.context.state !== "running") return false;
    const samples = new Float32Array(window.heard.fftSize);
    window.heard.getFloatTimeDomainData(samples);
    return samples.some((sample) => Math.abs(sample) > 0.01);
  }, rate);

const drawn = (page) => page.evaluate(() => document.querySelector("canvas").toDataURL());

test("who wants less motion sees the music once a second", async (t) => {
  const ann = await enter(t, "ann6", { as: "decoder", reducedMotion: "reduce" });
  await ann.evaluate(() => {
    window.painted = [];
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...place) {
      window.painted.push(performance.now());
      return clear.apply(this, place);
    };
  });
  await ann.getByRole("button", { name: "Tune in" }).click();
  await ann.waitForFunction(() => window.painted.length >= 3);
  const times = await ann.evaluate(() => window.painted);
  assert.ok(times.at(-1) - times.at(-2) > 900, `painted at ${times}`);
});
