// A running studio, and a client that speaks to it with Node's own WebSocket (undici).

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "undici";

export const PASSWORD = "correct horse battery";

export class Studio {
  static async start() {
    const studio = new Studio();
    studio.data = await mkdtemp(join(tmpdir(), "studio-"));
    await studio.#run("127.0.0.1:0");
    return studio;
  }

  async #run(listen) {
    this.process = spawn(process.env.STUDIO, ["--listen", listen, "--data", this.data], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.ended = once(this.process, "exit");
    const [line] = await once(createInterface(this.process.stdout), "line");
    [, this.address] = line.match(/http:\/\/(127\.0\.0\.1:\d+)/);
  }

  /** The end without a word to anybody. */
  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  /** The same address and data once more. */
  async startAgain() {
    await this.#run(this.address);
  }

  /** Ends it politely; the exit status. */
  async stop() {
    this.process.kill("SIGTERM");
    const [status] = await this.ended;
    await rm(this.data, { recursive: true });
    return status;
  }

  async client() {
    const client = new Client(new WebSocket(`ws://${this.address}/ws`));
    await client.opened;
    return client;
  }
}

export class Client {
  #next = 1;
  #kept = [];
  #wanted = [];

  constructor(socket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.opened = new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    this.closed = new Promise((resolve) => (socket.onclose = ({ code }) => resolve(code)));
    socket.onmessage = ({ data }) => this.#arrive(typeof data === "string" ? JSON.parse(data) : data);
  }

  send(text) {
    this.socket.send(text);
  }

  /** The whole answer to an envelope, which gets an id. */
  answerTo(envelope) {
    const id = this.#next++;
    this.send(JSON.stringify({ ...envelope, id }));
    return this.next((one) => one.re === id);
  }

  ask(name, payload = {}) {
    return this.answerTo({ name, payload });
  }

  /** The payload of the next event of this name. */
  async event(name) {
    return (await this.next((one) => one.name === name)).payload;
  }

  /** The next binary frame. */
  frame() {
    return this.next((one) => one instanceof ArrayBuffer);
  }

  /** Whether no event of this name has come by the time that a later ping is answered. */
  async hearsNothingOf(name) {
    await this.ask("presence/ping");
    return !this.#kept.some((one) => one.name === name);
  }

  async register(role = "listener") {
    const username = `user-${randomUUID().slice(0, 12)}`;
    const { payload } = await this.ask("accounts/register", { username, password: PASSWORD, as: role });
    this.session = payload;
    return payload;
  }

  /** The next thing that came or comes and is wanted; all else is kept. */
  next(wanted) {
    const at = this.#kept.findIndex(wanted);
    if (at >= 0) return Promise.resolve(this.#kept.splice(at, 1)[0]);
    return new Promise((resolve) => this.#wanted.push({ wanted, resolve }));
  }

  #arrive(one) {
    const at = this.#wanted.findIndex(({ wanted }) => wanted(one));
    if (at < 0) return this.#kept.push(one);
    this.#wanted.splice(at, 1)[0].resolve(one);
  }
}
