// Ranges of cells on the clipboard, as spreadsheets write and read them: an HTML table and tab-separated text.

const escape = (text) => text.replace(/[&<>"]/g, (each) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[each]);

/** Both forms of lines of texts. Text is marked as text, so that no spreadsheet takes "=1+1" for a formula. */
export function toClipboard(lines, columns) {
  const plain = lines
    .map((line) => line.map((text) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join("\t"))
    .join("\n");
  const cell = (text, at) => {
    const isText = !columns[at]?.number && columns[at]?.kind !== "date";
    const mark = isText ? ` style="mso-number-format:'\\@'"` : "";
    return `<td${mark}>${escape(text).replaceAll("\n", "<br>")}</td>`;
  };
  const body = lines.map((line) => `<tr>${line.map(cell).join("")}</tr>`).join("");
  return { plain, html: `<table>${body}</table>` };
}

/** Lines of texts of what was copied: of its table where there is one, else of its text. */
export function fromTable(html, plain) {
  if (/<table[\s>]/i.test(html)) {
    const lines = ofHtml(html);
    if (lines.length) return lines;
  }
  return ofText(plain);
}

function ofHtml(html) {
  // A document of its own: nothing in it is run, fetched or shown. Its styles would only make the policy complain.
  const bare = html
    .replace(/<style[\s>][^]*?<\/style>/gi, "")
    .replace(/<[^>]*>/g, (tag) => tag.replace(/\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ""));
  const table = new DOMParser().parseFromString(bare, "text/html").querySelector("table");
  const lines = [];
  [...(table?.rows ?? [])].forEach((row, at) => {
    lines[at] ??= [];
    let column = 0;
    for (const cell of row.cells) {
      while (lines[at][column] !== undefined) column += 1;
      const text = textOf(cell);
      for (let down = 0; down < Math.min(cell.rowSpan || 1, table.rows.length - at); down += 1) {
        for (let across = 0; across < Math.min(cell.colSpan, 200); across += 1) {
          lines[at + down] ??= [];
          // Of merged cells the first one holds the value, as in the spreadsheet.
          lines[at + down][column + across] = down || across ? "" : text;
        }
      }
      column += cell.colSpan;
    }
  });
  return lines.filter((line) => line.length);
}

function textOf(cell) {
  const copy = cell.cloneNode(true);
  for (const each of copy.querySelectorAll("script")) each.remove();
  for (const each of copy.querySelectorAll("br")) each.replaceWith("\u0001");
  for (const each of copy.querySelectorAll("p + p, div + div, li + li")) each.prepend("\u0001");
  return copy.textContent.replace(/[\s\u00a0]+/g, " ").replace(/ ?\u0001 ?/g, "\n").trim();
}

/** Tab-separated text; what stands in quotes may hold tabs and line ends, and quotes written twice. */
export function ofText(plain) {
  const text = plain.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!text) return [];
  const lines = [[]];
  let at = 0;
  while (at <= text.length) {
    let value = "";
    if (text[at] === '"' && isQuoted(text, at)) {
      const [told, end] = quoted(text, at);
      [value, at] = [told, end];
    } else {
      const end = nextBreak(text, at);
      [value, at] = [text.slice(at, end), end];
    }
    lines.at(-1).push(value);
    if (text[at] === "\n") lines.push([]);
    at += 1;
  }
  return lines;
}

function nextBreak(text, at) {
  const found = /[\t\n]/g;
  found.lastIndex = at;
  return found.exec(text)?.index ?? text.length;
}

function quoted(text, at) {
  let value = "";
  let here = at + 1;
  while (here < text.length) {
    if (text[here] === '"' && text[here + 1] === '"') {
      value += '"';
      here += 2;
    } else if (text[here] === '"') {
      return [value, here + 1];
    } else {
      value += text[here];
      here += 1;
    }
  }
  return [value, here];
}

/** A quote that opens a value is one that is closed before a tab, a line end or the end: «"Azul" y verde» is as it is. */
function isQuoted(text, at) {
  const [, end] = quoted(text, at);
  return text[end - 1] === '"' && end > at + 1 && (end === text.length || text[end] === "\t" || text[end] === "\n");
}
