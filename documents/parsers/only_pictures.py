"""Says of a document, or of a slide, that it has pictures and no word: scans that were pasted into it."""

from collections.abc import Iterable, Iterator

from documents.blocks import Kind, ParsedBlock, Unreadable
from documents.places import Slide

_WHAT_TO_DO = "Para que se lea, conviene guardarlo como PDF y subir ese PDF."


def told(blocks: Iterable[ParsedBlock], *, slide: int | None = None) -> Iterator[Unreadable]:
    """Yield what to tell of these blocks, those of one slide or of a whole document; headings may be made up."""
    kinds = {block.kind for block in blocks if block.kind is Kind.PICTURE or block.text}
    if Kind.PICTURE not in kinds or kinds - {Kind.PICTURE, Kind.NOTE}:
        return
    if slide is None:
        reason = f"El documento tiene solo imágenes: lo que está escrito en ellas no se leyó. {_WHAT_TO_DO}"
        yield Unreadable(None, reason, "only_pictures")
    else:
        reason = f"La diapositiva {slide} es solo una imagen: lo que está escrito en ella no se leyó. {_WHAT_TO_DO}"
        yield Unreadable(Slide(slide), reason, "only_pictures")
