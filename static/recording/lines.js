// The transcript in memory and on the page: its words, and which of them is spoken now.
//
// There may be thousands of lines. The server sends them as plain text; words become elements of their own only in lines
// that come near the window.

import { fromTemplate } from "../http.js";
import { clock } from "./server.js";

const DOUBTFUL = 0.5;
const LINGER_S = 0.35; // a word stays lit until the next one, but not through a silence

export class Lines extends EventTarget {
  #list;
  #canChange;
  #voices;
  #template;
  #near;
  #lit = null; // the word's element
  #playing = null; // the line
  #current = null; // the line that the keyboard is at
  #cited = null;
  marks = new Map(); // line id → [[first, last, isCurrent], …] that a search found
  all = [];
  byId = new Map();

  constructor(list, voices, { canChange = false } = {}) {
    super();
    this.#list = list;
    this.#canChange = canChange;
    this.#voices = voices; // id → {name, colour}
    this.#template = list.querySelector(".line").cloneNode(true);
    this.all = [...list.querySelectorAll(":scope > .line")].map((element) => readLine(element));
    for (const line of this.all) this.byId.set(line.id, line);
    this.#near = new IntersectionObserver((entries) => this.#wrapNear(entries), { rootMargin: "600px 0px" });
    for (const line of this.all) this.#near.observe(line.element);
    list.addEventListener("focusin", (event) => this.#arrive(event.target.closest(".line")));
    list.addEventListener("keydown", (event) => this.#walk(event));
    if (this.all.length) this.#setCurrent(this.all[0]);
  }

  /** Take the words, with their seconds, from the server. */
  async load(url) {
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    for (const segment of (await answer.json()).segments) {
      const line = this.byId.get(segment.id);
      if (!line) continue;
      line.words = segment.words;
      if (line.rev !== segment.rev) this.#write(line, segment);
      if (line.isNear) this.wrap(line);
    }
    this.dispatchEvent(new Event("words"));
  }

  lineOf(element) {
    return this.byId.get(idOf(element?.closest?.(".line")));
  }

  // --- words --------------------------------------------------------------------------------------------------------------

  #wrapNear(entries) {
    for (const { target, isIntersecting } of entries) {
      const line = this.byId.get(idOf(target));
      if (!line) continue;
      line.isNear = isIntersecting;
      if (isIntersecting) this.#equip(line);
      if (isIntersecting) this.wrap(line);
    }
  }

  /** Give a line its buttons. */
  #equip(line) {
    if (!this.#canChange || line.element.querySelector(".line-tools")) return;
    const [button, name] = [fromTemplate("who-template"), line.element.querySelector(".line-who")];
    button.append(...name.childNodes);
    name.replaceWith(button);
    line.element.append(fromTemplate("tools-template"));
    if (line === this.#current) reach(line.element, true);
  }

  /** Give each word of a line an element of its own. */
  wrap(line) {
    if (line.isWrapped || !line.words) return;
    line.isWrapped = true;
    const pieces = [];
    line.words.forEach(([text, , , sure], n) => {
      const word = document.createElement("span");
      word.className = sure !== null && sure < DOUBTFUL ? "w is-doubtful" : "w";
      word.dataset.n = n;
      word.textContent = text;
      pieces.push(word, " ");
    });
    pieces.pop();
    line.text.replaceChildren(...pieces);
    this.mark(line);
  }

  /** Show on a line what was searched for and what is cited. */
  mark(line) {
    if (!line.isWrapped) return;
    const found = this.marks.get(line.id) ?? [];
    for (const word of line.text.children) {
      const n = Number(word.dataset.n);
      const hit = found.find(([first, last]) => first <= n && n <= last);
      const [, from, to] = line.words[n] ?? [];
      word.classList.toggle("is-found", Boolean(hit));
      word.classList.toggle("is-found-now", Boolean(hit?.[2]));
      word.classList.toggle("is-cited", Boolean(this.#cited && from < this.#cited[1] && to > this.#cited[0]));
    }
  }

  /** Mark what is said from one second to another; return the first line of it. */
  cite(from, to) {
    this.#cited = [from, to];
    const touched = this.all.filter((line) => line.t0 < to && line.t1 > from);
    for (const line of touched) {
      line.element.classList.add("is-cited");
      this.mark(line);
    }
    return touched[0] ?? this.at(from) ?? this.all.find((line) => line.t0 >= from);
  }

  // --- what is spoken now ---------------------------------------------------------------------------------------------------

  /** The line that is spoken at a second, or the last one before it. */
  at(seconds) {
    return this.all[lastNotAfter(this.all, seconds, (line) => line.t0)];
  }

  /** Light what is spoken at a second; dispatch `line` when another line begins. */
  follow(seconds) {
    const line = this.at(seconds);
    const isSpoken = line && seconds < line.t1 + LINGER_S;
    this.#light(isSpoken ? line : null, seconds);
    const playing = isSpoken ? line : null;
    if (playing === this.#playing) return;
    this.#playing?.element.classList.remove("is-playing");
    playing?.element.classList.add("is-playing");
    this.#playing = playing;
    if (playing) this.dispatchEvent(new CustomEvent("line", { detail: playing }));
  }

  #light(line, seconds) {
    let element = null;
    if (line?.words && !line.isEdited) {
      this.wrap(line);
      const n = lastNotAfter(line.words, seconds, (word) => word[1]);
      if (n >= 0 && seconds < line.words[n][2] + LINGER_S) element = line.text.children[n] ?? null;
    }
    if (element === this.#lit) return;
    this.#lit?.classList.remove("is-spoken");
    element?.classList.add("is-spoken");
    this.#lit = element;
  }

  get playing() {
    return this.#playing;
  }

  // --- corrections ----------------------------------------------------------------------------------------------------------

  /** Show what a correction left behind, as the server answered it. */
  apply({ segments = [], removed = [] }) {
    for (const id of removed) this.#remove(id);
    for (const segment of segments) {
      const line = this.byId.get(segment.id) ?? this.#insert(segment);
      this.#write(line, segment);
    }
    this.all.sort((a, b) => a.t0 - b.t0 || (a.id < b.id ? -1 : 1));
    this.#join();
    this.dispatchEvent(new Event("changed"));
  }

  /** Write the voices' names and colours on every line. */
  rename() {
    for (const line of this.all) this.#showVoice(line);
    this.#join();
    this.dispatchEvent(new Event("changed"));
  }

  #write(line, segment) {
    Object.assign(line, { rev: segment.rev, t0: segment.t0, t1: segment.t1, words: segment.words });
    line.speaker = segment.speaker ?? "";
    line.said = segment.text;
    line.isWrapped = false;
    line.text.textContent = segment.text;
    if (this.#lit && !this.#lit.isConnected) this.#lit = null;
    const time = line.element.querySelector(".line-time");
    time.textContent = clock(segment.t0);
    time.dataset.seek = segment.t0;
    time.setAttribute("aria-label", `${document.getElementById("words-of-script").dataset.listen} ${clock(segment.t0)}`);
    this.#showVoice(line);
    if (line.isNear) this.wrap(line);
  }

  #showVoice(line) {
    const voice = this.#voices.get(line.speaker);
    line.colour = voice?.colour ?? 0;
    line.element.dataset.speaker = line.speaker;
    line.element.dataset.colour = line.colour;
    line.element.querySelector("[data-name]").textContent =
      voice?.name ?? document.getElementById("words-of-script").dataset.nobody;
  }

  #insert(segment) {
    const element = this.#template.cloneNode(true);
    element.id = `f-${segment.id}`;
    element.className = "line";
    element.tabIndex = -1;
    const line = readLine(element);
    const next = this.all.find((each) => each.t0 > segment.t0 || (each.t0 === segment.t0 && each.id > segment.id));
    if (next) next.element.before(element);
    else this.#list.append(element);
    this.all.push(line);
    this.byId.set(line.id, line);
    this.#near.observe(element);
    return line;
  }

  #remove(id) {
    const line = this.byId.get(id);
    if (!line) return;
    this.byId.delete(id);
    this.all = this.all.filter((each) => each !== line);
    this.#near.unobserve(line.element);
    line.element.remove();
    if (this.#current === line) this.#setCurrent(this.at(line.t0) ?? this.all[0]);
    if (this.#playing === line) this.#playing = null;
  }

  /** Say a speaker's name only where another one begins. */
  #join() {
    this.all.forEach((line, n) => {
      const goesOn = n > 0 && line.speaker !== "" && this.all[n - 1].speaker === line.speaker;
      line.element.classList.toggle("goes-on", goesOn);
    });
  }

  // --- keyboard: one line takes part in the order of Tab, arrows move between lines -------------------------------------------

  #arrive(element) {
    const line = element && this.byId.get(idOf(element));
    if (line && line !== this.#current) this.#setCurrent(line);
  }

  #setCurrent(line) {
    if (this.#current) reach(this.#current.element, false);
    this.#current = line ?? null;
    if (!line) return;
    this.#equip(line);
    reach(line.element, true);
  }

  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.closest("textarea, input") || event.altKey || event.ctrlKey) return;
    const next = this.all[this.all.indexOf(this.#current) + step];
    if (!next) return;
    event.preventDefault();
    next.element.focus();
    next.element.scrollIntoView({ block: "nearest" });
  }
}

function reach(element, isReached) {
  element.classList.toggle("is-current", isReached);
  element.tabIndex = isReached ? 0 : -1;
  for (const button of element.querySelectorAll("button")) button.tabIndex = isReached ? 0 : -1;
}

function idOf(element) {
  return element?.id.slice(2); // f-…
}

function readLine(element) {
  const { rev, t0, t1, speaker, colour } = element.dataset;
  const text = element.querySelector(".line-text");
  return {
    id: idOf(element), element, text, speaker,
    rev: Number(rev), t0: Number(t0), t1: Number(t1), colour: Number(colour),
    said: text.textContent, words: null, isWrapped: false, isNear: false, isEdited: false,
  };
}

/** The index of the last item whose key is not after a value; -1 for none. */
function lastNotAfter(items, value, key) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(items[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
