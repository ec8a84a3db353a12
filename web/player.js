// Plays frames of 16 bit samples as they come, a little behind so that jitter is not heard.

const BEHIND_SECONDS = 0.15;
/** What has piled up beyond this is not worth hearing any more. */
const PILE_SECONDS = 1;

export class Player {
  frames = 0;
  lost = 0;
  #context;
  #gain;
  #next = 0;
  #seq;

  /** The audio's own pace is that of the samples: then nothing has to be fitted together at the seams. */
  constructor(quality, samplesPerSecond, loudness) {
    this.quality = quality;
    this.#context = new AudioContext({ sampleRate: samplesPerSecond });
    this.analyser = this.#context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.analyser.smoothingTimeConstant = 0.75;
    this.#gain = this.#context.createGain();
    this.loudness(loudness);
    this.analyser.connect(this.#gain).connect(this.#context.destination);
  }

  loudness(value) {
    // Ears hear powers, not sums.
    this.#gain.gain.value = value ** 2;
  }

  plays(quality) {
    return quality === this.quality;
  }

  /** How far what came is ahead of what is heard, in seconds. */
  get ahead() {
    return Math.max(0, this.#next - this.#context.currentTime);
  }

  push({ seq, data }) {
    this.frames++;
    if (this.#seq !== undefined && seq > this.#seq) this.lost += seq - this.#seq - 1;
    this.#seq = seq;
    const now = this.#context.currentTime;
    if (this.#next < now || this.#next > now + PILE_SECONDS) this.#next = now + BEHIND_SECONDS;
    const source = this.#context.createBufferSource();
    source.buffer = this.#samples(data);
    source.connect(this.analyser);
    source.start(this.#next);
    this.#next += source.buffer.duration;
  }

  stop() {
    this.#context.close();
  }

  #samples(data) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const buffer = this.#context.createBuffer(1, data.byteLength / 2, this.#context.sampleRate);
    const channel = buffer.getChannelData(0);
    for (let n = 0; n < channel.length; n++) channel[n] = view.getInt16(2 * n, true) / 32768;
    return buffer;
  }
}
