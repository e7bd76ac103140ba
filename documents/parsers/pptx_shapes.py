"""The shapes of a slide in reading order, each with what it inherits from the layout and the master."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from documents.outline import MAX_HEADING_CHARS
from documents.parsers.office_drawings import MC, A, chosen
from documents.parsers.slide_order import Area, in_order

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_TITLES = frozenset(("title", "ctrTitle"))
MAX_TITLE_CHARS = 2 * MAX_HEADING_CHARS
MAX_SHAPES = 5_000  # of one slide
MAX_DEPTH = 40
_SHAPES = frozenset((f"{P}sp", f"{P}pic", f"{P}graphicFrame", f"{P}grpSp", f"{P}cxnSp"))
_BODY_STYLES = {"title": "titleStyle", "ctrTitle": "titleStyle", "other": "otherStyle"}
# What makes a shape worth reading; frames and lines without it would only blur the order.
_SAYING = (f"{A}t", f"{A}blip", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t")


@dataclass(frozen=True, slots=True)
class Shape:
    element: etree._Element
    role: str  # of a placeholder: title, ctrTitle, subTitle, body, ftr…; "" for other shapes
    settings: tuple[etree._Element, ...]  # lists of level settings above its own, nearest first
    area: Area | None  # None where neither it nor what it inherits says
    children: tuple["Shape", ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands behind a slide."""

    layout: etree._Element | None
    master: etree._Element | None

    @property
    def kind(self) -> str:
        """What the layout is for: title, secHead, blank…"""
        return "" if self.layout is None else str(self.layout.get("type", ""))


def shapes(slide: etree._Element, ground: Ground) -> list[Shape]:
    """Return the visible shapes of a slide: top to bottom, left to right, the title first."""
    tree = slide.find(f"{P}cSld/{P}spTree")
    if tree is None:
        return []
    found = list(_shapes(tree, ground, depth=0))[:MAX_SHAPES]
    # Some designs have many titles on a slide, or fill one with prose: the first short one is.
    titles = [shape for shape in found if is_title(shape)][:1]
    others = [shape for shape in found if shape not in titles]
    placed = [(shape.area, shape) for shape in others]
    return [*titles, *(shape for _, shape in in_order(placed))]


def is_title(shape: Shape) -> bool:
    """Say whether a shape may be the title of its slide."""
    chars = sum(len((text.text or "").strip()) for text in shape.element.iter(f"{A}t"))
    return shape.role in _TITLES and 0 < chars <= MAX_TITLE_CHARS


def _shapes(tree: etree._Element, ground: Ground, *, depth: int) -> Iterator[Shape]:
    for child in tree:
        if child.tag == f"{MC}AlternateContent":
            form = chosen(child)
            if form is not None and depth < MAX_DEPTH:
                yield from _shapes(form, ground, depth=depth + 1)
        elif child.tag in _SHAPES and not _is_hidden(child) and not _is_empty(child):
            yield _shape(child, ground, depth=depth)


def _shape(element: etree._Element, ground: Ground, *, depth: int) -> Shape:
    if element.tag == f"{P}grpSp":
        inside = list(_shapes(element, ground, depth=depth + 1)) if depth < MAX_DEPTH else []
        children = tuple(shape for _, shape in in_order([(each.area, each) for each in inside]))
        return Shape(element, "", (), _area(element), children)
    mark = _placeholder(element)
    if mark is None:
        settings = _master_settings(ground.master, "other")
        return Shape(element, "", tuple(settings), _area(element))
    role = str(mark.get("type", "obj"))
    in_layout = _match(ground.layout, mark)
    in_master = _match(ground.master, mark)
    above = [found for found in (in_layout, in_master) if found is not None]
    settings = [
        found for shape in above if (found := shape.find(f"{P}txBody/{A}lstStyle")) is not None
    ] + _master_settings(ground.master, role)
    areas = (area for shape in (element, *above) if (area := _area(shape)) is not None)
    return Shape(element, role, tuple(settings), next(areas, None))


def _is_hidden(element: etree._Element) -> bool:
    properties = element.find(f"./*/{P}cNvPr")
    return properties is not None and properties.get("hidden") in {"1", "true"}


def _is_empty(element: etree._Element) -> bool:
    return element.tag in {f"{P}sp", f"{P}cxnSp"} and next(element.iter(*_SAYING), None) is None


def _placeholder(element: etree._Element) -> etree._Element | None:
    return element.find(f"./*/{P}nvPr/{P}ph")


def _match(ground: etree._Element | None, mark: etree._Element) -> etree._Element | None:
    """Return the shape of a layout or a master that a placeholder fills: by its number, else by its role."""
    if ground is None:
        return None
    role, number = str(mark.get("type", "obj")), mark.get("idx")
    alike = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}
    by_role: etree._Element | None = None
    for found in ground.iterfind(f"{P}cSld/{P}spTree/{P}sp"):
        other = _placeholder(found)
        if other is None:
            continue
        if number is not None and other.get("idx") == number and ground.tag == f"{P}sldLayout":
            return found
        kind = str(other.get("type", "obj"))
        if by_role is None and alike.get(kind, kind) == alike.get(role, role):
            by_role = found
    return by_role


def _master_settings(master: etree._Element | None, role: str) -> list[etree._Element]:
    name = _BODY_STYLES.get(role, "bodyStyle")
    found = None if master is None else master.find(f"{P}txStyles/{P}{name}")
    return [] if found is None else [found]


def _area(element: etree._Element) -> Area | None:
    frame = element.find(f"{P}xfrm")
    if frame is None:
        frame = element.find(f"./{P}spPr/{A}xfrm")
    if frame is None:
        frame = element.find(f"./{P}grpSpPr/{A}xfrm")
    offset, size = (None, None) if frame is None else (frame.find(f"{A}off"), frame.find(f"{A}ext"))
    if offset is None or size is None:
        return None
    try:
        x, y = int(offset.get("x", "")), int(offset.get("y", ""))
        width, height = int(size.get("cx", "")), int(size.get("cy", ""))
    except ValueError:
        return None
    return float(x), float(y), float(x + max(1, width)), float(y + max(1, height))
