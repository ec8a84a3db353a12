// One strip of the desk. The wire knows no places, only steps up and down: keys are such steps; for a hand that is on the fader, its place is
// compared with where the fader is known to be, and the difference asked for. One message at a time.

import { el } from "./dom.js";
import { nameOf } from "./directory.js";
import { explain, notice } from "./notices.js";
import { me, studio } from "./session.js";

/** Closer than this is there. */
const NEAR = 0.05;
/** Between two messages of one fader. */
const PACE_MS = 30;
const PAGE = 10;
const SHOWN_MS = 1500;

export class Fader {
  #level = 0;
  #target;
  #steps = 0;
  #moving = false;
  #quiet;

  /** A fader without a voice is free: nothing is to be heard of it. */
  constructor(channel, voice) {
    this.channel = channel;
    this.name = voice ?? `Fader ${channel + 1}`;
    this.value = el("output", { ariaHidden: "true" });
    this.by = el("span", { class: "by" });
    this.cap = el("span", { class: "cap" });
    this.slider = el("div", {
      class: "fader", role: "slider", tabIndex: 0, ariaOrientation: "vertical", ariaValueMin: "0", ariaValueMax: "100", ariaLabel: voice ? `${voice}, fader ${channel + 1}` : `Fader ${channel + 1}, free`,
      onkeydown: (event) => this.#key(event),
      onpointerdown: (event) => this.#press(event),
      onclick: (event) => event.pointerType === "touch" && !event.target.matches(".cap") && this.#want(this.#place(event)),
    }, this.cap);
    const tape = el("span", { class: voice ? "tape" : "tape free", ariaHidden: "true" }, voice ?? String(channel + 1));
    this.element = el("div", { class: "strip" }, this.value, this.slider, tape, this.by);
    this.#draw(0);
  }

  /** It stands here now; `user` has moved it, if anybody. */
  stands(level, user) {
    this.#level = level;
    // While a hand is on it, the cap is where the hand is.
    if (this.#target === undefined) this.#draw(level);
    if (user && user !== me?.user) this.#movedBy(nameOf(user));
  }

  get level() {
    return this.#level;
  }

  #draw(level) {
    const text = String(Math.round(level));
    this.slider.style.setProperty("--level", level);
    this.slider.ariaValueNow = text;
    this.slider.ariaValueText = `${text} percent`;
    this.value.textContent = text;
  }

  #movedBy(name) {
    this.by.textContent = name;
    this.element.classList.add("theirs");
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.by.textContent = "";
      this.element.classList.remove("theirs");
    }, SHOWN_MS);
  }

  #want(level) {
    this.#target = Math.min(100, Math.max(0, Math.round(level)));
    this.#draw(this.#target);
    this.#move();
  }

  async #move() {
    if (this.#moving) return;
    this.#moving = true;
    for (let by = this.#next(); by !== 0; by = this.#next()) {
      if (!(await this.#ask(by))) break;
      await new Promise((done) => setTimeout(done, PACE_MS));
    }
    this.#moving = false;
    if (this.slider.classList.contains("held")) return;
    this.#target = undefined;
    this.#draw(this.#level);
  }

  /** By how much it has to move now; 0 when it is where it should be. */
  #next() {
    if (this.#target !== undefined) {
      const by = this.#target - this.#level;
      return Math.abs(by) < NEAR ? 0 : by;
    }
    const steps = this.#steps;
    this.#steps = 0;
    const room = steps > 0 ? 100 - this.#level : this.#level;
    // At its end the desk is asked all the same: it is the one who knows.
    return Math.sign(steps) * (room < NEAR ? 1 : Math.min(Math.abs(steps), room));
  }

  /** Whether the desk has done it. */
  async #ask(by) {
    const turn = by > 0 ? studio.mixer.volume_up : studio.mixer.volume_down;
    // Where it stands then has been told by the event in front of the answer; the answer may be older than another hand's move.
    const { ok, error } = await turn.try({ channel: this.channel, step: Math.abs(Math.round(by * 100) / 100) });
    if (ok) return true;
    if (error.kind === "at_limit") this.#atLimit(error.level, by);
    else notice(explain(error));
    return false;
  }

  #atLimit(level, by) {
    this.#level = level;
    this.element.classList.remove("stuck");
    requestAnimationFrame(() => this.element.classList.add("stuck"));
    const end = level >= 100 - NEAR ? "all the way up" : level <= NEAR ? "all the way down" : `at ${Math.round(level)}: another hand was faster`;
    notice(Math.abs(by) > 1 ? `${this.name} is ${end}.` : `${this.name} is ${end} already.`);
  }

  #key(event) {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: PAGE, PageDown: -PAGE, Home: -100, End: 100 };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#steps += step;
    this.#move();
  }

  #press(event) {
    const onCap = event.target === this.cap;
    if (event.button !== 0 || (event.pointerType === "touch" && !onCap)) return;
    event.preventDefault();
    this.slider.focus({ preventScroll: true });
    this.slider.setPointerCapture(event.pointerId);
    this.slider.classList.add("held");
    const offset = onCap ? (this.#target ?? this.#level) - this.#place(event) : 0;
    if (!onCap) this.#want(this.#place(event));
    const held = new AbortController();
    const release = () => {
      held.abort();
      this.slider.classList.remove("held");
      this.#move();
    };
    this.slider.addEventListener("pointermove", (move) => this.#want(this.#place(move) + offset), { signal: held.signal });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) this.slider.addEventListener(end, release, { signal: held.signal });
  }

  /** The level at the height of the pointer. */
  #place({ clientY }) {
    const { top, height } = this.slider.getBoundingClientRect();
    const cap = this.cap.offsetHeight;
    return 100 * (1 - (clientY - top - cap / 2) / (height - cap));
  }
}
