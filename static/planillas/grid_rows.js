// The rows of a planilla, fetched a piece at a time as they come into view, sorted and filtered by the server.

const PIECE = 200;
const PARALLEL = 3;

export class Rows extends EventTarget {
  #url;
  #pieces = new Map(); // number → array of rows
  #asked = new Map(); // number → the promise of its coming
  #places = new Map(); // row id → index
  #turn = 0; // what was asked for before the last change of order does not count

  constructor(url, total) {
    super();
    this.#url = url;
    this.total = total; // until the first answer: what the page was told

    this.rev = 0;
    this.isLoaded = false;
    this.query = { sort: "", down: false, sought: {}, state: "", text: "" };
  }

  isNarrowed() {
    return Boolean(this.query.state || this.query.text || Object.keys(this.query.sought).length);
  }

  /** The row at an index, or null where it has not come. */
  at(index) {
    return this.#pieces.get(Math.floor(index / PIECE))?.[index % PIECE] ?? null;
  }

  knows(id) {
    return this.#places.has(id);
  }

  byId(id) {
    return this.#places.has(id) ? this.at(this.#places.get(id)) : null;
  }

  has(first, last) {
    for (let piece = Math.floor(first / PIECE); piece <= Math.floor(last / PIECE); piece += 1) {
      if (!this.#pieces.has(piece)) return false;
    }
    return true;
  }

  /** See to it that these rows come. */
  need(first, last) {
    if (!this.isLoaded) return;
    for (let piece = Math.floor(first / PIECE); piece <= Math.floor(Math.max(last, 0) / PIECE); piece += 1) {
      if (piece * PIECE < this.total && !this.#pieces.has(piece) && !this.#asked.has(piece)) this.#fetch(piece);
    }
  }

  async fetchAll(first, last) {
    const missing = [];
    for (let piece = Math.floor(first / PIECE); piece <= Math.floor(last / PIECE); piece += 1) {
      if (!this.#pieces.has(piece)) missing.push(piece);
    }
    while (missing.length) {
      await Promise.all(missing.splice(0, PARALLEL).map((piece) => this.#asked.get(piece) ?? this.#fetch(piece)));
    }
  }

  /** Ask for everything anew: another order, another filter, rows that came or went. */
  async reload() {
    this.#turn += 1;
    this.#asked.clear();
    const kept = this.#pieces;
    const first = Math.min(this.seen?.[0] ?? 0, Math.max(this.total - 1, 0));
    const answer = await this.#ask(Math.floor(first / PIECE), true);
    if (!answer) return;
    kept.clear();
    this.#places.clear();
    this.total = answer.total;
    this.isLoaded = true;
    this.#take(Math.floor(first / PIECE), answer);
    this.dispatchEvent(new Event("change"));
  }

  /** Look whether others changed something meanwhile; what did not change stays as it is. */
  async refresh() {
    const answer = await this.#ask(Math.floor((this.seen?.[0] ?? 0) / PIECE), true);
    if (answer && answer.rev !== this.rev) await this.reload();
  }

  /** Take over rows as the server has them now, where they are in view. */
  put(rows) {
    for (const row of rows) {
      const index = this.#places.get(row.id);
      if (index === undefined) continue;
      const piece = this.#pieces.get(Math.floor(index / PIECE));
      if (piece) piece[index % PIECE] = row;
    }
  }

  async #fetch(piece) {
    const turn = this.#turn;
    const coming = this.#ask(piece, false);
    this.#asked.set(piece, coming);
    const answer = await coming;
    if (turn !== this.#turn) return;
    this.#asked.delete(piece);
    if (!answer) return;
    this.#take(piece, answer);
    this.dispatchEvent(new Event("change"));
  }

  #take(piece, answer) {
    this.rev = answer.rev;
    this.#pieces.set(piece, answer.rows);
    answer.rows.forEach((row, at) => this.#places.set(row.id, piece * PIECE + at));
  }

  async #ask(piece, count) {
    const { sort, down, sought, state, text } = this.query;
    const asked = new URLSearchParams({ desde: piece * PIECE, cuantas: PIECE });
    if (count) asked.set("contar", "1");
    if (sort) asked.set("orden", `${down ? "-" : ""}${sort}`);
    if (state) asked.set("estado", state);
    if (text) asked.set("texto", text);
    const filters = Object.entries(sought).map(([c, each]) => ({ c, t: each.text, s: each.state }));
    if (filters.length) asked.set("filtros", JSON.stringify(filters));
    const answer = await fetch(`${this.#url}?${asked}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || !(answer.headers.get("Content-Type") ?? "").includes("json")) {
      this.dispatchEvent(new Event("failed"));
      return null;
    }
    return answer.json();
  }
}
