"""A report as PDF, to be printed and kept: a footnote for each citation, charts as lines."""

from typing import Any

from planillas.exports import drawing, paper
from planillas.exports.paper import Paper, Part, Table
from planillas.exports.typesetting import compiled
from rag.prose import Block

MEDIA_TYPE = "application/pdf"
SHORT_TITLE_CHARS = 80


def render(made: Paper) -> bytes:
    """Return the report, on A4."""
    return compiled(
        "report.typ",
        {
            "title": made.title,
            "short": _shorten(made.title),
            "school": made.school,
            "lang": "es",
            "facts": paper.facts(made),
            "look": dict(drawing.LIGHT),
            "contents": paper.contents_heading() if made.has_contents else "",
            "sections": [_section(part) for part in made.parts],
            "doubt": paper.doubt() if made.has_doubts else "",
            "sources_heading": paper.sources_heading(),
            "sources": list(made.sources),
        },
        to="pdf",
        addresses=[{str(n): note.address for n, note in part.notes.items()} for part in made.parts],
    )


def _section(part: Part) -> dict[str, Any]:
    drawn = part.drawing
    table = drawn.data if drawn else part.table
    told: set[int] = set()
    return {
        "title": part.title,
        "warning": part.warning,
        "blocks": [_block(block, part, told) for block in part.blocks],
        "notes": {str(n): note.text for n, note in part.notes.items()},
        "drawing": drawing.data_of(drawn.made, drawn.shape) if drawn else None,
        "table": _table(table) if table else None,
        "origin": part.origin,
    }


def _block(block: Block, part: Part, told: set[int]) -> dict[str, Any]:
    spans = []
    for span in block.spans:
        if span.note is not None and span.note not in part.notes:
            continue
        spans.append(
            {
                "text": span.text,
                "is_strong": span.is_strong,
                "is_emphasis": span.is_emphasis,
                "is_doubt": span.is_doubt,
                "note": span.note,
                "first": span.note not in told,
            }
        )
        if span.note is not None:
            told.add(span.note)
    return {"spans": spans, "depth": block.depth, "number": block.number}


def _table(table: Table) -> dict[str, Any]:
    rows = [[{"text": text, "is_quiet": is_quiet} for text, is_quiet in row] for row in table.rows]
    return {"heads": list(table.heads), "rows": rows, "note": table.note}


def _shorten(title: str) -> str:
    return title if len(title) <= SHORT_TITLE_CHARS else title[: SHORT_TITLE_CHARS - 1].rstrip() + "…"
