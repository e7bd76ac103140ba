// The grid by keyboard, mouse and finger: as spreadsheets have taught it.

export class Keys {
  #table;
  #rows;
  #columns;
  #selection;
  #actions;
  #canChange;
  #leaves = false; // after Escape the next Tab leaves the grid: nobody is caught in it

  constructor(table, { rows, columns, selection, actions, canChange }) {
    [this.#table, this.#rows, this.#columns, this.#selection] = [table, rows, columns, selection];
    [this.#actions, this.#canChange] = [actions, canChange];
    table.element.addEventListener("keydown", (event) => this.#pressed(event));
    table.element.addEventListener("focus", () => (this.#leaves = false));
    table.element.addEventListener("pointerdown", (event) => this.#pointed(event));
    table.element.addEventListener("dblclick", (event) => event.target.closest(".grid-cell") && this.#actions.edit());
    table.element.addEventListener("click", (event) => this.#clicked(event));
  }

  #move(row, column, { extends: isLonger = false } = {}) {
    const selection = this.#selection;
    const to = [clamp(row, this.#rows.total), clamp(column, this.#columns.length)];
    if (isLonger) selection.extend(...to);
    else selection.set(...to);
    this.#table.reveal(...to);
  }

  #pressed(event) {
    if (event.target !== this.#table.element || event.isComposing) return;
    const { key, shiftKey: shift } = event;
    const control = event.ctrlKey || event.metaKey;
    if (key === "Tab") return this.#tabbed(event, shift);
    if (key === "Escape") {
      this.#leaves = true;
      const { row, column } = this.#selection;
      return this.#move(row, column);
    }
    this.#leaves = false;
    if (event.altKey && key === "ArrowDown") return taken(event, () => this.#actions.menu());
    if (event.altKey || !this.#rows.total) return undefined;
    const step = this.#step(key, control);
    if (step) return taken(event, () => this.#move(...step, { extends: shift }));
    const short = control ? this.#shortcut(key.toLowerCase(), shift) : this.#key(key, shift);
    if (short) return taken(event, short);
    // What is typed goes on in the editor: nothing is prevented, so that accents and compositions come whole.
    if (!control && this.#canChange && (key.length === 1 || key === "Dead" || key === "Process")) {
      if (key === " ") event.preventDefault();
      this.#actions.edit("");
    }
    return undefined;
  }

  /** Where a key leads: [row, column], or null. Shift goes on from the range's end. */
  #step(key, control) {
    const { toRow: row, toColumn: column } = this.#selection;
    const last = [this.#rows.total - 1, this.#columns.length - 1];
    switch (key) {
      case "ArrowUp": return [control ? 0 : row - 1, column];
      case "ArrowDown": return [control ? last[0] : row + 1, column];
      case "ArrowLeft": return [row, control ? 0 : column - 1];
      case "ArrowRight": return [row, control ? last[1] : column + 1];
      case "Home": return [control ? 0 : row, 0];
      case "End": return [control ? last[0] : row, last[1]];
      case "PageUp": return [row - this.#table.pageRows, column];
      case "PageDown": return [row + this.#table.pageRows, column];
      default: return null;
    }
  }

  #shortcut(key, shift) {
    if (key === "z") return shift ? this.#actions.redo : this.#actions.undo;
    if (key === "y") return this.#actions.redo;
    if (key === "a") {
      return () => {
        this.#selection.set(0, 0);
        this.#selection.extend(this.#rows.total - 1, this.#columns.length - 1);
      };
    }
    return null;
  }

  #key(key, shift) {
    if (key === " " && shift) return () => this.#wholeRow(this.#selection.row);
    if (key === "Enter" || key === "F2") return () => (this.#canChange ? this.#actions.edit() : this.#actions.panel());
    if (key === "Delete" || key === "Backspace") return () => this.#actions.clear();
    return null;
  }

  #tabbed(event, shift) {
    if (this.#leaves || !this.#rows.total) return undefined;
    const { row, column } = this.#selection;
    const across = this.#columns.length;
    const next = row * across + column + (shift ? -1 : 1);
    if (next < 0 || next >= this.#rows.total * across) return undefined;
    return taken(event, () => this.#move(Math.floor(next / across), next % across));
  }

  #wholeRow(row) {
    this.#selection.set(row, 0);
    this.#selection.extend(row, this.#columns.length - 1);
  }

  #pointed(event) {
    const resizer = event.target.closest("[data-resize]");
    if (resizer) return this.#resized(event, Number(resizer.closest("[data-column]").dataset.column));
    const line = event.target.closest(".grid-row[data-row]");
    if (!line || event.button !== 0) return undefined;
    const row = Number(line.dataset.row);
    const cell = event.target.closest(".grid-cell");
    if (!cell) return this.#wholeRow(row);
    const column = Number(cell.dataset.column);
    const wasActive = row === this.#selection.row && column === this.#selection.column && !this.#selection.isRange;
    if (event.pointerType === "touch") {
      // A finger scrolls first: what it chose is known when it was lifted where it was put.
  
      return undefined;
    }
    if (event.shiftKey) this.#selection.extend(row, column);
    else this.#selection.set(row, column);
    return this.#drag(event);
  }

  #drag(event) {
    const { element } = this.#table;
    const moved = (later) => {
      const cell = document.elementFromPoint(later.clientX, later.clientY)?.closest(".grid-cell");
      if (cell) this.#selection.extend(Number(cell.parentElement.dataset.row), Number(cell.dataset.column));
    };
    element.addEventListener("pointermove", moved);
    addEventListener("pointerup", () => element.removeEventListener("pointermove", moved), { once: true });
    return event;
  }

  #clicked(event) {
    const head = event.target.closest("[data-menu]");
    if (head) return this.#actions.menu(Number(head.closest("[data-column]").dataset.column));
    const cell = event.target.closest(".grid-cell");
    if (!cell || event.pointerType !== "touch") return undefined;
    this.#selection.set(Number(cell.parentElement.dataset.row), Number(cell.dataset.column));
    return this.#actions.panel();
  }

  #resized(event, column) {
    event.preventDefault();
    const [from, width] = [event.clientX, this.#table.shown[column]];
    const moved = (later) => this.#table.resize(column, width + later.clientX - from);
    addEventListener("pointermove", moved);
    addEventListener("pointerup", () => removeEventListener("pointermove", moved), { once: true });
    return undefined;
  }
}

function taken(event, does) {
  event.preventDefault();
  return does();
}

function clamp(at, count) {
  return Math.max(0, Math.min(at, count - 1));
}
