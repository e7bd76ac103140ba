// Words looked for in the whole document, whatever their accents and capitals.

import { drawFound } from "./marks.js";

/** Letters without case and accents, one for one, so that positions stay true. */
export function fold(text) {
  return Array.from(text.normalize("NFC"), (letter) => {
    const plain = letter.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.length === letter.length ? plain : letter;
  }).join("");
}

export class Finder {
  #pdf;
  #pages;
  #texts = new Map(); // page number → Promise of {folded, starts}
  #hits = []; // {page, from, to}
  #at = -1;
  #turn = 0;
  #seeking = false; // the current hit still has to be brought into sight

  constructor(pdf, pages, frame) {
    this.#pdf = pdf;
    this.#pages = pages;
    frame.addEventListener("text", (event) => this.#paint(event.detail));
  }

  get count() {
    return this.#hits.length;
  }

  get position() {
    return this.#at + 1;
  }

  #text(number) {
    if (!this.#texts.has(number)) this.#texts.set(number, this.#read(number));
    return this.#texts.get(number);
  }

  async #read(number) {
    const content = await (await this.#pdf.getPage(number)).getTextContent();
    const starts = [];
    let whole = "";
    for (const item of content.items) {
      if (item.str === undefined) continue; // a mark without words; the text layer leaves it out as well
      starts.push(whole.length);
      whole += item.str.normalize("NFC");
      if (item.hasEOL) whole += " ";
    }
    return { folded: fold(whole), starts };
  }

  /** Find every place of `query`; false when a later search overtook this one. */
  async search(query) {
    const turn = ++this.#turn;
    const wanted = fold(query.trim()).replace(/\s+/g, " ");
    const hits = [];
    if (wanted) {
      const pattern = new RegExp(wanted.split(" ").map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+"), "g");
      for (const view of this.#pages.views) {
        const { folded } = await this.#text(view.number);
        if (turn !== this.#turn) return false;
        for (const match of folded.matchAll(pattern)) {
          hits.push({ page: view.number, from: match.index, to: match.index + match[0].length });
        }
      }
    }
    this.#hits = hits;
    const here = this.#pages.current;
    this.#at = hits.length ? Math.max(0, hits.findIndex((hit) => hit.page >= here)) : -1;
    if (hits.length) await this.#go();
    this.#paintAll();
    return true;
  }

  async step(by) {
    if (!this.#hits.length) return;
    this.#at = (this.#at + by + this.#hits.length) % this.#hits.length;
    await this.#go();
    this.#paintAll();
  }

  clear() {
    this.#turn += 1;
    this.#hits = [];
    this.#at = -1;
    this.#paintAll();
  }

  async #go() {
    this.#seeking = true;
    const view = this.#pages.views[this.#hits[this.#at].page - 1];
    if (view.text) await this.#paint(view);
    else this.#pages.show(view.number); // its text comes with the drawing, and #paint brings it into sight
  }

  #paintAll() {
    for (const view of this.#pages.views) if (view.text) this.#paint(view);
  }

  async #paint(view) {
    if (!this.#hits.length) {
      view.foundHolder.replaceChildren();
      return;
    }
    const { starts } = await this.#text(view.number);
    if (!view.text) return;
    const mine = this.#hits.map((hit, index) => ({ ...hit, index })).filter((hit) => hit.page === view.number);
    const current = mine.findIndex((hit) => hit.index === this.#at);
    drawFound(view.foundHolder, mine.map((hit) => ranges(view.text, starts, hit)), view.element, current);
    const now = view.foundHolder.querySelector(".is-current");
    if (now && this.#seeking) {
      this.#seeking = false;
      this.#pages.reveal(now);
    }
  }
}

/** The DOM ranges over the words from `from` to `to` of a page's text. */
function ranges({ strings, divs }, starts, { from, to }) {
  const pieces = [];
  for (let index = 0; index < divs.length; index += 1) {
    const start = starts[index];
    const end = start + strings[index].length;
    const node = divs[index].firstChild;
    if (end <= from || start >= to || node?.nodeType !== Node.TEXT_NODE) continue;
    const range = document.createRange();
    range.setStart(node, Math.min(node.length, Math.max(0, from - start)));
    range.setEnd(node, Math.min(node.length, to - start));
    pieces.push(range);
  }
  return pieces;
}
