// A cell being written in: a field of its column's kind, laid over the cell.

const ROOM = 160; // px, at least

export class Editor {
  #wrap;
  #table;
  #columns;
  #commit;
  #words;
  #field = null;
  #at = null;

  constructor(wrap, { table, columns, commit, words }) {
    [this.#wrap, this.#table, this.#columns, this.#commit, this.#words] = [wrap, table, columns, commit, words];
    table.element.addEventListener("scroll", () => this.#place(), { passive: true });
  }

  get isOpen() {
    return this.#field !== null;
  }

  /** Open over a cell, on what it says or on `text`. */
  open(row, column, text) {
    this.close();
    this.#table.reveal(row, column);
    const cell = this.#table.cell(row, column);
    if (!cell) return;
    const told = this.#columns[column];
    const shown = cell.querySelector(".grid-text");
    const present = shown.classList.contains("is-hint") ? "" : shown.textContent;
    this.#at = { row, column, present };
    this.#field = this.#make(told, text ?? present);
    this.#field.setAttribute("aria-label", `${told.name}, ${this.#words.row} ${row + 1}`);
    this.#wrap.append(this.#field);
    this.#place();
    this.#field.focus();
    if (text === undefined && this.#field.select) this.#field.select();
    this.#field.addEventListener("keydown", (event) => this.#pressed(event));
    this.#field.addEventListener("blur", () => this.close({ keep: true }));
  }

  /** Close, with what was written kept or not. */
  close({ keep = false } = {}) {
    if (!this.#field) return;
    const [field, at] = [this.#field, this.#at];
    this.#field = null;
    const value = field.value;
    field.remove();
    if (keep && value !== at.present) this.#commit([{ at: at.row, column: at.column, value }]);
  }

  #make(column, text) {
    const kinds = { integer: "numeric", number: "decimal", money: "decimal", email: "email", phone: "tel" };
    let field;
    if (column.kind === "choice" || column.kind === "yes_no") {
      field = document.createElement("select");
      const choices = column.kind === "choice" ? column.choices : [this.#words.yes, this.#words.no];
      field.append(...["", ...choices].map((each) => new Option(each || "—", each, false, each === text)));
    } else if (column.kind === "long_text" || column.kind === "list" || text.includes("\n")) {
      field = document.createElement("textarea");
      field.value = text;
      field.rows = Math.min(8, Math.max(3, text.split("\n").length + Math.ceil(text.length / 60)));
    } else {
      field = document.createElement("input");
      field.type = "text"; // never "date" or "number": those refuse what people write and paste in Spanish
      field.value = text;
      field.inputMode = kinds[column.kind] ?? "text";
      field.placeholder = { date: this.#words.asDate, time: this.#words.asTime }[column.kind] ?? "";
      field.autocomplete = "off";
    }
    field.className = "grid-field";
    field.spellcheck = column.kind === "long_text";
    return field;
  }

  #place() {
    if (!this.#field) return;
    const cell = this.#table.cell(this.#at.row, this.#at.column);
    if (!cell) return; // scrolled away: it comes back with its row
    const [here, wrap] = [cell.getBoundingClientRect(), this.#wrap.getBoundingClientRect()];
    const width = Math.max(here.width, this.#field.tagName === "TEXTAREA" ? 2 * ROOM : ROOM);
    const style = this.#field.style;
    style.width = `${Math.min(width, wrap.width - 8)}px`;
    style.left = `${Math.max(0, Math.min(here.left - wrap.left, wrap.width - Math.min(width, wrap.width - 8) - 2))}px`;
    style.top = `${here.top - wrap.top}px`;
    if (this.#field.tagName !== "TEXTAREA") style.height = `${here.height}px`;
  }

  #pressed(event) {
    if (event.isComposing) return;
    const { key } = event;
    if (key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.#table.focus();
    } else if (key === "Enter" && event.altKey && this.#field.tagName === "TEXTAREA") {
      event.preventDefault();
      this.#field.setRangeText("\n", this.#field.selectionStart, this.#field.selectionEnd, "end");
    } else if (key === "Enter" || key === "Tab") {
      event.preventDefault();
      const { shiftKey } = event;
      this.close({ keep: true });
      this.#table.focus();
      const next = key === "Enter" ? "ArrowDown" : "Tab";
      const opposite = key === "Enter" ? "ArrowUp" : "Tab";
      this.#table.element.dispatchEvent(
        new KeyboardEvent("keydown", { key: shiftKey ? opposite : next, shiftKey: key === "Tab" && shiftKey, cancelable: true }),
      );
    }
  }
}
