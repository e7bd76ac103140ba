// The grid in which a planilla is reviewed: what the page's pieces are, and who tells whom.

import { say as toast } from "../portal.js";
import { fromTable, toClipboard } from "./grid_clipboard.js";
import { Editor } from "./grid_editor.js";
import { Filters } from "./grid_filters.js";
import { Keys } from "./grid_keys.js";
import { Panel } from "./grid_panel.js";
import { Rows } from "./grid_rows.js";
import { Saving } from "./grid_saving.js";
import { Selection } from "./grid_selection.js";
import { Table } from "./grid_table.js";

const COPY_MOST = 20_000; // rows
const ADD_MOST = 1_000; // of one paste

const page = document.getElementById("planilla");
const words = page.dataset;
const columns = JSON.parse(words.columns);
const canChange = words.canChange === "1";

const rows = new Rows(words.rowsUrl, Number(words.rows));
const saving = new Saving({ words, rows });
const selection = new Selection();
const table = new Table(document.getElementById("grid"), { columns, rows, selection, saving, key: words.id });
const panel = new Panel(document.getElementById("cell-panel"), { words, table, selection, saving, canChange });
const editor = new Editor(document.getElementById("grid-wrap"), { table, columns, commit, words });
const filters = new Filters(page, { columns, rows, table, selection });

const note = document.getElementById("grid-note");

/** Write texts over cells, as one gesture: [{at, column, value}]. */
function commit(changes) {
  if (!canChange || !changes.length) return;
  const told = changes
    .map(({ at, column, value }) => ({ row: rows.at(at), column: columns[column], value }))
    .filter(({ row, column, value }) => row && (typeof value === "object" || saving.textOf(row, column.key) !== value));
  saving.write(told.map(({ row, column, value }) => ({ row, column: column.key, value })));
  table.draw();
}

function clear() {
  const changes = [];
  selection.each(rows.total, columns.length, (at, column) => {
    const row = rows.at(at);
    if (row && (saving.stateOf(row, columns[column].key).text || row.c[columns[column].key])) changes.push({ at, column, value: "" });
  });
  commit(changes);
}

/** The texts of the selected cells; null where some rows have not come yet. */
function selected() {
  const { top, bottom, left, right } = selection.bounds(rows.total, columns.length);
  if (bottom - top >= COPY_MOST) return toast(words.tooMany, "warning") ?? null;
  if (!rows.has(top, bottom)) {
    rows.fetchAll(top, bottom).then(() => toast(words.copyAgain));
    return null;
  }
  const lines = [];
  for (let at = top; at <= bottom; at += 1) {
    const row = rows.at(at);
    lines.push(columns.slice(left, right + 1).map((column) => saving.textOf(row, column.key)));
  }
  return lines;
}

function copy(event) {
  if (!rows.total || !table.hasFocus()) return false;
  event.preventDefault();
  const lines = selected();
  if (!lines) return false;
  const { plain, html } = toClipboard(lines, columns.slice(selection.bounds(rows.total, columns.length).left));
  event.clipboardData.setData("text/plain", plain);
  event.clipboardData.setData("text/html", html);
  table.flash();
  return true;
}

async function paste(lines) {
  if (!lines.length || !rows.total) return;
  const bounds = selection.bounds(rows.total, columns.length);
  const height = lines.length;
  const width = Math.max(...lines.map((line) => line.length));
  const tall = bounds.bottom - bounds.top + 1;
  const wide = bounds.right - bounds.left + 1;
  // As spreadsheets do: what fits a whole number of times is repeated over the selection.
  const down = tall % height === 0 ? tall : height;
  const across = wide % width === 0 ? wide : width;
  const missing = bounds.top + down - rows.total;
  const batch = crypto.randomUUID?.() ?? saving.newBatch();
  if (missing > 0 && !rows.isNarrowed()) {
    if (missing > ADD_MOST) return toast(words.tooMany, "warning");
    await saving.ask(words.addUrl, { after: "", count: missing, batch });
    await rows.reload();
  }
  const last = Math.min(bounds.top + down, rows.total) - 1;
  await rows.fetchAll(bounds.top, last);
  const changes = [];
  for (let at = bounds.top; at <= last; at += 1) {
    const line = lines[(at - bounds.top) % height];
    for (let column = bounds.left; column < Math.min(bounds.left + across, columns.length); column += 1) {
      const value = line[(column - bounds.left) % width];
      const row = rows.at(at);
      if (value === undefined || !row || saving.textOf(row, columns[column].key) === value) continue;
      changes.push({ row, column: columns[column].key, value });
    }
  }
  saving.write(changes, batch);
  selection.set(bounds.top, bounds.left);
  selection.extend(last, Math.min(bounds.left + across, columns.length) - 1);
  table.draw();
  return undefined;
}

/** Ask the server for a gesture of its own kind, when all before it is saved; then show what it left. */
async function act(url, body, { reload = false } = {}) {
  const left = await saving.ask(url, body);
  if (!left) return null;
  const before = rows.total;
  rows.put(left.rows);
  const isOther = reload || left.removed.length || left.rows.some((row) => !rows.knows(row.id));
  if (isOther) await rows.reload();
  if (selection.row >= rows.total && before) selection.set(Math.max(0, rows.total - 1), selection.column);
  for (const each of left.unwritten.slice(0, 1)) toast(each.detail, "warning");
  table.draw();
  panel.show({ anew: true });
  return left;
}

async function addRow() {
  if (rows.isNarrowed() || rows.query.sort) await filters.clear({ sort: "", down: false });
  const after = rows.at(selection.row)?.id ?? "";
  const left = await act(words.addUrl, { after, count: 1 }, { reload: true });
  if (!left) return;
  selection.set(after ? selection.row + 1 : 0, 0);
  table.reveal(selection.row, 0);
  table.focus();
}

async function removeRows() {
  const { top, bottom } = selection.bounds(rows.total, columns.length);
  const chosen = [];
  for (let at = top; at <= bottom; at += 1) if (rows.at(at)) chosen.push(rows.at(at));
  if (!chosen.length) return;
  const revs = Object.fromEntries(chosen.map((row) => [row.id, row.rev]));
  const left = await act(words.removeUrl, { rows: chosen.map((row) => row.id), revs }, { reload: true });
  if (left) toast(chosen.length === 1 ? words.removedOne : words.removedMany.replace("%d", chosen.length));
  table.focus();
}

const actions = {
  edit: (text) => canChange && rows.at(selection.row) && editor.open(selection.row, selection.column, text),
  clear,
  undo: () => canChange && act(words.undoUrl, {}),
  redo: () => canChange && act(words.redoUrl, {}),
  panel: () => panel.open(),
  menu: (column) => filters.open(column ?? selection.column),
};
new Keys(table, { rows, columns, selection, actions, canChange });

document.addEventListener("copy", copy);
document.addEventListener("cut", (event) => copy(event) && canChange && clear());
document.addEventListener("paste", (event) => {
  if (!canChange || !table.hasFocus()) return;
  event.preventDefault();
  const data = event.clipboardData;
  paste(fromTable(data.getData("text/html"), data.getData("text/plain")));
});

for (const button of page.querySelectorAll("[data-act]")) {
  const does = { undo: actions.undo, redo: actions.redo, add: addRow, remove: removeRows, filter: () => actions.menu() };
  button.addEventListener("click", () => does[button.dataset.act]?.());
}

selection.addEventListener("change", () => {
  table.paint();
  panel.show();
});
rows.addEventListener("change", () => {
  table.draw();
  panel.show();
  if (selection.row >= rows.total) selection.set(Math.max(0, rows.total - 1), selection.column);
  page.querySelector("[data-total]").textContent = filters.told();
  page.querySelector("#grid-empty").hidden = rows.total > 0 || !rows.isLoaded;
  page.querySelector("#grid-none").hidden = !(rows.total === 0 && rows.isNarrowed());
  page.querySelector("#grid-no-rows").hidden = !(rows.total === 0 && !rows.isNarrowed());
});
rows.addEventListener("failed", () => toast(words.offlineRows, "warning"));
saving.addEventListener("change", () => {
  table.draw();
  const { state, text } = saving.told();
  note.dataset.state = state;
  note.querySelector("[data-text]").textContent = text;
});
saving.addEventListener("saved", (event) => {
  for (const [name, count] of Object.entries(event.detail.counts ?? {})) {
    for (const each of page.querySelectorAll(`[data-count="${name}"]`)) each.textContent = count.toLocaleString("es");
  }
  if (event.detail.removed?.length) return; // the rows are about to come anew
  if (event.detail.state) page.dataset.state = event.detail.state;
  for (const each of page.querySelectorAll("[data-rev]")) each.value = event.detail.rev;
  panel.show({ anew: true });
});
saving.addEventListener("lost", (event) => toast(event.detail, "warning"));

// Approving waits for what is not saved yet: what is approved is what the person sees.
page.querySelector("#approval form")?.addEventListener("submit", (event) => {
  if (saving.isQuiet()) return;
  event.preventDefault();
  toast(words.notSavedYet, "warning");
});
page.querySelector("[data-approve]")?.addEventListener("click", async () => {
  const dialog = document.getElementById("approval");
  const looked = Number(page.querySelector('[data-count="to_look_at"]')?.textContent.replace(/\D/g, "") || 0);
  // What stands in the way is the server's to say: the page asks for it anew when cells were changed since.
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#approval-body");
    if (fresh) document.getElementById("approval-body").replaceWith(fresh);
  }
  dialog.dataset.waiting = looked;
  dialog.showModal();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && saving.isQuiet() && !editor.isOpen) rows.refresh();
});

for (const each of page.querySelectorAll("[data-count]")) each.textContent = Number(each.textContent).toLocaleString("es");
// Cells that are being filled again: the page looks now and then whether they are.
const refilling = document.getElementById("refilling");
if (refilling) {
  const timer = setInterval(async () => {
    if (document.hidden || !saving.isQuiet() || editor.isOpen) return;
    await rows.refresh();
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const each of page.querySelectorAll("[data-count]")) {
      const count = fresh.querySelector(`#planilla [data-count="${each.dataset.count}"]`);
      if (count) each.textContent = Number(count.textContent).toLocaleString("es");
    }
    if (fresh.getElementById("refilling")) return;
    clearInterval(timer);
    refilling.remove();
    await rows.reload();
  }, 5000);
}

saving.restore();
await rows.reload();
selection.set(0, 0);
const opened = new URLSearchParams(location.search);
if (opened.get("estado")) filters.setState(opened.get("estado"));
