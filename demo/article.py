"""Read a source text: a short header, then Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

SCHOOL = "Escuela de Educación Secundaria N.º 12 «Alfonsina Storni»"
ADDRESS = "Av. San Martín 1480 · Villa Las Acacias · Partido de Laguna Clara, provincia de Buenos Aires"
CONTACT = "Tel. (0230) 555-0112 · secretaria@ees12.example"


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    subtitle: str
    issue: str
    date: date
    has_cover: bool
    chapter_opens_page: bool
    body: SyntaxTreeNode
    markdown: str


def read(path: Path) -> Article:
    """Return the article kept in this file.

    The header stands between two lines of three dashes, one `key: value` per line.
    """
    _, header, text = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in header.strip().splitlines())
    parser = MarkdownIt("commonmark").enable("table")
    return Article(
        title=fields["title"],
        subtitle=fields["subtitle"],
        issue=fields.get("issue", ""),
        date=date.fromisoformat(fields["date"]),
        has_cover=fields.get("cover") == "yes",
        chapter_opens_page=fields.get("chapters") == "on a new page",
        body=SyntaxTreeNode(parser.parse(text)),
        markdown=text.strip() + "\n",
    )


def runs(inline: SyntaxTreeNode) -> list[tuple[str, bool]]:
    """Return the pieces of one line of text, each with whether it is bold."""
    pieces: list[tuple[str, bool]] = []
    for node in inline.children:
        if node.type == "strong":
            pieces += [(text, True) for child in node.children for text in [child.content]]
        elif node.type in ("softbreak", "hardbreak"):
            pieces.append((" ", False))
        else:
            pieces.append((node.content, False))
    return pieces


def rows(table: SyntaxTreeNode) -> list[list[list[tuple[str, bool]]]]:
    """Return a table's rows, the header first, each cell as its runs."""
    return [
        [runs(cell.children[0]) if cell.children else [] for cell in row.children]
        for part in table.children
        for row in part.children
    ]


def weights(table: SyntaxTreeNode) -> list[float]:
    """Return how wide each column of a table asks to be, in no unit."""
    texts = [["".join(text for text, _ in cell) for cell in row] for row in rows(table)]
    return [
        max(
            max(len(row[column]) for row in texts) ** 0.62,
            max(len(word) for row in texts for word in row[column].split() or [""]) * 0.62,
        )
        for column in range(len(texts[0]))
    ]
