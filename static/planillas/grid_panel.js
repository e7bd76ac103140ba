// The panel beside the grid: what the active cell says, who says so, and what a person can do about it.

const WAIT_MS = 140;

export class Panel {
  #element;
  #body;
  #words;
  #table;
  #selection;
  #saving;
  #timer = 0;
  #asked = null;
  #asking = ""; // the cell that is shown, or is about to be

  constructor(element, { words, table, selection, saving, canChange }) {
    this.#element = element;
    this.#body = element.querySelector("[data-body]");
    [this.#words, this.#table, this.#selection, this.#saving] = [words, table, selection, saving];
    element.addEventListener("click", (event) => this.#clicked(event));
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    document.querySelector("[data-open-panel]")?.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.canChange = canChange;
    if (matchMedia("(min-width: 62rem)").matches && localStorage.getItem("planilla-panel") !== "closed") this.#toggle(true);
  }

  get isOpen() {
    return !this.#element.hidden;
  }

  get #isSheet() {
    return !matchMedia("(min-width: 62rem)").matches;
  }

  open() {
    this.#toggle(true);
    this.show({ anew: true });
  }

  close() {
    this.#toggle(false);
    this.#table.focus();
  }

  #toggle(isOpen) {
    this.#element.hidden = !isOpen;
    document.querySelector("[data-open-panel]")?.setAttribute("aria-pressed", isOpen);
    if (!this.#isSheet) localStorage.setItem("planilla-panel", isOpen ? "open" : "closed");
  }

  /** Show the active cell; `anew`: also when it is the same one. */
  show({ anew = false } = {}) {
    if (!this.isOpen) return;
    const row = this.#row;
    const column = this.#table.columns[this.#selection.column];
    const name = row && column ? `${row.id}\t${column.key}` : "";
    if (name === this.#asking && !anew) return;
    this.#asking = name;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetch(row, column, name), WAIT_MS);
  }

  get #row() {
    return this.#table.rowAt(this.#selection.row);
  }

  async #fetch(row, column, name) {
    this.#asked?.abort();
    if (!name) return;
    this.#asked = new AbortController();
    const url = this.#words.sourceUrl.replace("00000000-0000-0000-0000-000000000000", row.id);
    const asked = new URLSearchParams({ columna: column.key });
    let html = "";
    try {
      const answer = await fetch(`${url}?${asked}`, { credentials: "same-origin", signal: this.#asked.signal });
      if (answer.ok && !answer.redirected) html = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    if (!html) this.#asking = "";
    // A piece of page that our own server made out of its own template.
    if (html) this.#body.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    else this.#body.textContent = this.#words.offlinePanel;
    const open = this.#body.querySelector("[data-source]");
    if (open) this.#table.element.dataset.source = open.href;
    this.#tellOwn(row, column);
  }

  /** Say why what was written here is not on the server. */
  #tellOwn(row, column) {
    const { own, text, why } = this.#saving.stateOf(row, column.key);
    if (own !== "refused" && own !== "overtaken") return;
    const note = document.getElementById("panel-own").content.firstElementChild.cloneNode(true);
    note.querySelector("[data-why]").textContent = why;
    note.querySelector("[data-mine]").textContent = text;
    note.querySelector("[data-insist]").hidden = own !== "overtaken";
    this.#body.prepend(note);
  }

  #clicked(event) {
    const row = this.#row;
    const column = this.#table.columns[this.#selection.column];
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-close-panel]")) this.close();
    if (!row || !column || !this.canChange) return;
    const { choose, text } = button.dataset;
    if (choose !== undefined) this.#write(row, column, { choose: Number(choose) }, text);
    if (button.matches("[data-keep]")) this.#write(row, column, text, text);
    if (button.matches("[data-insist]")) this.#write(row, column, this.#saving.textOf(row, column.key));
    if (button.matches("[data-drop]")) {
      this.#saving.drop(row.id, column.key);
      this.show({ anew: true });
    }
    if (button.matches("[data-edit]")) {
      if (this.#isSheet) this.#toggle(false);
      this.#table.focus();
      this.#table.element.dispatchEvent(new KeyboardEvent("keydown", { key: "F2", cancelable: true }));
    }
  }

  #write(row, column, value, text) {
    this.#saving.write([{ row, column: column.key, value, text }]);
    this.#table.focus();
  }
}
