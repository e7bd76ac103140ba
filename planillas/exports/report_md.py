"""A report as Markdown, with its notes as [^n]; what sources said is escaped, so that it is read and never obeyed."""

from planillas.exports import paper
from planillas.exports.paper import Paper, Part, Table
from rag.prose import Block, Span
from transcription.exports.md import MEDIA_TYPE, escape
from transcription.exports.md import table as write_table

__all__ = ["MEDIA_TYPE", "render"]


def render(made: Paper) -> bytes:
    """Return the report."""
    parts = [f"# {escape(made.title)}"]
    parts.append("\n".join(f"- **{name}:** {escape(value)}" for name, value in paper.facts(made)))
    notes: list[str] = []
    for part in made.parts:
        numbers: dict[int, int] = {}
        parts.append(f"## {escape(part.title)}")
        if part.warning:
            parts.append(f"> {escape(part.warning)}")
        parts += [_block(block, part, numbers, first=len(notes) + 1) for block in part.blocks]
        notes += [_note(part, n, number) for n, number in numbers.items()]
        table = part.drawing.data if part.drawing else part.table
        if table is not None:
            parts.append(_table(table))
        if part.origin:
            parts.append(f"*{escape(part.origin)}*")
    if made.has_doubts:
        parts.append(escape(paper.doubt()))
    if made.sources:
        parts.append(f"## {paper.sources_heading()}")
        parts.append("\n".join(f"- {escape(each)}" for each in made.sources))
    if notes:
        parts.append("\n".join(notes))
    return ("\n\n".join(parts) + "\n").encode()


def _block(block: Block, part: Part, numbers: dict[int, int], *, first: int) -> str:
    said = "".join(_span(span, part, numbers, first) for span in block.spans).strip()
    if block.depth == 0:
        return said
    sign = "-" if block.number is None else f"{block.number}."
    return f"{'   ' * (block.depth - 1)}{sign} {said}"


def _span(span: Span, part: Part, numbers: dict[int, int], first: int) -> str:
    if span.note is not None:
        if span.note not in part.notes:
            return ""
        return f"[^{numbers.setdefault(span.note, first + len(numbers))}]"
    if span.is_doubt:
        return escape("[?]")
    lines = [escape(line) if line.strip() else line for line in span.text.split("\n")]
    said = "  \n".join(lines)
    around = ("**" if span.is_strong else "") + ("_" if span.is_emphasis else "")
    return f"{around}{said.strip()}{around[::-1]}" if around else said


def _note(part: Part, n: int, number: int) -> str:
    note = part.notes[n]
    address = f" <{note.address}>" if note.address else ""
    return f"[^{number}]: {escape(note.text)}{address}"


def _table(table: Table) -> str:
    rows = [[f"({text})" if is_quiet and text else text for text, is_quiet in row] for row in table.rows]
    heads = [escape(head) for head in table.heads]
    written = write_table(heads, [[" ".join(cell.split()) for cell in row] for row in rows])
    return f"{written}\n\n{escape(table.note)}" if table.note else written
