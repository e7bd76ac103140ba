// Which cell is the active one, and what range is selected from it.

export class Selection extends EventTarget {
  row = 0; // the active cell
  column = 0;
  toRow = 0; // where the range that starts there ends
  toColumn = 0;

  set(row, column) {
    const same = row === this.row && column === this.column && row === this.toRow && column === this.toColumn;
    [this.row, this.column, this.toRow, this.toColumn] = [row, column, row, column];
    if (!same) this.dispatchEvent(new Event("change"));
    else this.dispatchEvent(new Event("again"));
  }

  extend(row, column) {
    if (row === this.toRow && column === this.toColumn) return;
    [this.toRow, this.toColumn] = [row, column];
    this.dispatchEvent(new Event("change"));
  }

  get isRange() {
    return this.row !== this.toRow || this.column !== this.toColumn;
  }

  bounds(rows, columns) {
    return {
      top: Math.min(this.row, this.toRow),
      bottom: Math.min(Math.max(this.row, this.toRow), Math.max(rows - 1, 0)),
      left: Math.min(this.column, this.toColumn),
      right: Math.min(Math.max(this.column, this.toColumn), columns - 1),
    };
  }

  holds(row, column) {
    const { row: a, toRow: b, column: c, toColumn: d } = this;
    return row >= Math.min(a, b) && row <= Math.max(a, b) && column >= Math.min(c, d) && column <= Math.max(c, d);
  }

  each(rows, columns, does) {
    const { top, bottom, left, right } = this.bounds(rows, columns);
    for (let row = top; row <= bottom; row += 1) for (let column = left; column <= right; column += 1) does(row, column);
  }
}
