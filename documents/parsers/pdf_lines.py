"""The words of a PDF page with their boxes, and the lines they stand on."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsers import tidy
from documents.parsers.pdf_forms import Written
from documents.places import Box

# pdfium writes one of these for a hyphen at the end of a line and leaves the line break out.
_LINE_HYPHENS = "\x02\ufffe"
_WORDS = re.compile(rf"[^\s{_LINE_HYPHENS}]+[{_LINE_HYPHENS}]?|[\r\n]+|[{_LINE_HYPHENS}]")
# Characters that tell that a font has no map to letters.
_GARBLED = re.compile("[\x00\x01\x03-\x08\x0b\x0c\x0e-\x1f\ue000-\uf8ff\ufffd]")
_FORCE_BOLD = 1 << 18
_BOLD_NAME = re.compile(rb"bold|black|heavy|negr", re.IGNORECASE)
WIDE_GAP_HEIGHTS = 1.6
FAR_PT = 1e6
MIN_SIZE_PT = 0.1
ANGLE_SAMPLES = 24
MAX_SAMPLED_OBJECTS = 400


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    shown: Box  # on the page as a reader sees it
    flat: Box  # the same, turned so that most of the page's text runs left to right
    first_char: int  # pdfium's index
    is_doubtful: bool = False  # recognised with little certainty


@dataclass(frozen=True, slots=True)
class Line:
    words: tuple[Word, ...]
    box: Box  # flat
    size: float  # height of its letters' line, points
    is_bold: bool
    cells: tuple[
        tuple[tuple[Word, ...], ...], ...
    ] = ()  # of a whole table, which goes through the page as one line

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class PageText:
    lines: tuple[Line, ...]  # in the file's own order, split at wide gaps
    width: float  # of the flat page
    height: float
    chars: int
    garbled_chars: int
    turn: int  # degrees by which most of its text is turned as shown, anticlockwise
    rules: tuple[Box, ...] = ()  # horizontal strokes, flat

    def flatten(self, box: Box) -> Box:
        """Return a box of the page as shown on the flat page."""
        sideways = self.turn in (90, 270)
        width, height = (self.height, self.width) if sideways else (self.width, self.height)
        return _flattener(self.turn, width, height)[0](box)


def read_page(page: pypdfium2.PdfPage, written: Sequence[Written] = ()) -> PageText:
    """Return the words and lines of one page, as far as it holds text at all, and those written on top of it."""
    textpage = page.get_textpage()
    try:
        handle = textpage.raw
        text = _characters(handle, textpage.count_chars())
        width, height = page.get_size()
        show = shower(page)
        turn = _angle(handle, text, page.get_rotation())
        flatten, width, height = _flattener(turn, width, height)
        lines = tuple(
            Line(words, around([word.flat for word in words]), _size(words), _is_bold(handle, words))
            for words in _lines(handle, text, show, flatten, is_turned=turn != 0)
        )
        garbled = len(_GARBLED.findall(text))
        lines += tuple(_line_of(one, show, flatten) for one in written if one.text)
        return PageText(lines, width, height, len(text), garbled, turn)
    finally:
        textpage.close()


def _line_of(one: Written, show: Callable[[Box], Box], flatten: Callable[[Box], Box]) -> Line:
    shown = show(one.box)
    flat = flatten(shown)
    word = Word(one.text, shown, flat, -1)
    return Line((word,), flat, flat[3] - flat[1], is_bold=False)


def is_hidden(page: pypdfium2.PdfPage) -> bool:
    """Say whether most of a page's text is drawn invisibly, as recognition puts it behind a scan."""
    kinds = []
    for index in range(min(pdfium.FPDFPage_CountObjects(page.raw), MAX_SAMPLED_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page.raw, index)
        if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_TEXT:
            kinds.append(pdfium.FPDFTextObj_GetTextRenderMode(item))
    return 2 * kinds.count(pdfium.FPDF_TEXTRENDERMODE_INVISIBLE) > len(kinds)


def _characters(handle: object, count: int) -> str:
    """Return one character per index of pdfium, whatever it leaves out of its own text."""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(handle, 0, count, buffer)
    if written == count + 1:
        text = bytes(buffer)[: 2 * count].decode("utf-16-le", errors="surrogatepass")
        if len(text) == count:
            return text
    codes = (pdfium.FPDFText_GetUnicode(handle, index) for index in range(count))
    return "".join(chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd" for code in codes)


def _lines(
    handle: object,
    text: str,
    show: Callable[[Box], Box],
    flatten: Callable[[Box], Box],
    *,
    is_turned: bool,
) -> Iterator[tuple[Word, ...]]:
    get_box, rect = pdfium.FPDFText_GetLooseCharBox, pdfium.FS_RECTF()
    pointer = ctypes.byref(rect)
    line: list[Word] = []
    for match in _WORDS.finditer(text):
        raw, first = match.group(), match.start()
        if raw[0] in "\r\n":
            if line:
                yield tuple(line)
                line = []
            continue
        hyphenated = raw[-1] in _LINE_HYPHENS
        word = tidy.word(raw[:-1] + "-" if hyphenated else raw)
        if not word or not get_box(handle, first, pointer):
            continue
        x0, y0, x1, y1 = rect.left, rect.bottom, rect.right, rect.top
        if len(raw) > 1 and get_box(handle, first + len(raw) - 1, pointer):
            left, bottom, right, top = rect.left, rect.bottom, rect.right, rect.top
            x0, y0 = left if left < x0 else x0, bottom if bottom < y0 else y0
            x1, y1 = right if right > x1 else x1, top if top > y1 else y1
        if not (-FAR_PT < x0 <= x1 < FAR_PT and -FAR_PT < y0 <= y1 < FAR_PT):  # nowhere, or no number
            continue
        shown = show((x0, y0, x1, y1))
        flat = flatten(shown) if is_turned else shown
        if line and _is_apart(line[-1].flat, flat):
            yield tuple(line)
            line = []
        line.append(Word(word, shown, flat, first))
        if hyphenated:
            yield tuple(line)
            line = []
    if line:
        yield tuple(line)


def _is_apart(before: Box, box: Box) -> bool:
    """Say whether two words that pdfium put on one line belong to different columns or lines."""
    high_before, high = before[3] - before[1], box[3] - box[1]
    height = (
        high_before if high_before < high else high
    )  # for every word: a call of min costs more than all of this
    gap = box[0] - before[2]
    if gap > WIDE_GAP_HEIGHTS * height or gap < -WIDE_GAP_HEIGHTS * height:
        return True
    top = before[1] if before[1] > box[1] else box[1]
    bottom = before[3] if before[3] < box[3] else box[3]
    return bottom - top < 0.2 * height


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds all of `boxes`."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _size(words: tuple[Word, ...]) -> float:
    return max(MIN_SIZE_PT, median(word.flat[3] - word.flat[1] for word in words))


def _is_bold(handle: object, words: tuple[Word, ...]) -> bool:
    """Say whether the whole line is bold, judged by its first, middle and last word."""
    return all(
        _has_bold_font(handle, words[index].first_char) for index in {0, len(words) // 2, len(words) - 1}
    )


def _has_bold_font(handle: object, index: int) -> bool:
    name, flags = ctypes.create_string_buffer(96), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, index, name, 96, ctypes.byref(flags))
    if _BOLD_NAME.search(name.value) or flags.value & _FORCE_BOLD:
        return True
    return bool(pdfium.FPDFText_GetFontWeight(handle, index) >= 600)


def shower(page: pypdfium2.PdfPage) -> Callable[[Box], Box]:
    """Return the way from the page's own axes (origin bottom left) to the page as shown (origin top left)."""
    left, bottom, right, top = page.get_bbox()
    match page.get_rotation():
        case 90:
            return lambda box: (box[1] - bottom, box[0] - left, box[3] - bottom, box[2] - left)
        case 180:
            return lambda box: (right - box[2], box[1] - bottom, right - box[0], box[3] - bottom)
        case 270:
            return lambda box: (top - box[3], right - box[2], top - box[1], right - box[0])
    return lambda box: (box[0] - left, top - box[3], box[2] - left, top - box[1])


def _angle(handle: object, text: str, rotation: int) -> int:
    """Return by how many degrees (0, 90, 180, 270, anticlockwise) most of the text is turned as shown."""
    step = max(1, len(text) // ANGLE_SAMPLES)
    votes: Counter[int] = Counter()
    for start in range(0, len(text), step):
        index = next(
            (at for at in range(start, min(start + step, len(text))) if not text[at].isspace()), None
        )
        if index is not None:
            degrees = -math.degrees(pdfium.FPDFText_GetCharAngle(handle, index)) - rotation  # both clockwise
            votes[round(degrees / 90) * 90 % 360] += 1
    return votes.most_common(1)[0][0] if votes else 0


def _flattener(angle: int, width: float, height: float) -> tuple[Callable[[Box], Box], float, float]:
    """Return the way from the page as shown to one whose text runs left to right, and that page's size."""
    match angle:
        case 90:
            return lambda box: (height - box[3], box[0], height - box[1], box[2]), height, width
        case 180:
            return (
                lambda box: (width - box[2], height - box[3], width - box[0], height - box[1]),
                width,
                height,
            )
        case 270:
            return lambda box: (box[1], width - box[2], box[3], width - box[0]), height, width
    return lambda box: box, width, height
