"""Footnotes and endnotes of a DOCX, each with the mark that its page shows."""

from collections.abc import Callable

from lxml import etree

from documents.parsers import tidy
from documents.parsers.docx_numbers import W, written
from documents.parsers.unzip import Archive

_USUAL_FORMS = {"footnote": "decimal", "endnote": "lowerRoman"}


class Notes:
    """Numbers the notes of a document in the order in which they are asked for."""

    def __init__(self, archive: Archive, text_of: Callable[[etree._Element], str]) -> None:
        self._found: dict[tuple[str, str], etree._Element] = {}
        self._forms = dict(_USUAL_FORMS)
        self._counts = dict.fromkeys(_USUAL_FORMS, 0)
        self._text_of = text_of
        settings = archive.xml("word/settings.xml")
        for kind in _USUAL_FORMS:
            root = archive.xml(f"word/{kind}s.xml")
            for note in () if root is None else root.iterfind(f"{W}{kind}"):
                if note.get(f"{W}type", "normal") == "normal":
                    self._found[kind, str(note.get(f"{W}id"))] = note
            form = None if settings is None else settings.find(f"{W}{kind}Pr/{W}numFmt")
            if form is not None:
                self._forms[kind] = str(form.get(f"{W}val"))

    def shown(self, kind: str, note_id: str, *, has_own_mark: bool) -> str:
        """Return a note as a line of its own, "" when it says nothing."""
        note = self._found.get((kind, note_id))
        if not has_own_mark:
            self._counts[kind] += 1
        if note is None:
            return ""
        text = tidy.line(" ".join(self._text_of(paragraph) for paragraph in note.iter(f"{W}p")))
        if not text or has_own_mark:
            return f"Nota: {text}" if text else ""
        return f"Nota {written(self._counts[kind], self._forms[kind])}: {text}"
