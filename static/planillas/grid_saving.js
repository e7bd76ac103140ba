// What was written and is not on the server yet: sent in order, kept in this browser until it is, never lost in silence.

import { say as toast } from "../portal.js";
import { Refusal, send } from "./grid_server.js";

const CELLS_MOST = 2_000; // of one request
const WAITS_S = [2, 4, 8, 15, 30];

export class Saving extends EventTarget {
  #words;
  #rows;
  #queue = []; // [{batch, changes: [{row, column, value, seen, stamp}], revs: {row: rev}}]
  #own = new Map(); // "row\tcolumn" → {text, state, why, stamp}
  #isSending = false;
  #failures = 0;
  #timer = 0;
  #stamp = 0;
  #kept;

  constructor({ words, rows }) {
    super();
    this.#words = words;
    this.#rows = rows;
    this.#kept = `planilla-unsaved-${words.id}-${words.user}`;
    addEventListener("online", () => this.#pump());
    addEventListener("beforeunload", (event) => {
      if (this.#queue.length) event.preventDefault();
    });
  }

  isQuiet() {
    return !this.#queue.length;
  }

  newBatch() {
    // randomUUID is for secure pages only, and a school's server may be reached without TLS inside its network.
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    return bytes.map((each) => each.toString(16).padStart(2, "0")).join("");
  }

  /** What a cell says, on the server or in what was written here since. */
  textOf(row, column) {
    return this.#own.get(`${row.id}\t${column}`)?.text ?? row.c[column]?.[0] ?? "";
  }

  /** `own`: "pending", "refused" or "overtaken" where what is shown is not on the server; `why` it is not. */
  stateOf(row, column) {
    const [text, state, hint] = row.c[column] ?? ["", "no_evidence", ""];
    const own = this.#own.get(`${row.id}\t${column}`);
    return own ? { text: own.text, state, hint: "", own: own.state, why: own.why } : { text, state, hint };
  }

  /** Write cells as one gesture: [{row, column, value, text}]; `value`: a text, or {choose}. */
  write(changes, batch = this.newBatch()) {
    for (let at = 0; at < changes.length; at += CELLS_MOST) {
      const operation = { batch, changes: [], revs: {} };
      for (const { row, column, value, text } of changes.slice(at, at + CELLS_MOST)) {
        const stamp = (this.#stamp += 1);
        operation.changes.push({ row: row.id, column, value, seen: this.textOf(row, column), stamp });
        operation.revs[row.id] = row.rev;
        this.#own.set(`${row.id}\t${column}`, { text: text ?? value, state: "pending", why: "", stamp });
      }
      this.#queue.push(operation);
    }
    this.#changed();
    this.#pump();
  }

  /** Give up what was written over a cell and not taken. */
  drop(row, column) {
    this.#own.delete(`${row}\t${column}`);
    this.#changed();
  }

  /** Ask for a gesture of another kind once all before it is saved; null where that was refused, in words. */
  async ask(url, body) {
    if (this.#queue.length) await this.#pump();
    if (this.#queue.length) return toast(this.#words.notSavedYet, "warning") ?? null;
    try {
      const left = await send(url, body);
      this.#tellSaved(left);
      return left;
    } catch (error) {
      if (!(error instanceof Refusal)) toast(this.#words.offlineAsk, "warning");
      else toast(error.message || this.#words.offlineAsk, "warning");
      if (error.code === "planilla_changed") {
        this.#rows.put(error.problem.rows ?? []);
        await this.#rows.reload();
      }
      return null;
    }
  }

  /** Go on with what an earlier visit could not send. */
  restore() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#kept) ?? "null");
      if (!kept) return;
      this.#queue = kept.queue;
      this.#own = new Map(kept.own);
      this.#stamp = kept.stamp;
    } catch {
      return;
    }
    this.#changed();
    this.#pump();
  }

  /** How saving stands, in words: {state: saved, saving, offline or refused, text}. */
  told() {
    const words = this.#words;
    const waiting = this.#queue.reduce((sum, each) => sum + each.changes.length, 0);
    if (waiting && this.#failures) return { state: "offline", text: words.offline.replace("%d", waiting) };
    if (waiting) return { state: "saving", text: words.saving };
    const refused = this.#own.size;
    if (refused) return { state: "refused", text: (refused === 1 ? words.refusedOne : words.refusedMany).replace("%d", refused) };
    return { state: "saved", text: words.saved };
  }

  async #pump() {
    if (this.#isSending) return;
    clearTimeout(this.#timer);
    this.#isSending = true;
    try {
      while (this.#queue.length) {
        await this.#send(this.#queue[0]);
        this.#failures = 0;
        this.#changed();
      }
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError) throw error;
      const wait = WAITS_S[Math.min(this.#failures, WAITS_S.length - 1)];
      this.#failures += 1;
      this.#timer = setTimeout(() => this.#pump(), wait * 1000);
      this.#changed();
    } finally {
      this.#isSending = false;
    }
  }

  /** Send the first gesture of the queue; throws where nobody answers, and it stays. */
  async #send(operation) {
    const rows = [...new Set(operation.changes.map((each) => each.row))];
    const changes = operation.changes.map(({ row, column, value }) => [rows.indexOf(row), column, value]);
    try {
      const left = await send(this.#words.cellsUrl, { rows, revs: operation.revs, changes, batch: operation.batch });
      this.#queue.shift();
      this.#settle(operation, left);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === "planilla_changed") this.#rebase(operation, error.problem);
      else this.#refuse(operation, error.message || this.#words.notTaken);
    }
  }

  #settle(operation, left) {
    this.#rows.put(left.rows);
    const unwritten = new Map(left.unwritten.map((each) => [`${each.row}\t${each.column}`, each.detail]));
    for (const { row, column, stamp } of operation.changes) {
      const name = `${row}\t${column}`;
      const own = this.#own.get(name);
      if (own?.stamp !== stamp) continue; // written over since: that goes on its own way
      if (unwritten.has(name)) Object.assign(own, { state: "refused", why: unwritten.get(name) });
      else this.#own.delete(name);
    }
    // What was written on top of this did see it.
    const present = new Map(left.rows.map((each) => [each.id, each]));
    for (const later of this.#queue) {
      for (const [id, row] of present) if (later.revs[id] === operation.revs[id]) later.revs[id] = row.rev;
      for (const change of later.changes) {
        const mine = operation.changes.find((each) => each.row === change.row && each.column === change.column);
        if (mine && present.has(change.row)) change.seen = present.get(change.row).c[change.column]?.[0] ?? "";
      }
    }
    this.#tellSaved(left);
  }

  /** Somebody else was faster. What they did not touch is sent again; where they did, the person decides. */
  #rebase(operation, { rows = [], removed = [] }) {
    const present = new Map(rows.map((each) => [each.id, each]));
    const gone = new Set(removed);
    const still = [];
    let lost = 0;
    for (const change of operation.changes) {
      const name = `${change.row}\t${change.column}`;
      const now = present.get(change.row)?.c[change.column]?.[0] ?? "";
      if (gone.has(change.row)) {
        this.#own.delete(name);
        lost += 1;
      } else if (present.has(change.row) && now !== change.seen) {
        const own = this.#own.get(name);
        const why = this.#words.overtaken.replace("%s", () => now || this.#words.emptied);
        if (own?.stamp === change.stamp) Object.assign(own, { state: "overtaken", why });
      } else {
        if (present.has(change.row)) operation.revs[change.row] = present.get(change.row).rev;
        still.push(change);
      }
    }
    this.#rows.put(rows);
    operation.changes = still;
    for (const id of Object.keys(operation.revs)) if (!still.some((each) => each.row === id)) delete operation.revs[id];
    if (!still.length) this.#queue.shift();
    if (lost) this.dispatchEvent(new CustomEvent("lost", { detail: this.#words.rowGone }));
    this.#tellSaved({});
    if (gone.size) this.#rows.reload();
  }

  #refuse(operation, why) {
    this.#queue.shift();
    for (const { row, column, stamp } of operation.changes) {
      const own = this.#own.get(`${row}\t${column}`);
      if (own?.stamp === stamp) Object.assign(own, { state: "refused", why });
    }
    this.dispatchEvent(new CustomEvent("lost", { detail: why }));
  }

  #tellSaved(left) {
    this.dispatchEvent(new CustomEvent("saved", { detail: left }));
  }

  #changed() {
    try {
      const kept = { queue: this.#queue, own: [...this.#own], stamp: this.#stamp };
      if (this.#queue.length || this.#own.size) localStorage.setItem(this.#kept, JSON.stringify(kept));
      else localStorage.removeItem(this.#kept);
    } catch {
      // Full, or a browser that keeps nothing: leaving the page asks first all the same.
    }
    this.dispatchEvent(new Event("change"));
  }
}
