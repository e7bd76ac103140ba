// Who speaks: for one line, by name, or two that are one. Names and colours of all of them stand in `known`.

import { fromTemplate } from "../http.js";
import { say as alert } from "../portal.js";
import { clock, Refusal, say, send } from "./server.js";

export class Voices {
  known = new Map(); // id → {id, name, is_named, colour}
  #here;
  #lines = null;
  #words;
  #dialogs = {};
  #line = null;
  #voice = null;

  constructor(here, voices) {
    this.#here = here;
    this.#words = document.getElementById("words-of-script").dataset;
    for (const voice of voices) this.known.set(voice.id, voice);
  }

  /** Let people change who speaks. */
  listen(lines) {
    this.#lines = lines;
    for (const name of ["voice", "rename", "merge"]) this.#dialogs[name] = document.getElementById(`${name}-dialog`);
    document.getElementById("voices").addEventListener("click", (event) => {
      const voice = this.known.get(event.target.closest("[data-voice]")?.dataset.voice);
      const what = event.target.closest("[data-do]")?.dataset.do;
      if (voice && what === "rename") this.#askName(voice);
      if (voice && what === "merge-voice") this.#askMerge(voice);
    });
    const { voice, rename, merge } = this.#dialogs;
    voice.querySelector("[data-choices]").addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-id]");
      if (chosen) this.#assign({ speaker: chosen.dataset.id });
    });
    voice.querySelector("[data-new-voice]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#assign({ speaker: "new", name: event.target.elements.name.value });
    });
    voice.querySelector('[data-do="rename-this"]').addEventListener("click", () => {
      voice.close();
      this.#askName(this.known.get(this.#line.speaker));
    });
    rename.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#name(event.target.elements.name.value);
    });
    rename.querySelector("[data-merge-instead]").addEventListener("click", () => this.#mergeByName());
    merge.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#merge(event.target.elements.into.value, merge);
    });
  }

  /** Ask who speaks on a line. */
  ask(line) {
    this.#line = line;
    const dialog = this.#dialogs.voice;
    dialog.querySelector("[data-quote]").textContent = line.said;
    dialog.querySelector("[data-choices]").replaceChildren(...[...this.known.values()].map((voice) => choice(voice, line)));
    dialog.querySelector("form").reset();
    const mine = this.known.get(line.speaker);
    const renamer = dialog.querySelector('[data-do="rename-this"]');
    renamer.hidden = !mine;
    const label = renamer.querySelector("[data-rename-label]");
    label.textContent = say(label.dataset.words, mine?.name ?? "");
    open(dialog);
  }

  /** Take what a correction told of the voices. */
  apply(voices) {
    if (!voices) return;
    const before = JSON.stringify([...this.known.values()].map(({ id, name, colour }) => [id, name, colour]));
    this.known.clear();
    for (const voice of voices) this.known.set(voice.id, voice);
    this.#draw(voices);
    const now = JSON.stringify(voices.map(({ id, name, colour }) => [id, name, colour]));
    if (now !== before) this.#lines.rename();
  }

  // --- what is sent ---------------------------------------------------------------------------------------------------------

  async #assign(fields) {
    const line = this.#line;
    const url = `${this.#here}fragmentos/${line.id}/hablante`;
    await this.#do(this.#dialogs.voice, url, { ...fields, rev: line.rev });
    line.element.focus({ preventScroll: true });
  }

  async #name(name) {
    const dialog = this.#dialogs.rename;
    const refusal = await this.#do(dialog, `${this.#here}hablantes/${this.#voice.id}/nombre`, { name });
    dialog.querySelector("[data-merge-instead]").hidden = refusal?.code !== "name_taken";
  }

  #mergeByName() {
    const asked = document.getElementById("rename-name").value.trim().toLowerCase();
    const into = [...this.known.values()].find(({ id, name }) => id !== this.#voice.id && name.toLowerCase() === asked);
    if (into) this.#merge(into.id, this.#dialogs.rename);
  }

  #merge(into, dialog) {
    return this.#do(dialog, `${this.#here}hablantes/${this.#voice.id}/unir`, { into });
  }

  /** Send, show what it left behind and close the dialog, or say in it why not; return the refusal. */
  async #do(dialog, url, fields) {
    const place = dialog.querySelector("[data-error]");
    place.hidden = true;
    try {
      const answer = await send(url, fields);
      dialog.close();
      this.#lines.apply(answer);
      this.apply(answer.voices);
      return null;
    } catch (error) {
      if (error.segment) {
        dialog.close();
        this.#lines.apply({ segments: [error.segment] });
        alert(this.#words.stale, "warning");
        return error;
      }
      place.hidden = false;
      place.textContent = error instanceof Refusal && error.message ? error.message : this.#words.failed;
      return error;
    }
  }

  // --- dialogs and the list -------------------------------------------------------------------------------------------------

  #askName(voice) {
    this.#voice = voice;
    const dialog = this.#dialogs.rename;
    const label = dialog.querySelector("[data-label]");
    label.textContent = say(label.dataset.words, voice.name);
    const field = dialog.querySelector("input");
    field.value = voice.is_named ? voice.name : "";
    dialog.querySelector("[data-merge-instead]").hidden = true;
    open(dialog);
    field.select();
  }

  #askMerge(voice) {
    this.#voice = voice;
    const dialog = this.#dialogs.merge;
    for (const each of dialog.querySelectorAll("h2, [data-hint]")) each.textContent = say(each.dataset.words, voice.name);
    const others = [...this.known.values()].filter(({ id }) => id !== voice.id);
    dialog.querySelector("select").replaceChildren(...others.map(({ id, name }) => new Option(name, id)));
    open(dialog);
  }

  #draw(voices) {
    const list = document.getElementById("voices");
    list.replaceChildren(
      ...voices.map((voice) => {
        const item = fromTemplate("voice-template");
        item.dataset.voice = voice.id;
        item.dataset.colour = voice.colour;
        const name = item.querySelector(".voice-name");
        name.textContent = name.title = voice.name;
        item.querySelector("[data-time]").textContent = clock(voice.seconds);
        item.querySelector("[data-share]").textContent = `${Math.round(100 * voice.share)} %`;
        item.querySelector('[data-do="rename"]').setAttribute("aria-label", say(this.#words.rename, voice.name));
        const merger = item.querySelector('[data-do="merge-voice"]');
        merger.setAttribute("aria-label", say(this.#words.merge, voice.name));
        merger.hidden = voices.length < 2;
        return item;
      }),
    );
  }
}

function choice(voice, line) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "voice-choice";
  button.dataset.id = voice.id;
  button.dataset.colour = voice.colour;
  button.setAttribute("aria-pressed", String(voice.id === line.speaker));
  const dot = document.createElement("i");
  dot.className = "dot";
  button.append(dot, voice.name);
  return button;
}

function open(dialog) {
  dialog.querySelector("[data-error]").hidden = true;
  dialog.showModal();
}
