// Correcting a line in place. What is written is kept in this browser until the server has it, whatever happens between.

import { fromTemplate } from "../http.js";
import { LoggedOut, Refusal, send, Unreached } from "./server.js";

const PAUSE_MS = 1000;
const AGAIN_MS = [2000, 5000, 15_000, 30_000];

export class Editor extends EventTarget {
  #lines;
  #here;
  #key;
  #sessions = new Map(); // line id → what is being written there, until it is saved

  /** `here`: the recording's address. */
  constructor(lines, here, recordingId) {
    super();
    this.#lines = lines;
    this.#here = here;
    this.#key = `preceptor:recording:${recordingId}`;
    window.addEventListener("online", () => {
      for (const session of this.#sessions.values()) this.#save(session);
    });
  }

  get isOpen() {
    return [...this.#sessions.values()].some((session) => session.box);
  }

  /** Send what an earlier visit could not; return how many lines that were. */
  async sendKept() {
    let sent = 0;
    for (const [id, { text, rev }] of Object.entries(this.#kept())) {
      const line = this.#lines.byId.get(id);
      if (!line || line.said === text) {
        this.#forget(id);
        continue;
      }
      const session = { line, rev, saved: line.said, text, tries: 0, box: null };
      this.#sessions.set(id, session);
      if (await this.#save(session)) sent += 1;
    }
    return sent;
  }

  /** Begin to correct a line, with the cursor before character `at`. */
  open(line, { at = null } = {}) {
    if (line.isEdited) {
      this.#sessions.get(line.id)?.field.focus();
      return;
    }
    for (const other of this.#sessions.values()) if (other.box) this.close(other);
    const kept = this.#sessions.get(line.id); // closed while it could not be saved
    const session = kept ?? { line, rev: line.rev, saved: line.said, text: line.said, tries: 0 };
    session.before = line.said;
    session.box = fromTemplate("editor-template");
    session.field = session.box.querySelector("textarea");
    session.field.value = session.text;
    this.#sessions.set(line.id, session);
    line.isEdited = true;
    line.element.classList.add("is-edited");
    line.text.after(session.box);
    this.#listen(session);
    fit(session.field);
    session.field.focus();
    const end = at ?? session.field.value.length;
    session.field.setSelectionRange(end, end);
    this.#state(session, "");
    this.dispatchEvent(new CustomEvent("open", { detail: line }));
  }

  /** Stop correcting; what is not saved yet is, or is tried until it can be. */
  async close(session, { focus = false } = {}) {
    if (!session.box) return;
    const { line } = session;
    session.text = clean(session.field.value) || session.saved;
    session.box.remove();
    session.box = null;
    line.isEdited = false;
    line.element.classList.remove("is-edited");
    if (session.text !== line.said) {
      line.text.textContent = session.text;
      line.isWrapped = true; // as it stands: its words have no seconds until the server gave them
    }
    if (focus) line.element.focus({ preventScroll: true });
    await this.#save(session);
  }

  #listen(session) {
    const { field, box } = session;
    field.addEventListener("input", () => {
      fit(field);
      session.text = clean(field.value);
      if (session.text) this.#keep(session);
      this.#state(session, session.text ? "saving" : "empty");
      clearTimeout(session.pause);
      session.pause = setTimeout(() => this.#save(session), PAUSE_MS);
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") this.close(session, { focus: true });
      else if (event.key === "Escape") {
        field.value = session.before;
        this.close(session, { focus: true });
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
    box.addEventListener("focusout", (event) => {
      if (!event.relatedTarget || !box.contains(event.relatedTarget)) this.#save(session);
    });
    box.addEventListener("click", (event) => {
      const what = event.target.closest("[data-do]")?.dataset.do;
      if (what === "done") this.close(session, { focus: true });
      if (what === "split-here") this.#split(session);
      if (what) event.stopPropagation();
    });
  }

  // --- saving -----------------------------------------------------------------------------------------------------------------

  /** Save what a line says now; say whether the server has it. Two never go at once. */
  async #save(session) {
    clearTimeout(session.pause);
    clearTimeout(session.again);
    if (session.sending) {
      await session.sending;
      return this.#save(session);
    }
    const text = session.text;
    if (!text || session.conflict) return false;
    if (text === session.saved) {
      this.#forget(session.line.id);
      this.#state(session, "saved");
      this.#settle(session);
      return true;
    }
    this.#keep(session);
    this.#state(session, "saving");
    session.sending = this.#send(session, text);
    const isSaved = await session.sending;
    session.sending = null;
    if (isSaved && session.text !== text) return this.#save(session);
    if (isSaved) {
      this.#forget(session.line.id);
      this.#state(session, "saved");
      this.#settle(session);
    }
    return isSaved;
  }

  async #send(session, text) {
    const fields = { text, rev: session.rev, ...(session.continues ? { continues: "1" } : {}) };
    try {
      const answer = await send(`${this.#here}fragmentos/${session.line.id}/texto`, fields);
      this.#lines.apply(answer);
      Object.assign(session, { saved: text, rev: session.line.rev, tries: 0, continues: true });
      return true;
    } catch (error) {
      if (error instanceof Unreached) this.#tryAgain(session, error);
      else if (error instanceof Refusal && error.segment) this.#disagree(session, error.segment);
      else if (error instanceof Refusal) this.#state(session, error.status === 404 ? "gone" : "failed", error.message);
      else throw error;
      return false;
    }
  }

  #tryAgain(session, error) {
    this.#state(session, error instanceof LoggedOut ? "login" : "failed");
    session.line.element.classList.add("is-unsent");
    session.line.text.dataset.unsent = document.getElementById("words-of-script").dataset.unsent;
    const wait = AGAIN_MS[Math.min(session.tries, AGAIN_MS.length - 1)];
    session.tries += 1;
    session.again = setTimeout(() => this.#save(session), wait);
  }

  /** A session that is closed and saved is over. */
  #settle(session) {
    session.line.element.classList.remove("is-unsent");
    if (!session.box) this.#sessions.delete(session.line.id);
  }

  /** Somebody else was here: show both, and let the person choose. */
  #disagree(session, theirs) {
    session.conflict = fromTemplate("conflict-template");
    session.conflict.querySelector("[data-theirs]").textContent = theirs.text;
    session.conflict.querySelector("[data-mine]").textContent = session.text;
    session.line.element.append(session.conflict);
    this.#state(session, "");
    session.conflict.addEventListener("click", (event) => {
      const what = event.target.closest("[data-do]")?.dataset.do;
      if (!what) return;
      event.stopPropagation();
      session.conflict.remove();
      session.conflict = null;
      Object.assign(session, { rev: theirs.rev, saved: theirs.text });
      this.#lines.apply({ segments: [theirs] });
      if (what === "theirs") {
        session.text = theirs.text;
        if (session.field) session.field.value = theirs.text;
      }
      if (session.box) this.close(session, { focus: true });
      else this.#save(session);
    });
  }

  async #split(session) {
    const { field, line } = session;
    const [before, after] = [field.value.slice(0, field.selectionStart), field.value.slice(field.selectionStart)];
    const isInside = /\S$/.test(before) && /^\S/.test(after);
    const at = before.split(/\s+/).filter(Boolean).length - (isInside ? 1 : 0);
    if (!(await this.#save(session))) return;
    await this.close(session);
    this.dispatchEvent(new CustomEvent("split", { detail: { line, at } }));
  }

  #state(session, name, words = "") {
    const state = session.box?.querySelector(".editor-state");
    if (!state) return;
    state.textContent = words || (name ? state.dataset[name] : "");
    state.className = `editor-state is-${name === "saved" ? "saved" : ["", "saving"].includes(name) ? "quiet" : "failed"}`;
  }

  // --- kept in this browser -----------------------------------------------------------------------------------------------------

  #kept() {
    try {
      return JSON.parse(localStorage.getItem(this.#key) ?? "{}");
    } catch {
      return {};
    }
  }

  #keep({ line, text, rev }) {
    this.#put({ ...this.#kept(), [line.id]: { text, rev } });
  }

  #forget(id) {
    const kept = this.#kept();
    if (!(id in kept)) return;
    delete kept[id];
    this.#put(kept);
  }

  #put(kept) {
    try {
      if (Object.keys(kept).length) localStorage.setItem(this.#key, JSON.stringify(kept));
      else localStorage.removeItem(this.#key);
    } catch {
      // No room, or not allowed: what is written still goes to the server.
    }
  }
}

function clean(text) {
  return text.trim().replace(/\s+/g, " ");
}

function fit(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
