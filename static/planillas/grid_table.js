// The grid as it is seen: only the rows in view are in the page, whatever their number.

const ROW = 34; // px, as --row-height in grid.css
const SPARE = 6; // rows beyond each edge
const SPARE_COLUMNS = 1;
const CHARACTER = 7.2; // px
const NARROWEST = 56;
const WIDEST = 640;
const STATES = ["found", "edited", "conflict", "stale", "invalid"];

export class Table {
  #rows;
  #saving;
  #selection;
  #drawn = new Map(); // index → {line, cells: column → element}
  #across = []; // the columns in view
  #marks = new Map(); // state → what is cloned for it
  #waiting = 0;
  #key;

  constructor(element, { columns, rows, selection, saving, key }) {
    this.element = element;
    this.columns = columns;
    this.head = element.querySelector(".grid-head");
    this.body = element.querySelector(".grid-body");
    this.#rows = rows;
    this.#saving = saving;
    this.#selection = selection;
    this.#key = `planilla-widths-${key}`;
    this.widths = this.#keptWidths();
    this.#drawHead();
    this.#lay();
    element.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#lay()).observe(element);
  }

  get pageRows() {
    return Math.max(1, Math.floor((this.element.clientHeight - this.head.offsetHeight) / ROW) - 1);
  }

  hasFocus() {
    return document.activeElement === this.element;
  }

  focus() {
    this.element.focus({ preventScroll: true });
  }

  rowAt(index) {
    return this.#rows.at(index);
  }

  cell(row, column) {
    return this.#drawn.get(row)?.cells.get(column) ?? null;
  }

  /** Draw what is in view anew. */
  draw() {
    for (const { line } of this.#drawn.values()) line.remove();
    this.#drawn.clear();
    this.#across = this.#columnsInView();
    this.body.hidden = !this.#rows.total;
    this.element.setAttribute("aria-rowcount", this.#rows.total + 1);
    this.body.style.height = `${this.#rows.total * ROW}px`;
    this.#fill();
  }

  /** Show the selection where it is now. */
  paint() {
    for (const [index, row] of this.#drawn) this.#paintRow(index, row);
    this.#tellActive();
  }

  /** Bring a cell into view. */
  reveal(row, column) {
    const { element } = this;
    const top = row * ROW;
    const room = element.clientHeight - this.head.offsetHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW > element.scrollTop + room) element.scrollTop = top + ROW - room;
    if (column >= this.frozen) {
      const left = this.#left(column);
      const frozen = this.#left(this.frozen);
      if (left - frozen < element.scrollLeft) element.scrollLeft = left - frozen;
      else if (left + this.widths[column] > element.scrollLeft + element.clientWidth) {
        element.scrollLeft = left + this.widths[column] - element.clientWidth;
      }
    }
    if (String(this.#columnsInView()) === String(this.#across)) this.#fill();
    else this.draw();
    this.paint();
  }

  flash() {
    this.element.classList.add("is-copied");
    setTimeout(() => this.element.classList.remove("is-copied"), 600);
  }

  resize(column, width) {
    this.widths[column] = Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
    try {
      const told = Object.fromEntries(this.columns.map((each, at) => [each.key, this.widths[at]]));
      localStorage.setItem(this.#key, JSON.stringify(told));
    } catch {
      // A browser that keeps nothing: the widths last as long as the page.
    }
    this.#lay();
  }

  /** Show by which column the rows are sorted, and which ones are filtered. */
  markHead({ sort, down, sought }) {
    this.columns.forEach((column, at) => {
      const head = this.head.firstElementChild.children[at + 1];
      head.setAttribute("aria-sort", column.key === sort ? (down ? "descending" : "ascending") : "none");
      head.classList.toggle("is-filtered", Boolean(sought[column.key]));
      head.querySelector("[data-sorted]").hidden = column.key !== sort;
      head.querySelector("[data-sorted] use").setAttribute("href", icon(down ? "sort-descending" : "sort-ascending"));
      head.querySelector("[data-filtered]").hidden = !sought[column.key];
    });
  }

  #keptWidths() {
    let kept = {};
    try {
      kept = JSON.parse(localStorage.getItem(this.#key) ?? "{}") ?? {};
    } catch {
      // As above.
    }
    return this.columns.map((each) => Number(kept[each.key]) || Math.max(80, Math.round(each.width * CHARACTER + 30)));
  }

  /** Set widths, and which leading columns stay in view: those that say which row it is, while there is room. */
  #lay() {
    const narrow = this.element.clientWidth < 600;
    const number = narrow ? 40 : 52;
    this.numberWidth = number;
    const keys = this.columns.findIndex((each) => !each.fixed);
    let frozen = Math.max(1, keys < 0 ? this.columns.length : keys);
    const most = this.element.clientWidth * 0.5;
    if (narrow) this.shown = this.widths.map((width, at) => (at < frozen ? Math.min(width, 132) : width));
    else this.shown = this.widths;
    while (frozen > 0 && this.#left(frozen) > most) frozen -= 1;
    this.frozen = frozen;
    const style = this.element.style;
    style.setProperty("--grid-columns", [number, ...this.shown].map((each) => `${each}px`).join(" "));
    style.setProperty("--grid-width", `${this.#left(this.columns.length)}px`);
    [...this.head.firstElementChild.children].forEach((each, at) => this.#freeze(each, at - 1));
    this.draw();
  }

  #left(column) {
    return this.numberWidth + this.shown.slice(0, column).reduce((sum, each) => sum + each, 0);
  }

  #freeze(element, column) {
    const isFrozen = column < this.frozen;
    element.classList.toggle("is-frozen", isFrozen);
    element.classList.toggle("is-last-frozen", column === this.frozen - 1);
    element.style.left = isFrozen ? `${column < 0 ? 0 : this.#left(column)}px` : "";
  }

  #drawHead() {
    const line = document.createElement("div");
    line.className = "grid-row";
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", 1);
    const corner = document.createElement("div");
    corner.className = "grid-number";
    corner.setAttribute("role", "columnheader");
    corner.setAttribute("aria-colindex", 1);
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = this.element.dataset.number;
    corner.append(name);
    line.append(corner);
    this.columns.forEach((column, at) => {
      const head = document.getElementById("grid-head").content.firstElementChild.cloneNode(true);
      head.dataset.column = at;
      head.setAttribute("aria-colindex", at + 2);
      head.title = [column.name, column.says, column.meaning].filter(Boolean).join(" · ");
      head.querySelector("[data-name]").textContent = column.name;
      head.querySelector("[data-required]").hidden = !column.required;
      line.append(head);
    });
    this.head.append(line);
    this.element.setAttribute("aria-colcount", this.columns.length + 1);
  }

  #soon() {
    if (this.#waiting) return;
    this.#waiting = requestAnimationFrame(() => {
      this.#waiting = 0;
      if (String(this.#columnsInView()) === String(this.#across)) this.#fill();
      else this.draw();
    });
  }

  /** The columns that are in view: of sixty the others are not drawn. */
  #columnsInView() {
    const { scrollLeft, clientWidth } = this.element;
    const frozen = this.#left(this.frozen);
    let left = this.numberWidth;
    let [first, last] = [this.columns.length, this.frozen - 1];
    this.columns.forEach((_column, at) => {
      const right = left + this.shown[at];
      if (at >= this.frozen && right > scrollLeft + frozen && left < scrollLeft + clientWidth) {
        first = Math.min(first, at);
        last = at;
      }
      left = right;
    });
    first = Math.max(this.frozen, first - SPARE_COLUMNS);
    last = Math.min(this.columns.length - 1, last + SPARE_COLUMNS);
    const across = [];
    for (let at = 0; at < this.frozen; at += 1) across.push(at);
    for (let at = first; at <= last; at += 1) across.push(at);
    return across;
  }

  #fill() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const last = Math.min(this.#rows.total - 1, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
    this.#rows.seen = [first, last];
    for (const [index, { line }] of this.#drawn) {
      if (index >= first && index <= last) continue;
      line.remove();
      this.#drawn.delete(index);
    }
    const added = document.createDocumentFragment();
    for (let index = first; index <= last; index += 1) {
      if (this.#drawn.has(index)) continue;
      const row = this.#drawRow(index);
      this.#drawn.set(index, row);
      added.append(row.line);
    }
    // In the order in which they are read, also when they came from above.
    if (added.childElementCount) {
      this.body.append(added);
      const sorted = [...this.#drawn.keys()].sort((a, b) => a - b);
      const isInOrder = sorted.every((index, at) => this.body.children[at] === this.#drawn.get(index).line);
      if (!isInOrder) this.body.append(...sorted.map((index) => this.#drawn.get(index).line));
    }
    this.#rows.need(first, last);
    this.#tellActive();
  }

  #drawRow(index) {
    const told = this.#rows.at(index);
    const line = document.createElement("div");
    line.className = "grid-row";
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", index + 2);
    line.style.top = `${index * ROW}px`;
    line.dataset.row = index;
    const number = document.createElement("div");
    number.className = "grid-number";
    number.setAttribute("role", "rowheader");
    number.setAttribute("aria-colindex", 1);
    number.textContent = (index + 1).toLocaleString("es");
    this.#freeze(number, -1);
    line.append(number);
    const cells = new Map();
    for (const at of this.#across) {
      const column = this.columns[at];
      const cell = document.createElement("div");
      cell.id = `cell-${index}-${at}`;
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", at + 2);
      cell.dataset.column = at;
      cell.className = "grid-cell";
      cell.style.gridColumn = at + 2;
      if (at < this.frozen) this.#freeze(cell, at);
      if (told) this.#fillCell(cell, told, column);
      else cell.classList.add("is-waiting");
      cells.set(at, cell);
      line.append(cell);
    }
    const row = { line, cells };
    this.#paintRow(index, row);
    return row;
  }

  #fillCell(cell, row, column) {
    const { text, state, hint, own } = this.#saving.stateOf(row, column.key);
    const shown = own || STATES.includes(state) ? state : "no_evidence";
    cell.classList.add(`is-${shown}`);
    cell.classList.toggle("is-number", column.number);
    if (own) cell.classList.add(`is-${own}`);
    if (column.required && !text && !own) cell.classList.add("is-required");
    const words = document.createElement("span");
    words.className = "grid-text";
    words.textContent = text || hint || "";
    if (!text && hint) words.classList.add("is-hint");
    cell.append(words);
    const mark = this.#mark(own || shown);
    if (mark) cell.append(mark.cloneNode(true));
  }

  #mark(state) {
    if (!this.#marks.has(state)) {
      this.#marks.set(state, document.getElementById(`mark-${state}`)?.content.firstElementChild ?? null);
    }
    return this.#marks.get(state);
  }

  #paintRow(index, { line, cells }) {
    const selection = this.#selection;
    for (const [at, cell] of cells) {
      const isSelected = selection.holds(index, at);
      cell.classList.toggle("is-selected", isSelected && selection.isRange);
      cell.classList.toggle("is-active", index === selection.row && at === selection.column);
      cell.setAttribute("aria-selected", isSelected);
    }
    line.classList.toggle("is-active-row", index === selection.row);
  }

  #tellActive() {
    const { row, column, toRow, toColumn, isRange } = this.#selection;
    const active = isRange ? this.cell(toRow, toColumn) : this.cell(row, column);
    if (active) this.element.setAttribute("aria-activedescendant", active.id);
    else this.element.removeAttribute("aria-activedescendant");
  }
}

function icon(name) {
  return `${document.body.dataset.icons}#i-${name}`;
}
