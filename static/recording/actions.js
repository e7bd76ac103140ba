// What can be done with a line beside writing in it: its menu, its history, joining, dividing, taking it away.

import { fromTemplate } from "../http.js";
import { say as alert } from "../portal.js";
import { fetchText, Refusal, send } from "./server.js";

export class Actions {
  #lines;
  #voices;
  #editor;
  #here;
  #words;
  #menu;
  #opener = null;
  #line = null;

  constructor({ lines, voices, editor, here }) {
    this.#lines = lines;
    this.#voices = voices;
    this.#editor = editor;
    this.#here = here;
    this.#words = document.getElementById("words-of-script").dataset;
    this.#menu = document.getElementById("line-menu");
    document.getElementById("lines").addEventListener("click", (event) => this.#press(event));
    document.getElementById("lines").addEventListener("dblclick", (event) => this.#write(event));
    document.getElementById("lines").addEventListener("keydown", (event) => this.#key(event));
    document.getElementById("removed")?.addEventListener("click", (event) => this.#bringBack(event));
    editor.addEventListener("split", ({ detail: { line, at } }) => this.#split(line, at));
    this.#listenToMenu();
    this.#listenToHistory();
  }

  #press(event) {
    const what = event.target.closest("[data-do]")?.dataset.do;
    const line = this.#lines.lineOf(event.target);
    if (!what || !line) return;
    if (what === "menu") this.#openMenu(event.target.closest("button"), line);
    else this.#do(what, line);
  }

  #write(event) {
    const line = this.#lines.lineOf(event.target);
    const word = event.target.closest(".w");
    if (!line || !event.target.closest(".line-text")) return;
    getSelection()?.removeAllRanges();
    const before = word && line.words ? line.words.slice(0, Number(word.dataset.n)).map(([text]) => text).join(" ") : null;
    this.#editor.open(line, { at: before === null ? null : before.length + (before ? 1 : 0) });
  }

  #key(event) {
    if (event.key !== "Enter" || !event.target.matches(".line")) return;
    event.preventDefault();
    this.#editor.open(this.#lines.lineOf(event.target));
  }

  #do(what, line) {
    if (what === "edit") this.#editor.open(line);
    else if (what === "voice") this.#voices.ask(line);
    else if (what === "split") {
      this.#editor.open(line, { at: 0 });
      alert(this.#words.split);
    } else if (what === "join") this.#send(line, "unir", {});
    else if (what === "history") this.#openHistory(line);
    else if (what === "delete") this.#remove(line);
    else if (what === "link") this.#copyLink(line);
  }

  /** Send a change of a line; return whether it was made. */
  async #send(line, path, fields) {
    try {
      const answer = await send(`${this.#here}fragmentos/${line.id}/${path}`, { rev: line.rev, ...fields });
      this.#lines.apply(answer);
      this.#voices.apply(answer.voices);
      return answer;
    } catch (error) {
      if (error.segment) {
        this.#lines.apply({ segments: [error.segment] });
        alert(this.#words.stale, "warning");
      } else if (error instanceof Refusal) alert(error.message || this.#words.gone, "danger");
      else alert(this.#words.failed, "danger");
      return null;
    }
  }

  async #split(line, at) {
    const answer = await this.#send(line, "dividir", { word: at });
    const later = answer && this.#lines.byId.get(answer.segments[1]?.id);
    later?.element.focus();
  }

  async #remove(line) {
    const [version, place] = [line.rev, line.element.nextElementSibling];
    const list = line.element.parentElement;
    if (!(await this.#send(line, "quitar", {}))) return;
    const undo = fromTemplate("undo-template");
    list.insertBefore(undo, place?.isConnected ? place : null);
    const button = undo.querySelector("button");
    button.focus({ preventScroll: true });
    button.addEventListener("click", async () => {
      if (!(await this.#send({ ...line, rev: version + 1 }, "restituir", { version }))) return;
      undo.remove();
      this.#lines.byId.get(line.id)?.element.focus();
    });
  }

  async #bringBack(event) {
    const item = event.target.closest('[data-do="bring-back"]')?.closest("[data-removed]");
    if (!item) return;
    const rev = Number(item.dataset.rev);
    const line = { id: item.dataset.removed, rev };
    if (!(await this.#send(line, "restituir", { version: rev - 1 }))) return;
    item.remove();
    const back = this.#lines.byId.get(line.id)?.element;
    back?.scrollIntoView({ block: "center" });
    back?.focus({ preventScroll: true });
  }

  async #copyLink(line) {
    const address = new URL(this.#here, location.href);
    address.search = new URLSearchParams({ t: line.t0, hasta: line.t1 });
    await navigator.clipboard.writeText(address.href).catch(() => {});
    alert(this.#words.copied, "success");
  }

  // --- menu -------------------------------------------------------------------------------------------------------------------

  #listenToMenu() {
    const menu = this.#menu;
    menu.addEventListener("click", (event) => {
      const what = event.target.closest("[data-do]")?.dataset.do;
      if (!what) return;
      const line = this.#line;
      this.#closeMenu();
      this.#do(what, line);
    });
    menu.addEventListener("keydown", (event) => {
      const items = [...menu.querySelectorAll("[role=menuitem]")];
      const at = items.indexOf(document.activeElement);
      const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
      if (event.key === "Escape" || event.key === "Tab") this.#closeMenu({ focus: true });
      else if (next !== undefined) items[(next + items.length) % items.length].focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!menu.hidden && !menu.contains(event.target) && !this.#opener?.contains(event.target)) this.#closeMenu();
    });
    window.addEventListener("scroll", () => menu.hidden || this.#placeMenu(), { passive: true });
  }

  #openMenu(button, line) {
    if (!this.#menu.hidden && this.#opener === button) {
      this.#closeMenu({ focus: true });
      return;
    }
    this.#opener = button;
    this.#line = line;
    this.#menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    this.#placeMenu();
    this.#menu.querySelector("[role=menuitem]").focus({ preventScroll: true });
  }

  /** Put the menu beside its button, above it where there is no room below; without the button it goes. */
  #placeMenu() {
    const [at, size] = [this.#opener.getBoundingClientRect(), this.#menu.getBoundingClientRect()];
    if (at.bottom < 0 || at.top > innerHeight) {
      this.#closeMenu();
      return;
    }
    const below = at.bottom + 4;
    const top = below + size.height > innerHeight - 8 ? Math.max(8, at.top - size.height - 4) : below;
    this.#menu.style.top = `${top}px`;
    this.#menu.style.left = `${Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8))}px`;
  }

  #closeMenu({ focus = false } = {}) {
    this.#menu.hidden = true;
    this.#opener?.setAttribute("aria-expanded", "false");
    if (focus) this.#opener?.focus({ preventScroll: true });
  }

  // --- history ----------------------------------------------------------------------------------------------------------------

  #listenToHistory() {
    const dialog = document.getElementById("history-dialog");
    dialog.addEventListener("click", async (event) => {
      const version = event.target.closest("[data-restore]")?.dataset.restore;
      if (version === undefined) return;
      const line = this.#line;
      const answer = await this.#send(line, "restituir", { version });
      dialog.close();
      if (answer) this.#lines.byId.get(line.id)?.element.focus({ preventScroll: true });
    });
  }

  async #openHistory(line) {
    this.#line = line;
    const dialog = document.getElementById("history-dialog");
    const [place, error] = [dialog.querySelector("[data-versions]"), dialog.querySelector("[data-error]")];
    error.hidden = true;
    place.replaceChildren();
    dialog.showModal();
    try {
      const told = await fetchText(`${this.#here}fragmentos/${line.id}/historia`);
      const { body } = new DOMParser().parseFromString(told, "text/html");
      place.replaceChildren(...document.adoptNode(body).childNodes);
    } catch {
      error.hidden = false;
      error.textContent = this.#words.failed;
    }
  }
}
