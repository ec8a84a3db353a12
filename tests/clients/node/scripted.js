// A server that sends whatever a test says, down to the bytes of its frames.

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";

export class Scripted {
  /** What each connection does once it is there, by its number from 0. */
  static async start(script) {
    const scripted = new Scripted();
    scripted.times = [];
    scripted.sockets = new Set();
    scripted.server = createServer();
    scripted.server.on("upgrade", (request, socket) => {
      scripted.times.push(performance.now());
      scripted.sockets.add(socket);
      socket.on("close", () => scripted.sockets.delete(socket));
      socket.on("error", () => {});
      script(new Peer(request, socket), scripted.times.length - 1);
    });
    scripted.server.listen(0, "127.0.0.1");
    await once(scripted.server, "listening");
    scripted.url = `ws://127.0.0.1:${scripted.server.address().port}/ws`;
    return scripted;
  }

  stop() {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

/** A client's connection, seen from the server. */
export class Peer {
  #bytes = Buffer.alloc(0);
  /** Called with each text that comes. */
  heard = () => {};

  constructor(request, socket) {
    this.request = request;
    this.socket = socket;
    socket.on("data", (data) => this.#arrived(data));
  }

  accept() {
    const key = this.request.headers["sec-websocket-key"];
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    this.socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: switchboard.v1\r\n\r\n`,
    );
    return this;
  }

  frame(opcode, payload, isLast = true) {
    const body = Buffer.from(payload);
    const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10);
    head[0] = (isLast ? 0x80 : 0) | opcode;
    if (head.length === 2) head[1] = body.length;
    else if (head.length === 4) [head[1]] = [126, head.writeUInt16BE(body.length, 2)];
    else [head[1]] = [127, head.writeBigUInt64BE(BigInt(body.length), 2)];
    this.socket.write(Buffer.concat([head, body]));
    return this;
  }

  text(text) {
    return this.frame(1, text);
  }

  json(value) {
    return this.text(JSON.stringify(value));
  }

  bytes(bytes) {
    return this.frame(2, bytes);
  }

  close(code, reason = "") {
    const body = Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
    this.frame(8, body);
    this.socket.end();
  }

  /** Answers the hello and everything that wants an answer by `answer`. */
  answers(answer) {
    this.heard = (text) => {
      const it = JSON.parse(text);
      const said = it.messages === undefined ? answer(it) : { contract: it.contract, same: true, differs: [], unknown: [] };
      if (said !== undefined) this.json(said);
    };
    return this;
  }

  #arrived(data) {
    this.#bytes = Buffer.concat([this.#bytes, data]);
    while (this.#bytes.length >= 6) {
      let [length, at] = [this.#bytes[1] & 127, 2];
      if (length === 126) [length, at] = [this.#bytes.readUInt16BE(2), 4];
      if (length === 127) [length, at] = [Number(this.#bytes.readBigUInt64BE(2)), 10];
      if (this.#bytes.length < at + 4 + length) return;
      const mask = this.#bytes.subarray(at, at + 4);
      const body = Buffer.from(this.#bytes.subarray(at + 4, at + 4 + length).map((byte, index) => byte ^ mask[index % 4]));
      if ((this.#bytes[0] & 15) === 1) this.heard(body.toString());
      this.#bytes = this.#bytes.subarray(at + 4 + length);
    }
  }
}
