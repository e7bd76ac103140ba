"""Exports are read again by parsers that are not ours, and what somebody said is never obeyed."""

import io
import json as stdlib_json
import re
import unicodedata
import zipfile
from datetime import date
from itertools import pairwise
from typing import Any

import docx as python_docx
import pypdfium2
import pytest
import srt as srt_parser
import webvtt
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.transcription.made import TRUTH, Said, words
from transcription.exporting import FORMATS, file_name
from transcription.exports import docx, json, md, pdf, srt, txt, vtt
from transcription.exports.cues import CUE_MOST_MS, LINE_MOST_CHARS, cues
from transcription.exports.told import Line, Segment, Summary, Task, Told, Word

HOSTILE = {
    "typst": '#read("/etc/passwd") #import "@preview/x:0.1.0" \\ " \' $x$ *no* _no_ <etiqueta> @cita = título',
    "subtitles": "5 00:00:01,000 --> 00:00:02,000 </v><b>no</b> &amp; NOTE <v Otra>",
    "markdown": "# no 1. no | no | `no` ![no](x) <script>alert(1)</script> [a]: b ~~no~~ &lt; a\\",
    "formula": '=HYPERLINK("http://a.example";"no") +1 -1 @SUM(A1)',
    "controls": "antes\x00\x07\x1b[31m \u202eatrás\u202c \ud800 después\u2028fin",
    "emoji": "👩🏽‍🏫 aula 3️⃣ ñandú 漢字 עברית",
    "long": "a" * 300,
}
CLEAN = {name: text for name, text in HOSTILE.items() if name != "controls"}


def _told(said: list[Said] = TRUTH, **facts: Any) -> Told:
    names = list(dict.fromkeys(who for who, *_rest in said if who))
    segments = tuple(
        Segment(
            from_s,
            to_s,
            text,
            names.index(who) + 1 if who else None,
            who,
            0.9,
            tuple(Word(*word) for word in words(text, from_s, to_s)),
        )
        for who, from_s, to_s, text in said
    )
    return Told(
        **{
            "title": "Claustro de marzo",
            "school": "Escuela Norte",
            "recorded_on": date(2026, 3, 5),
            "duration_s": 46.85,
            "speakers": tuple(names),
            "segments": segments,
            "engines": ("whisper-small",),
            **facts,
        }
    )


WHOLE = _told(
    summary=Summary(
        bullets=(Line("Se decidió formar a los profesores.", 11.9, 14.5),),
        risks=(Line("El presupuesto depende de la provincia.", 18.0, 20.0),),
        topics=(Line("Plataforma digital", 11.9, 20.0),),
    ),
    tasks=(
        Task("Avisar a las familias", "Lucía", date(2026, 3, 6), "mañana", "Pendiente", "open", "", 31.2),
    ),
    warnings=("Quién habla se distinguió de manera aproximada: puede haber errores.",),
)


def _hostile(text: str) -> Told:
    return _told(
        [(text, 0.0, 4.0, text), ("Pablo", 4.5, 6.0, "Bien.")],
        title=text,
        school=text,
        summary=Summary(bullets=(Line(text, 0.0, 4.0),), made_by=text),
        tasks=(Task(text, text, None, text, "Pendiente", "open", text, 1.0),),
        warnings=(text,),
    )


def _pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def _docx_text(content: bytes) -> str:
    document = python_docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def _bare(text: str) -> str:
    """Return the text as it is told apart from another however lines were broken and letters joined."""
    return re.sub(r"[\s\u200b\ufffe\xad-]", "", unicodedata.normalize("NFKC", text))


# --- what is told comes out whole -----------------------------------------------------------------------------------


def test_subrip_is_what_was_said_at_its_seconds() -> None:
    told = list(srt_parser.parse(srt.render(WHOLE).decode()))
    assert [each.index for each in told] == list(range(1, len(told) + 1))
    assert told[0].start.total_seconds() == pytest.approx(0.538, abs=0.001)
    said = " ".join(each.content.replace("\n", " ").removeprefix("– ") for each in told)
    assert said == " ".join(text for *_rest, text in TRUTH)
    # A dash where somebody else begins, and nowhere else.
    changes = sum(1 for one, other in pairwise(TRUTH) if one[0] != other[0])
    assert sum(each.content.startswith("– ") for each in told) == changes
    assert b"\r\n" in srt.render(WHOLE) and b"\xef\xbb\xbf" not in srt.render(WHOLE)


def test_webvtt_names_who_speaks() -> None:
    told = webvtt.from_string(vtt.render(WHOLE).decode()).captions
    assert {each.voice for each in told} == {"Marta", "Pablo", "Lucía"}
    assert " ".join(each.text.replace("\n", " ") for each in told) == " ".join(text for *_rest, text in TRUTH)


def test_json_has_every_word_and_what_came_of_it() -> None:
    told = stdlib_json.loads(json.render(WHOLE))
    assert [each["text"] for each in told["segments"]] == [text for *_rest, text in TRUTH]
    first = told["segments"][0]
    assert (first["speaker"], first["speaker_name"], first["t0"]) == (1, "Marta", 0.538)
    assert " ".join(word[0] for word in first["words"]) == first["text"]
    assert told["actions"][0]["due"] == "2026-03-06"
    assert told["summary"]["risks"][0]["text"] == "El presupuesto depende de la provincia."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda: md.render(WHOLE).decode(), id="md"),
        pytest.param(lambda: _pdf_text(pdf.render(WHOLE)), id="pdf"),
        pytest.param(lambda: _docx_text(docx.render(WHOLE)), id="docx"),
    ],
)
def test_what_is_to_be_read_has_summary_tasks_and_every_sentence(text: Any) -> None:
    found = _bare(text())
    for said in [
        *(each[3] for each in TRUTH),
        "Claustro de marzo", "Escuela Norte", "5 de marzo de 2026", "Se decidió formar a los profesores.",
        "Avisar a las familias", "6 de marzo de 2026", "de manera aproximada", "sin modelo de lenguaje",
    ]:  # fmt: skip
        assert _bare(said) in found, said


def test_plain_text_is_what_was_said_by_whom_and_when() -> None:
    text = txt.render(WHOLE).decode()
    assert "[0:08] Pablo: Yo soy Pablo, el jefe de estudios.\n" in text
    assert all(said in text for *_rest, said in TRUTH) and "de manera aproximada" in text
    assert "Se decidió" not in text


def test_a_docx_has_headings_and_a_table_and_no_trace_of_who_made_it() -> None:
    content = docx.render(WHOLE)
    document = python_docx.Document(io.BytesIO(content))
    styles = {each.text: each.style.name for each in document.paragraphs if each.style}
    assert styles["Claustro de marzo"] == "Title" and styles["Transcripción"] == "Heading 1"
    assert [cell.text for cell in document.tables[0].rows[1].cells][:2] == ["Avisar a las familias", "Lucía"]
    facts = document.core_properties
    assert facts.title == "Claustro de marzo"
    assert (facts.author, facts.last_modified_by, facts.comments, facts.keywords) == ("", "", "", "")
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        assert not any(b"python-docx" in held.read(name) for name in held.namelist())


# --- nothing that was said is obeyed --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_come_out_as_they_are(name: str) -> None:
    told = _hostile(HOSTILE[name])
    wanted = _bare(told.title)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2028]", told.title)
    assert wanted in _bare(txt.render(told).decode())
    assert stdlib_json.loads(json.render(told))["segments"][0]["text"] == told.title
    assert wanted in _bare(_docx_text(docx.render(told)))

    paper = _pdf_text(pdf.render(told))
    assert "root:" not in paper
    if name not in ("emoji", "controls"):  # letters that no font at hand has come out as boxes
        assert wanted in _bare(paper)

    read = list(srt_parser.parse(srt.render(told).decode()))
    assert len(read) == len(cues(told.segments))
    said = "".join(each.content for each in read).replace("–", "")
    assert _bare(said) == _bare(told.title.replace("-->", "→") + "Bien.")

    shown = webvtt.from_string(vtt.render(told).decode()).captions
    unescaped = (
        "".join(each.text for each in shown).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    )
    assert _bare(unescaped) == _bare(told.title + "Bien.")


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_shows_hostile_texts_as_they_are(name: str) -> None:
    told = _hostile(HOSTILE[name])
    tokens = (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .parse(md.render(told).decode())
    )
    inner = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inner} <= {
        "text", "text_special", "softbreak", "strong_open", "strong_close", "em_open", "em_close",
    }  # fmt: skip
    assert not any(token.type.startswith("html") for token in tokens)
    for kind in ("heading_open", "td_open"):
        at = next(index for index, token in enumerate(tokens) if token.type == kind)
        assert _bare("".join(child.content for child in tokens[at + 1].children or [])) == _bare(told.title)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Claustro de marzo", "Claustro de marzo.srt"),
        ('a/b\\c:d*e?"<>|f', "a b c d e f.srt"),
        ("..", "transcripción.srt"),
        ("\x00\u202egpj.exe", "gpj.exe.srt"),
        ("x" * 300, "x" * 100 + ".srt"),
        ("../../etc/passwd\r\nX: y", "etc passwd X y.srt"),
    ],
)
def test_a_file_is_named_after_its_title_safely(title: str, name: str) -> None:
    assert file_name(title, "srt") == name


def test_an_empty_transcript_is_still_a_file_in_every_format() -> None:
    for module in FORMATS.values():
        assert isinstance(module.render(_told([], title="Vacía")), bytes)


# --- reading rules --------------------------------------------------------------------------------------------------

_WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["el", "de", "la", "reunión", "familias.", "mañana,", "25", "%", "Marta", "López", "sí", "¿no?"]
        ),
        st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "So")), min_size=1, max_size=90),
    ),
    min_size=1,
    max_size=30,
)
_SPOKEN = st.lists(
    st.tuples(
        st.integers(1, 3),
        _WORDS,
        st.floats(0, 30),  # after the one before began: they may speak at once
        st.floats(0, 40),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=80)
@given(_SPOKEN, st.booleans())
@example([(1, ["a" * 300, "b" * 43, "c" * 42], 0.0, 0.0)], True)
@example([(1, ["hola"] * 30, 0.0, 0.0), (2, ["c" * 42], 0.0, 0.0), (1, ["d" * 41, "e"], 0.0, 40.0)], True)
def test_cues_keep_the_reading_rules_whatever_is_said(
    spoken: list[tuple[int, list[str], float, float]], dashes: bool
) -> None:
    at, segments = 0.0, []
    for number, said, gap_s, length_s in spoken:
        at += gap_s
        text = " ".join(said)
        told = tuple(Word(*word) for word in words(text, at, at + length_s))
        segments.append(Segment(at, at + length_s, text, number, str(number), 0.9, told))
    segments = [each for each in segments if each.text]
    found = cues(segments, dashes=dashes)
    for cue in found:
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < len(line) <= LINE_MOST_CHARS for line in cue.lines)
        assert 0 < cue.to_ms - cue.from_ms <= CUE_MOST_MS
    for one, other in pairwise(found):
        assert one.to_ms <= other.from_ms
    ordered = sorted(segments, key=lambda each: (each.from_s, each.to_s))
    said_all = "".join("".join(each.text.split()) for each in ordered)
    shown = "".join(line.removeprefix("– ") if dashes else line for cue in found for line in cue.lines)
    assert shown.replace(" ", "") in (said_all, said_all.replace("–", "")) or "–" in said_all


def test_lines_are_broken_where_one_breathes() -> None:
    said = (
        "El acto del 25 de mayo se hará en el patio de la escuela, y lo va a organizar la señora Ana Laura Gómez "
        "con 350 alumnos de primaria. Después seguimos con el presupuesto."
    )
    told = _told([("Marta", 0.0, 12.0, said)])
    lines = [line for cue in cues(told.segments) for line in cue.lines]
    joints = list(
        zip((line.split()[-1] for line in lines), (line.split()[0] for line in lines[1:]), strict=False)
    )
    for left, right in joints:
        assert (left, right) not in {("25", "de"), ("350", "alumnos"), ("Ana", "Laura"), ("Laura", "Gómez")}
        assert left not in {"el", "del", "de", "la", "señora", "y", "con", "en"}
    assert ("primaria.", "Después") in joints


def test_a_short_answer_stays_a_second_where_nobody_else_speaks() -> None:
    told = _told(
        [("Marta", 0.0, 0.2, "Sí."), ("Pablo", 5.0, 5.1, "No."), ("Marta", 5.4, 8.0, "Bueno, seguimos.")]
    )
    first, second, _third = cues(told.segments)
    assert first.to_ms - first.from_ms == 1000
    assert second.to_ms == 5400
