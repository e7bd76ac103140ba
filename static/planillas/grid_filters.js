// Which rows are shown, and in what order: by column, by state, by what any cell says.

const WAIT_MS = 250;

export class Filters {
  #page;
  #columns;
  #rows;
  #table;
  #selection;
  #dialog;
  #column = 0;

  constructor(page, { columns, rows, table, selection }) {
    [this.#page, this.#columns, this.#rows, this.#table, this.#selection] = [page, columns, rows, table, selection];
    this.#dialog = document.getElementById("grid-filter");
    this.#dialog.querySelector("form").addEventListener("submit", (event) => this.#submitted(event));
    this.#dialog.addEventListener("close", () => table.focus());
    for (const each of page.querySelectorAll("[data-state-filter]")) {
      each.addEventListener("click", () => this.setState(rows.query.state === each.dataset.stateFilter ? "" : each.dataset.stateFilter));
    }
    let timer = 0;
    const search = page.querySelector("[data-search]");
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#change({ text: search.value.trim() }), WAIT_MS);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "Enter") {
        event.preventDefault();
        table.focus();
      }
    });
    page.querySelector("[data-clear-filters]").addEventListener("click", () => this.clear());
  }

  /** Ask how a column is sorted and filtered. */
  open(column) {
    const told = this.#columns[column];
    if (!told) return;
    this.#column = column;
    const { sort, down, sought } = this.#rows.query;
    const form = this.#dialog.querySelector("form");
    this.#dialog.querySelector("[data-name]").textContent = told.name;
    this.#dialog.querySelector("[data-meaning]").textContent = [told.says, told.meaning].filter(Boolean).join(" · ");
    form.elements.text.value = sought[told.key]?.text ?? "";
    form.elements.state.value = sought[told.key]?.state ?? "";
    form.elements.order.value = told.key === sort ? (down ? "down" : "up") : "";
    form.elements.width.value = Math.round(this.#table.widths[column]);
    this.#dialog.showModal();
  }

  setState(state) {
    return this.#change({ state });
  }

  clear(also = {}) {
    this.#page.querySelector("[data-search]").value = "";
    this.#table.focus();
    return this.#change({ state: "", text: "", sought: {}, ...also });
  }

  /** How many rows are shown, in words. */
  told() {
    const { total } = this.#rows;
    const words = this.#page.dataset;
    const shown = total.toLocaleString("es");
    if (this.#rows.isNarrowed()) return (total === 1 ? words.shownOne : words.shownRows).replace("%s", shown);
    return (total === 1 ? words.oneRow : words.manyRows).replace("%s", shown);
  }

  #submitted(event) {
    const form = event.target;
    const key = this.#columns[this.#column].key;
    if (event.submitter?.value === "cancel") return;
    const sought = { ...this.#rows.query.sought };
    const [text, state] = [form.elements.text.value.trim(), form.elements.state.value];
    delete sought[key];
    if (event.submitter?.value !== "clear" && (text || state)) sought[key] = { text, state };
    const order = form.elements.order.value;
    const { query } = this.#rows;
    const sort = order ? key : query.sort === key ? "" : query.sort;
    const width = Number(form.elements.width.value);
    if (width && Math.round(this.#table.widths[this.#column]) !== width) this.#table.resize(this.#column, width);
    this.#change({ sought, sort, down: order ? order === "down" : query.down && Boolean(sort) });
  }

  async #change(changed) {
    const before = JSON.stringify(this.#rows.query);
    Object.assign(this.#rows.query, changed);
    if (before === JSON.stringify(this.#rows.query)) return;
    const { query } = this.#rows;
    for (const each of this.#page.querySelectorAll("[data-state-filter]")) {
      each.setAttribute("aria-pressed", each.dataset.stateFilter === query.state);
    }
    this.#page.querySelector("[data-clear-filters]").hidden = !this.#rows.isNarrowed();
    this.#table.markHead(query);
    this.#table.element.scrollTop = 0;
    this.#rows.seen = [0, 0];
    this.#selection.set(0, this.#selection.column);
    await this.#rows.reload();
  }
}
