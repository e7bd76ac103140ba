"""Set an article as an A4 PDF with typst: real text, embedded fonts, fixed dates."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import typst
from markdown_it.tree import SyntaxTreeNode

from demo.article import ADDRESS, CONTACT, SCHOOL, Article, rows, runs, weights

MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]

# A line must not end between a sign and its number.
GLUED = re.compile(r"(?<=\$) (?=\d)|(?<=N\.º) (?=\d)|(?<=\d) (?=%)|(?<=\d\.º) (?=[AB]\b)")

PREAMBLE = """
#let bordo = rgb("#7a1f3d")
#set document(title: {title}, author: {school}, date: datetime(year: {year}, month: {month}, day: {day}))
#set text(font: "Libertinus Serif", size: 11.5pt, lang: "es", hyphenate: false, ligatures: false)
#set par(justify: true, leading: 0.8em, spacing: 1.15em)
#set page(paper: "a4", margin: (x: 2.6cm, top: 3cm, bottom: 2.6cm),
  header: text(8.5pt, fill: luma(90))[
    #{school} #h(1fr) #{running}#v(-6pt)#line(length: 100%, stroke: 0.5pt + bordo)],
  footer: context text(8.5pt, fill: luma(90))[
    #h(1fr) Página #counter(page).display() de #counter(page).final().first()])
#set list(indent: 0.6em, spacing: 0.7em, marker: text(fill: bordo)[•])
#set enum(indent: 0.6em, spacing: 0.7em)
#set table(stroke: 0.5pt + luma(190), inset: (x: 7pt, y: 6pt), align: left + horizon,
  fill: (_, y) => if y == 0 {{ bordo }} else if calc.even(y) {{ luma(246) }})
#show table: set text(9.5pt)
#show table: set par(justify: false, leading: 0.55em)
#show table: it => block(above: 1.2em, below: 1.4em, breakable: false, it)
#show table.cell.where(y: 0): set text(fill: white, weight: "bold")
#show heading.where(level: 1): it => block(
  above: 2em, below: 1em, sticky: true, text(15pt, fill: bordo, it.body))
#show heading.where(level: 2): it => block(
  above: 1.5em, below: 0.8em, sticky: true, text(11.5pt, it.body))
"""

COVER = """
#page(header: none, footer: none, margin: 0pt)[
  #rect(width: 100%, height: 1.4cm, fill: bordo)
  #pad(x: 2.6cm, top: 3.2cm)[
    #set par(justify: false, leading: 0.6em)
    #text(13pt, fill: luma(70), {school})
    #v(5cm)
    #text(32pt, fill: bordo, weight: "bold", {title})
    #v(0.2cm)
    #text(15pt, {subtitle})
    #v(1.2cm)
    #line(length: 4cm, stroke: 1.5pt + bordo)
    #v(0.6cm)
    #text(12pt, {issue}) \\
    #text(12pt, {day_text})
  ]
  #place(bottom + left, dx: 2.6cm, dy: -2.2cm, text(9.5pt, fill: luma(90))[#{address} \\ #{contact}])
]
#show outline: set text(10pt)
#show outline.entry.where(level: 2): set block(above: 0.62em)
#show outline: set par(leading: 0.62em)
#show outline.entry.where(level: 1): set block(above: 0.95em)
#show outline.entry.where(level: 1): set text(weight: "bold")
#outline(title: [Índice], depth: {depth}, indent: 1.2em)
#pagebreak()
"""

HEADING = """
#text(19pt, fill: bordo, weight: "bold", {title})
#v(-0.5em)
#text(12pt, fill: luma(70), {subtitle})
#h(1fr) #box(stroke: 0.8pt + bordo, inset: (x: 7pt, y: 4pt), radius: 2pt, text(9pt, fill: bordo, {issue}))
#v(0.8em)
"""


def typeset(article: Article, *, to: Path) -> None:
    """Write the article as a PDF."""
    day = article.date
    subsections = sum(node.type == "heading" and node.tag == "h2" for node in article.body.children)
    words = {
        "title": _string(article.title),
        "running": _string(article.title if len(article.title) < 40 else article.title.split(" del ")[0]),
        "subtitle": _string(article.subtitle),
        "issue": _string(article.issue),
        "school": _string(SCHOOL),
        "address": _string(ADDRESS),
        "contact": _string(CONTACT),
        "day_text": _string(f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"),
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "depth": 2 if subsections < 40 else 1,
    }
    opening = COVER if article.has_cover else HEADING
    blocks = [_block(node, chapter_opens_page=article.chapter_opens_page) for node in article.body.children]
    source = PREAMBLE.format(**words) + opening.format(**words) + "\n\n".join(blocks)
    stamp = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    to.write_bytes(typst.compile(source.encode(), format="pdf", ignore_system_fonts=True, timestamp=stamp))


def _block(node: SyntaxTreeNode, *, chapter_opens_page: bool) -> str:
    if node.type == "heading":
        line = _line(node.children[0])
        opens_page = node.tag == "h1" and (
            chapter_opens_page or node.children[0].content.startswith("Anexo I.")
        )
        return ("#pagebreak(weak: true)\n" if opens_page else "") + f"#heading(level: {node.tag[1]}){line}"
    if node.type == "paragraph":
        text = "".join(_piece(*run) for run in runs(node.children[0]))
        return f"#par(justify: false)[{text}]" if "____" in text else text
    if node.type in ("bullet_list", "ordered_list"):
        name = "list" if node.type == "bullet_list" else "enum"
        return f"#{name}" + "".join(_line(item.children[0].children[0]) for item in node.children)
    if node.type == "table":
        columns = ", ".join(f"{weight:.2f}fr" for weight in weights(node))
        head, *body = [
            "".join("[" + "".join(_piece(*run) for run in cell) + "]," for cell in row) for row in rows(node)
        ]
        return f"#table(columns: ({columns}), table.header({head}), {''.join(body)})"
    raise ValueError(f"typeset: no rule for a {node.type}")


def _line(inline: SyntaxTreeNode) -> str:
    return "[" + "".join(_piece(*run) for run in runs(inline)) + "]"


def _piece(text: str, bold: bool) -> str:
    text = GLUED.sub("\u00a0", text)
    return f"#strong({_string(text)});" if bold else f"#{_string(text)};"


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
