// One answer while it is written. The model's words only ever become text; markup comes from the server, at the end.

import { fromTemplate } from "./http.js";

export class Answer {
  #body;
  #text = "";
  #words;

  constructor(parent, words) {
    this.#words = words; // the composer's data-… sentences
    this.element = fromTemplate("answer-template");
    this.#body = this.element.querySelector("[data-body]");
    this.stage(words.searching);
    parent.append(this.element);
  }

  get isEmpty() {
    return this.#text === "";
  }

  stage(text) {
    this.element.querySelector("[data-stage]").textContent = text;
  }

  /** How a follow-up was understood, before anything is found. */
  understood(text) {
    const line = this.element.querySelector("[data-understood]");
    line.textContent = line.dataset.words.replace("%s", () => text);
    line.hidden = false;
  }

  write(text) {
    this.#text += text;
    this.element.classList.add("is-writing");
    this.#body.replaceChildren(...this.#text.split(/\n{2,}/).filter(Boolean).map(paragraph));
  }

  cite(citation) {
    const item = fromTemplate("source-template");
    const link = item.querySelector("a");
    Object.assign(link.dataset, {
      n: citation.n,
      title: citation.title,
      place: capital(citation.place_label ?? ""),
      kind: citation.place?.kind ?? "",
      quote: citation.quote ?? "",
      verified: citation.verified ? "1" : "",
    });
    link.href = localAddress(citation.url);
    link.querySelector(".cite").textContent = citation.n;
    link.querySelector(".cite").classList.toggle("is-unverified", !citation.verified);
    link.querySelector(".source-name").textContent = citation.title;
    link.querySelector("[data-heard]").hidden = link.dataset.kind !== "time";
    link.querySelector("[data-where]").textContent = citation.quote
      ? `${link.dataset.place} · «${citation.quote}»`
      : link.dataset.place;
    const sources = this.element.querySelector("[data-sources]");
    sources.hidden = false;
    sources.querySelector("ol").append(item);
  }

  /** Put the server's finished markup in place: the whole message, or only its body. */
  finish(html) {
    this.element.removeAttribute("aria-busy");
    this.element.classList.remove("is-writing");
    this.element.querySelector(".message-stage").remove();
    if (!html) return;
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const whole = holder.content.querySelector("article");
    if (whole) {
      this.element.replaceWith(whole);
      this.element = whole;
    } else {
      this.#body.replaceChildren(holder.content);
    }
  }

  stop() {
    this.finish("");
    const note = document.createElement("p");
    note.className = "message-rewritten";
    note.textContent = this.#words.stopped;
    this.element.append(note);
  }

  /** With `html`, the whole message as the server tells what went wrong; else only the reason. */
  fail(reason, again, html = "") {
    this.finish(html);
    if (html) {
      const button = fromTemplate("failure-template").querySelector("[data-again]");
      button.addEventListener("click", again);
      this.element.querySelector(".note-bad")?.append(button);
      return;
    }
    const note = fromTemplate("failure-template");
    note.querySelector("[data-text]").textContent = reason;
    note.querySelector("[data-again]").addEventListener("click", again);
    this.element.append(note);
  }
}

/** A paragraph of plain text in which [1] becomes the chip of source 1. */
function paragraph(text) {
  const element = document.createElement("p");
  text.split(/\[(\d{1,2})\]/).forEach((piece, index) => {
    if (index % 2 === 0) {
      element.append(piece);
      return;
    }
    const chip = document.createElement("a");
    chip.className = "cite";
    chip.dataset.n = piece;
    chip.textContent = piece;
    element.append(chip);
  });
  return element;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Links lead nowhere but to this machine, whatever an answer says. */
function localAddress(url) {
  const address = new URL(url ?? "", location.href);
  return address.origin === location.origin ? address.href : location.href;
}
