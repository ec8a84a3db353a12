// Plays frames of 16 bit samples as they come, a little behind so that jitter is not heard.

const BEHIND_SECONDS = 0.15;

export class Player {
  #context;
  #next = 0;
  #rate = 0;

  /** `onFrame(text)` hears of each frame that plays. */
  constructor(onFrame) {
    this.onFrame = onFrame;
  }

  get playing() {
    return this.#context !== undefined;
  }

  start(samplesPerSecond) {
    this.#rate = samplesPerSecond;
    this.#context = new AudioContext();
    this.#next = 0;
  }

  stop() {
    this.#context?.close();
    this.#context = undefined;
  }

  push(seq, quality, samples) {
    if (!this.playing) return;
    const count = samples.byteLength / 2;
    const buffer = this.#context.createBuffer(1, count, this.#rate);
    const channel = buffer.getChannelData(0);
    for (let n = 0; n < count; n++) channel[n] = samples.getInt16(2 * n, true) / 32768;
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    const now = this.#context.currentTime;
    if (this.#next < now) this.#next = now + BEHIND_SECONDS;
    source.start(this.#next);
    this.#next += count / this.#rate;
    this.onFrame(`frame ${seq}, ${quality}, ${count} samples`);
  }
}
