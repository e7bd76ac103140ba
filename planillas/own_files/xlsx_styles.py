"""The styles of a workbook, to which a few may be added: a date where the template's cell has no format for one."""

from lxml import etree

from planillas.own_files.package import Package
from planillas.own_files.xlsx_book import Book, q

DATE = 14  # as short as the reader's country writes it
TIME = 20  # h:mm


class Styles:
    """Hands out styles by number; the part is only touched when one is added."""

    def __init__(self, book: Book) -> None:
        self._package: Package = book.package
        self._part = book.styles_part
        self._root: etree._Element | None = None
        self._made: dict[tuple[str, int], str] = {}

    def with_format(self, style: str, number_format: int) -> str | None:
        """Return the style that is like one, with a number format; None where there are no styles at all."""
        key = (style, number_format)
        if key not in self._made:
            xfs = self._xfs()
            if xfs is None:
                return None
            like = xfs[int(style)] if int(style) < len(xfs) else xfs[0]
            xf = _copy(like)
            xf.set("numFmtId", str(number_format))
            xf.set("applyNumberFormat", "1")
            self._made[key] = _add(xfs, xf)
        return self._made[key]

    def bold(self) -> str:
        """Return the style of a header: the usual one, bold."""
        key = ("bold", 0)
        if key not in self._made:
            xfs = self._xfs()
            fonts = self._root.find(q("fonts")) if self._root is not None else None
            if xfs is None or fonts is None or not len(fonts):
                return "0"
            font = _copy(fonts[0])
            if font.find(q("b")) is None:
                font.insert(0, etree.Element(q("b")))
            xf = _copy(xfs[0])
            xf.set("fontId", _add(fonts, font))
            xf.set("applyFont", "1")
            self._made[key] = _add(xfs, xf)
        return self._made[key]

    def save(self) -> None:
        """Put the part back, if anything was added."""
        if self._root is not None and self._made and self._part is not None:
            self._package.put(self._part, self._root)

    def _xfs(self) -> etree._Element | None:
        if self._root is None and self._part is not None and self._part in self._package.parts:
            self._root = self._package.xml(self._part)
        xfs = self._root.find(q("cellXfs")) if self._root is not None else None
        return xfs if xfs is not None and len(xfs) else None


def _copy(element: etree._Element) -> etree._Element:
    copied = etree.fromstring(etree.tostring(element, with_tail=False))
    assert isinstance(copied, etree._Element)
    return copied


def _add(parent: etree._Element, child: etree._Element) -> str:
    parent.append(child)
    parent.set("count", str(len(parent)))
    return str(len(parent) - 1)
