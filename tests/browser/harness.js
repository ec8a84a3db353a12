// A running studio, a browser whose pages must stay free of faults, and a line between them that can be cut.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const PASSWORD = "correct horse battery";
export const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };
const SECONDS = 1000;
const SCREENSHOTS = fileURLToPath(new URL("./screenshots/", import.meta.url));

/** The studio's binary (`STUDIO`) on a port of the loopback interface, with a data folder of its own. */
export class Studio {
  static async start(...more) {
    const studio = new Studio();
    studio.data = await mkdtemp(join(tmpdir(), "studio-"));
    studio.more = more;
    await studio.#run(0);
    return studio;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** As a power cut does it. */
  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  /** Comes back where it was, with what it has kept. */
  async again() {
    await this.#run(this.port);
  }

  /** While it is down: what rooms and mailboxes have kept is gone. */
  async forget() {
    await rm(join(this.data, "histories.redb"));
  }

  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
    await rm(this.data, { recursive: true });
  }

  async #run(port) {
    const listen = ["--listen", `127.0.0.1:${port}`, "--data", this.data];
    this.process = spawn(process.env.STUDIO, [...listen, ...this.more], { stdio: ["ignore", "pipe", "inherit"] });
    this.ended = once(this.process, "exit");
    const lines = createInterface(this.process.stdout)[Symbol.asyncIterator]();
    const said = async (pattern) => (await lines.next()).value.match(pattern)[1];
    this.port = Number(await said(/http:\/\/127\.0\.0\.1:(\d+)/));
    if (this.more.includes("--console")) this.console = await said(/(http\S+)/);
  }
}

/** A line to the studio that can be cut and mended. */
export class Line {
  #pairs = new Set();
  #cut = false;

  static async to(studio) {
    const line = new Line();
    line.server = createServer((near) => line.#accept(near, studio.port));
    line.server.listen(0, "127.0.0.1");
    await once(line.server, "listening");
    return line;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}/`;
  }

  cut() {
    this.#cut = true;
    for (const socket of this.#pairs) socket.destroy();
  }

  mend() {
    this.#cut = false;
  }

  close() {
    this.cut();
    this.server.close();
  }

  #accept(near, port) {
    if (this.#cut) return near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#pairs.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#pairs.delete(one);
        other.destroy();
      });
    }
  }
}

/** Debian's Chromium, or what `CHROMIUM` names. */
export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
}

/** One studio and one browser for all tests of a file. */
export function stage() {
  const stage = {};
  before(async () => {
    [stage.studio, stage.browser] = await Promise.all([Studio.start(), launch()]);
  });
  after(async () => {
    await stage.browser.close();
    await stage.studio.stop();
  });
  return stage;
}

/** A visitor who has made an account on the studio's page at `url`, and is in. */
export async function register(t, browser, url, username, { as = "listener", ...options } = {}) {
  const page = await visit(t, browser, url, options);
  await signIn(page, "Make an account", username, as);
  return page;
}

/** Fills in the form and presses one of its buttons. */
export async function signIn(page, button, username, as = "listener") {
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(username);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("radio", { name: as }).check();
  await page.getByRole("button", { name: button }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/**
 * A visitor with a browser profile of their own, on the page at `url`. When the test ends, a screenshot is kept and no fault may have
 * come to light: no error or warning in the console, no request that failed; `page.forgive(/pattern/)` names faults that the test causes.
 */
export async function visit(t, browser, url, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(15 * SECONDS);
  const page = await context.newPage();
  const faults = watch(page);
  const forgiven = [];
  page.forgive = (pattern) => forgiven.push(pattern);
  const number = ++visitors;
  t.after(async () => {
    if (!page.isClosed()) await screenshot(page, `${t.name} ${number}`);
    await context.close();
    assert.deepEqual(faults.filter((fault) => !forgiven.some((pattern) => pattern.test(fault))), []);
  });
  await page.goto(url);
  return page;
}

let visitors = 0;

function watch(page) {
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.stack ?? error}`));
  page.on("requestfailed", (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  return faults;
}

/** Kept in `screenshots/`, for people to look at. */
export async function screenshot(page, name, options = {}) {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name.replace(/[^\w]+/g, "-")}.png`), ...options });
}

const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What axe-core finds has to be nothing. */
export async function assertAccessible(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`));
  assert.ok(found.length === 0, found.join("\n\n"));
}

/** Nothing of the page may stand out to the right. */
export async function assertFits(page) {
  const { wide, width } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    width: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= width, `the page is ${wide} px wide, the window ${width} px`);
}
