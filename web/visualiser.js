// Draws the music: what it is made of as bars, its wave above. For those who want less motion, once a second.

const BARS = 48;
const SELDOM_MS = 1000;
const GLOW = "#ff9d5c";
const DIM = "#8a4c25";
const WAVE = "#8fd0c0";

export class Visualiser {
  #canvas;
  #analyser;
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #last = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#fit()).observe(canvas);
  }

  /** Follows an analyser until it is told to rest. */
  draw(analyser) {
    const isRunning = this.#analyser !== undefined;
    this.#analyser = analyser;
    if (!isRunning) requestAnimationFrame((now) => this.#frame(now));
  }

  /** A line, for silence. */
  rest() {
    this.#analyser = undefined;
    const { context, width, height } = this.#clean();
    context.fillStyle = DIM;
    context.fillRect(0, height / 2, width, 1);
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = clientWidth * devicePixelRatio;
    this.#canvas.height = clientHeight * devicePixelRatio;
    if (this.#analyser) this.#paint();
    else this.rest();
  }

  #frame(now) {
    if (!this.#analyser) return;
    requestAnimationFrame((then) => this.#frame(then));
    if (this.#still.matches && now - this.#last < SELDOM_MS) return;
    this.#last = now;
    this.#paint();
  }

  #paint() {
    const { context, width, height } = this.#clean();
    this.#bars(context, width, height);
    this.#wave(context, width, height);
  }

  #clean() {
    const { width, height } = this.#canvas;
    const context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    return { context, width, height };
  }

  #bars(context, width, height) {
    const powers = new Uint8Array(this.#analyser.frequencyBinCount);
    this.#analyser.getByteFrequencyData(powers);
    const slope = context.createLinearGradient(0, height, 0, 0);
    slope.addColorStop(0, DIM);
    slope.addColorStop(1, GLOW);
    context.fillStyle = slope;
    const each = width / BARS;
    for (let bar = 0; bar < BARS; bar++) {
      // Low notes are close together, so each bar takes more than the one before.
      const from = Math.floor(powers.length ** (bar / BARS));
      const to = Math.max(from + 1, Math.floor(powers.length ** ((bar + 1) / BARS)));
      const power = Math.max(...powers.subarray(from, to)) / 255;
      context.fillRect(bar * each + 1, height, Math.max(1, each - 2), -power * height * 0.9);
    }
  }

  #wave(context, width, height) {
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    context.strokeStyle = WAVE;
    context.lineWidth = 1.5 * devicePixelRatio;
    context.beginPath();
    samples.forEach((sample, n) => context.lineTo((n / samples.length) * width, height * (0.5 - sample * 0.7)));
    context.stroke();
  }
}
