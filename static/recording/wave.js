// The waveform: how loud the sound is, in the colour of who speaks; a slider for mouse, finger and keys.

import { clock } from "./server.js";

const PER_SECOND = 10;
const BAR_PX = 3;
const GAP_PX = 1;

export class Wave {
  #box;
  #canvas;
  #head;
  #player;
  #duration;
  #peaks = new Uint8Array();
  #bars = []; // [height 0–1, colour]
  #drawnTo = -1; // bars in full colour
  #lines = null;

  constructor(box, player, duration) {
    this.#box = box;
    this.#player = player;
    this.#duration = duration;
    this.#canvas = box.querySelector("canvas");
    this.#head = box.querySelector(".wave-head");
    player.addEventListener("tick", (event) => this.#move(event.detail));
    new ResizeObserver(() => this.#measure()).observe(box);
    // Light and dark have their own colours.
    new MutationObserver(() => this.#measure()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    box.addEventListener("pointerdown", (event) => this.#drag(event));
  }

  async load(url) {
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    this.#peaks = new Uint8Array(await answer.arrayBuffer());
    this.#measure();
  }

  /** Take the colours of the lines; `lines` gives t0, t1 and colour of each, in order. */
  paint(lines) {
    this.#lines = lines;
    this.#measure();
  }

  /** Mark a stretch. */
  cite(from, to) {
    const mark = this.#box.querySelector(".wave-cited");
    mark.hidden = false;
    mark.style.left = `${(100 * from) / this.#duration}%`;
    mark.style.width = `${(100 * Math.max(0, to - from)) / this.#duration}%`;
  }

  #measure() {
    const width = this.#box.clientWidth;
    const height = this.#box.clientHeight;
    if (!width || !this.#duration) return;
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    const count = Math.max(1, Math.floor(width / (BAR_PX + GAP_PX)));
    const style = getComputedStyle(document.documentElement);
    const colours = Array.from({ length: 9 }, (_, n) => style.getPropertyValue(`--voice-${n}`).trim());
    this.#bars = Array.from({ length: count }, (_, n) => this.#bar(n, count, colours));
    this.#drawnTo = -1;
    this.#move(this.#player.seconds);
  }

  #bar(n, count, colours) {
    const from = Math.floor((n / count) * this.#duration * PER_SECOND);
    const to = Math.max(from + 1, Math.floor(((n + 1) / count) * this.#duration * PER_SECOND));
    let loudest = 0;
    for (let at = from; at < Math.min(to, this.#peaks.length); at += 1) loudest = Math.max(loudest, this.#peaks[at]);
    return [loudest / 255, colours[this.#colourAt(from / PER_SECOND, to / PER_SECOND)]];
  }

  /** Who speaks for most of a stretch; binary search for the first line that may touch it. */
  #colourAt(from, to) {
    const lines = this.#lines ?? [];
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].t1 <= from) low = middle + 1;
      else high = middle;
    }
    let [best, most] = [0, 0];
    for (let n = low; n < lines.length && lines[n].t0 < to; n += 1) {
      const shared = Math.min(to, lines[n].t1) - Math.max(from, lines[n].t0);
      if (shared > most) [best, most] = [lines[n].colour, shared];
    }
    return best;
  }

  #move(seconds) {
    const share = this.#duration ? Math.min(1, seconds / this.#duration) : 0;
    this.#head.style.transform = `translateX(${share * (this.#box.clientWidth - 2)}px)`;
    const whole = Math.floor(seconds);
    if (Number(this.#box.getAttribute("aria-valuenow")) !== whole) {
      this.#box.setAttribute("aria-valuenow", whole);
      this.#box.setAttribute("aria-valuetext", clock(seconds));
    }
    const played = Math.floor(share * this.#bars.length);
    if (played !== this.#drawnTo) this.#draw(played);
  }

  #draw(played) {
    this.#drawnTo = played;
    const ratio = devicePixelRatio || 1;
    const context = this.#canvas.getContext("2d");
    const [width, height] = [this.#canvas.width / ratio, this.#canvas.height / ratio];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const step = width / this.#bars.length;
    this.#bars.forEach(([loud, colour], n) => {
      const tall = Math.max(2, loud * (height - 4));
      context.globalAlpha = n < played ? 1 : 0.45;
      context.fillStyle = colour;
      context.beginPath();
      context.roundRect(n * step, (height - tall) / 2, Math.max(1, step - GAP_PX), tall, 1.5);
      context.fill();
    });
  }

  #drag(event) {
    if (event.button) return;
    const seek = (each) => {
      const box = this.#box.getBoundingClientRect();
      this.#player.seek((Math.min(Math.max(0, each.clientX - box.left), box.width) / box.width) * this.#duration);
    };
    this.#box.setPointerCapture(event.pointerId);
    seek(event);
    const move = (each) => seek(each);
    this.#box.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) {
      this.#box.addEventListener(name, () => this.#box.removeEventListener("pointermove", move), { once: true });
    }
  }
}
