"""What drawings in Office files say: descriptions of pictures, the values of charts, the words of diagrams."""

import re
from collections.abc import Iterator

from lxml import etree

from documents.parsers import tidy

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_SAYING = (
    f"{A}t",
    f"{A}blip",
    f"{C}chart",
    f"{DGM}relIds",
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t",
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}t",
)
MAX_POINTS = 1_000
MAX_SERIES = 60
MAX_SHAPES = 2_000
# What programs write where nobody described the picture.
_MADE_UP = re.compile(
    r"\s*(?:Descripción generada automáticamente|Description automatically generated)(?: con .*)?\.?\s*$"
    r"|^(?:imagen|picture|image|gráfico|graphic|foto)\s*\d*$"
    r"|^\S*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)$|^(?:https?://|[A-Za-z]:\\)\S*$",
    re.IGNORECASE,
)


def chosen(alternatives: etree._Element) -> etree._Element | None:
    """Return the one of several forms of a drawing that is read: the newest that says something."""
    forms = [each for each in alternatives if each.tag in {f"{MC}Choice", f"{MC}Fallback"}]
    says = (each for each in forms if next(each.iter(*_SAYING), None) is not None)
    return next(says, forms[0] if forms else None)


def description(properties: etree._Element | None) -> str:
    """Return the alternative text that somebody wrote for a picture, "" when a program did."""
    if properties is None:
        return ""
    return described(str(properties.get("descr") or properties.get("alt") or properties.get("title") or ""))


def described(text: str) -> str:
    """Return a description of a picture, "" when no person wrote it."""
    return _MADE_UP.sub("", tidy.line(text)).strip()


def chart_title(chart: etree._Element) -> str:
    """Return the title that a chart shows, "" for none."""
    title = chart.find(f"{C}chart/{C}title")
    return "" if title is None else tidy.line("".join(_runs(title)))


def chart_rows(chart: etree._Element) -> list[list[str]]:
    """Return the values of a chart as they were last computed: a row per category, a column per series."""
    series = list(chart.iter(f"{C}ser"))[:MAX_SERIES]
    categories: dict[int, str] = {}
    columns: list[tuple[str, dict[int, str]]] = []
    for each in series:
        for name in ("cat", "xVal"):
            for index, text in _points(each.find(f"{C}{name}")).items():
                categories.setdefault(index, text)
        values = _points(each.find(f"{C}val")) or _points(each.find(f"{C}yVal"))
        if values:
            columns.append((tidy.line(" ".join(_points(each.find(f"{C}tx")).values())), values))
    if not columns:
        return []
    indexes = sorted({index for _, values in columns for index in values} | set(categories))[:MAX_POINTS]
    return [
        ["", *(name for name, _ in columns)],
        *(
            [categories.get(index, ""), *(values.get(index, "") for _, values in columns)]
            for index in indexes
        ),
    ]


def diagram_lines(data: etree._Element) -> Iterator[tuple[int, str]]:
    """Yield depth (from 0) and words of every node of a diagram that has words, parents before children."""
    words: dict[str, str] = {}
    for node in list(data.iter(f"{DGM}pt"))[:MAX_SHAPES]:
        if node.get("type", "node") in {"node", "asst"}:
            paragraphs = ("".join(_runs(found)) for found in node.iter(f"{A}p"))
            words[str(node.get("modelId"))] = tidy.line(" ".join(paragraphs))
    children: dict[str, list[tuple[int, str]]] = {}
    orders: dict[str, int] = {}
    inner = set()
    for link in list(data.iter(f"{DGM}cxn"))[: 2 * MAX_SHAPES]:
        source, aim = str(link.get("srcId")), str(link.get("destId"))
        if link.get("type", "parOf") == "parOf" and aim in words:
            orders[aim] = _order(link.get("srcOrd"))
            children.setdefault(source, []).append((orders[aim], aim))
            if source in words:
                inner.add(aim)
    roots = sorted((each for each in words if each not in inner), key=lambda each: orders.get(each, 0))
    told: set[str] = set()
    waiting = [(0, each) for each in reversed(roots)]
    while waiting:
        depth, told_now = waiting.pop()
        if told_now in told:
            continue
        told.add(told_now)
        if words[told_now]:
            yield depth, words[told_now]
        below = depth + 1 if words[told_now] else depth
        waiting += [(below, aim) for _, aim in sorted(children.get(told_now, ()), reverse=True)]


def _points(holder: etree._Element | None) -> dict[int, str]:
    """Return the cached values below a reference, by their index."""
    if holder is None:
        return {}
    found: dict[int, str] = {}
    for point in holder.iter(f"{C}pt"):
        index, value = str(point.get("idx", "")), point.findtext(f"{C}v")
        if index.isdigit() and len(index) < 7 and value and len(found) < MAX_POINTS:
            found[int(index)] = _shown(tidy.line(value), _format_of(point))
    if not found and (text := holder.findtext(f"{C}v")):
        found[0] = tidy.line(text)
    return found


def _format_of(point: etree._Element) -> str:
    cache = point.getparent()
    code = None if cache is None else cache.findtext(f"{C}formatCode")
    return str(point.get("formatCode") or code or "")


def _shown(value: str, form: str) -> str:
    """Return a number with the Spanish comma, and as a percentage where the chart shows one."""
    try:
        number = float(value)
    except ValueError:
        return value
    if "%" in form:
        return f"{number * 100:.10g}".replace(".", ",") + " %"
    return f"{number:.10g}".replace(".", ",") if form else value


def _runs(element: etree._Element) -> Iterator[str]:
    yield from (text.text or "" for text in element.iter(f"{A}t"))


def _order(text: object) -> int:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 7 else 0
