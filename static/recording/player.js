// The player: the sound, its buttons and keys. Others learn of the moment by `tick` events.

import { clock } from "./server.js";

const STEP_S = 3;

export class Player extends EventTarget {
  #box;
  #now;
  #cuedAt = null; // where to begin, until the sound's length is known

  constructor(box) {
    super();
    this.#box = box;
    this.sound = box.querySelector("audio");
    this.sound.controls = false;
    this.#now = box.querySelector("[data-now]");
    for (const name of ["play", "pause", "ended"]) this.sound.addEventListener(name, () => this.#turned());
    for (const name of ["seeked", "timeupdate", "loadedmetadata"]) this.sound.addEventListener(name, () => this.#tick());
    this.sound.addEventListener("loadedmetadata", () => this.#begin());
    this.sound.addEventListener("error", () => (document.getElementById("player-error").hidden = false));
    this.sound.addEventListener("playing", () => (document.getElementById("player-error").hidden = true));
    box.addEventListener("click", (event) => this.#press(event.target.closest("[data-player]")?.dataset.player));
    this.speeds = box.querySelector('[data-player="speed"]');
    this.speeds.addEventListener("change", () => this.#setSpeed(this.speeds.value));
    const kept = localStorage.getItem("preceptor:speed");
    if (kept && [...this.speeds.options].some((each) => each.value === kept)) this.#setSpeed(kept);
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  get seconds() {
    return this.#cuedAt ?? this.sound.currentTime;
  }

  get isPlaying() {
    return !this.sound.paused && !this.sound.ended;
  }

  /** Go to a second; play from there when `play`. */
  seek(seconds, { play = false } = {}) {
    const last = Number.isFinite(this.sound.duration) ? this.sound.duration : Infinity;
    const target = Math.min(Math.max(0, seconds), last);
    if (this.sound.readyState === 0) this.#cuedAt = target;
    else this.sound.currentTime = target;
    this.dispatchEvent(new CustomEvent("seek", { detail: target }));
    this.#tick();
    if (play) this.play();
  }

  play() {
    // A browser may refuse to make a sound that nobody asked for; the button is there.
    this.sound.play().catch(() => this.#turned());
  }

  toggle() {
    if (this.isPlaying) this.sound.pause();
    else this.play();
  }

  faster(steps) {
    const next = this.speeds.options[this.speeds.selectedIndex + steps];
    if (next) this.#setSpeed(next.value);
  }

  #begin() {
    if (this.#cuedAt === null) return;
    this.sound.currentTime = this.#cuedAt;
    this.#cuedAt = null;
  }

  #press(what) {
    if (what === "play") this.toggle();
    else if (what === "back") this.seek(this.seconds - STEP_S);
    else if (what === "forward") this.seek(this.seconds + STEP_S);
    else if (what === "follow") this.dispatchEvent(new Event("follow"));
  }

  #setSpeed(value) {
    this.speeds.value = value;
    this.sound.defaultPlaybackRate = this.sound.playbackRate = Number(value);
    localStorage.setItem("preceptor:speed", value);
  }

  #key(event) {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.code === "Space" && event.ctrlKey) {
      event.preventDefault();
      this.toggle();
      return;
    }
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const isOnSlider = event.target.getAttribute?.("role") === "slider";
    const isOnButton = event.target.closest?.("button, a, summary, [role=tab]");
    if ((event.key === " " && !isOnButton) || event.key === "k") this.toggle();
    else if (event.key === "ArrowLeft" && !event.target.closest?.("[role=tab]")) this.seek(this.seconds - STEP_S);
    else if (event.key === "ArrowRight" && !event.target.closest?.("[role=tab]")) this.seek(this.seconds + STEP_S);
    else if (isOnSlider && event.key === "Home") this.seek(0);
    else if (isOnSlider && event.key === "End") this.seek(this.sound.duration);
    else if (event.key === ",") this.faster(-1);
    else if (event.key === ".") this.faster(1);
    else return;
    event.preventDefault();
  }

  #turned() {
    const button = this.#box.querySelector('[data-player="play"]');
    this.#box.classList.toggle("is-playing", this.isPlaying);
    button.setAttribute("aria-label", this.isPlaying ? button.dataset.pause : button.dataset.play);
    if (this.isPlaying) requestAnimationFrame(() => this.#frame());
    this.#tick();
  }

  #frame() {
    if (!this.isPlaying) return;
    this.#tick();
    requestAnimationFrame(() => this.#frame());
  }

  #tick() {
    const said = clock(this.seconds);
    if (this.#now.textContent !== said) this.#now.textContent = said;
    this.dispatchEvent(new CustomEvent("tick", { detail: this.seconds }));
  }
}
