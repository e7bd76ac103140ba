"""The analyser: what is the same word, what stays whole, what a vector holds."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines import asked, codes, kinds, sentences, spanish
from engines.analysis import Analysis, Stale

PROSE = st.text(alphabet=st.sampled_from("aábcdeéñoúü AÑZ09.,;:¿?¡!º°/-\n«»()%$"), max_size=300)


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert spanish.fold(spanish.fold(text)) == spanish.fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("regularidad", "regular"),
        ("inasistencia", "INASISTENCIAS"),
        ("calificación", "calificaciones"),
        ("exámenes", "examen"),
        ("niño", "NINOS"),
        ("5to", "5.º"),
        (unicodedata.normalize("NFD", "dirección"), "direccion"),
    ],
)
def test_one_word_in_two_shapes_has_one_stem(one: str, other: str) -> None:
    assert spanish.words(one)[0].stem == spanish.words(other)[0].stem


def test_hashes_are_the_same_on_every_machine() -> None:
    assert spanish.hash_term("alumn") == 1_004_737_109
    assert spanish.grams("sol").tolist() == sorted(spanish.grams("SOL").tolist())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("según la Res. 1234/26", {"resolucion:1234/26", "1234/26"}),
        ("Resolución N.º 1234/2026", {"resolucion:1234/26", "1234/26"}),
        ("¿Qué dice el artículo 14?", {"articulo:14"}),
        ("conforme al art. 14 de la Ley 26.206", {"articulo:14", "ley:26206", "26206"}),
        ("los alumnos de 5.º B", {"5º", "5ºb"}),
        ("horario de 5to B", {"5º", "5ºb"}),
        ("el quinto año B", {"5º", "5ºb"}),
        ("el 14 de marzo de 2026", {"03-14", "2026-03-14"}),
        ("el 14/03/2026", {"03-14", "2026-03-14"}),
        ("talleres de E.S.I.", {"esi"}),
        ("la primera a la derecha", {"1º"}),
        ("sin nada que guardar", set()),
    ],
)
def test_codes_are_found_whole(text: str, expected: set[str]) -> None:
    assert set(codes.find(text)) == expected


def test_a_code_stays_besides_its_parts() -> None:
    stems = set(spanish.index("Se rige por la Res. 1234/26.").stems.indices.tolist())
    assert {spanish.hash_term(term) for term in ("1234", "26", "1234/26", "resolucion:1234/26")} <= stems


@given(PROSE)
def test_the_stored_analysis_comes_back_whole(text: str) -> None:
    analysis = spanish.analyse(text)
    again = Analysis.from_bytes(analysis.to_bytes())
    assert all(
        np.array_equal(getattr(analysis, name), getattr(again, name))
        for name in Analysis.__dataclass_fields__
    )
    assert again.to_bytes() == analysis.to_bytes()


@given(PROSE)
def test_every_word_of_the_analysis_is_one_of_the_text(text: str) -> None:
    analysis = spanish.analyse(text)
    assert analysis.stems[analysis.words].tolist() == [word.stem for word in spanish.words(text)]


def test_an_analysis_of_another_version_says_so() -> None:
    stored = bytearray(spanish.analyse("Una frase.").to_bytes())
    stored[0] += 1
    with pytest.raises(Stale):
        Analysis.from_bytes(bytes(stored))
    with pytest.raises(Stale):
        Analysis.from_bytes(b"")


@given(PROSE)
def test_vectors_hold_each_index_once(text: str) -> None:
    indexed = spanish.index(text, heading="Régimen académico")
    for vector in (indexed.stems, indexed.grams):
        assert len(set(vector.indices.tolist())) == len(vector.indices) == len(vector.values)
        assert (vector.values > 0).all()


def test_a_question_is_widened_by_synonyms_at_a_lower_weight() -> None:
    wide, narrow = spanish.query("alumno"), spanish.query("alumno", synonyms=False)
    weights = dict(zip(wide.stems.indices.tolist(), wide.stems.values.tolist(), strict=True))
    assert weights[spanish.words("alumnos")[0].stem] == 1.0
    assert weights[spanish.words("estudiantes")[0].stem] == pytest.approx(spanish.SYNONYM_WEIGHT)
    assert len(narrow.stems.indices) == 1


def test_a_question_of_stop_words_still_asks() -> None:
    assert len(spanish.query("¿y esto?").stems.indices)
    assert not len(spanish.query("").stems.indices)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("¿Cuándo empieza el receso?", kinds.DATE),
        ("¿cuantas inasistencias puedo tener?", kinds.NUMBER),
        ("¿Quién coordina la feria?", kinds.NAME),
        ("¿A qué hora se entra?", kinds.HOUR),
        ("¿Por qué se suspende?", kinds.REASON),
        ("régimen de convivencia", 0),
    ],
)
def test_a_question_tells_what_kind_it_asks_for(question: str, wanted: int) -> None:
    assert asked.read(question).wanted == wanted


@given(PROSE)
def test_sentences_follow_each_other_and_leave_only_space(text: str) -> None:
    at = 0
    for start, end in sentences.split(text):
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    "whole",
    [
        "Según el Art. 14 de la Res. N.º 12/26, el Sr. Pérez firma.",
        "Artículo 14.- Los alumnos asisten con uniforme.",
        "Artículo 14. Los alumnos asisten con uniforme.",
        "1. Presentar la nota en secretaría.",
        "La Dra. M. Gómez atiende a 5.º B.",
        "Ocurrió en 586 a. C. Judá ya no era un reino."[:23],
        "Los EE.UU. Mexicanos firmaron.",
    ],
)
def test_abbreviations_end_no_sentence(whole: str) -> None:
    assert [whole[start:end] for start, end in sentences.split(whole)] == [whole]


def test_sentences_lists_and_rows_are_cut() -> None:
    text = "Dijo que no. ¿Y entonces? Se votó.\n- Lunes: Lengua\n- Martes: Historia\nuna línea\nque sigue"
    assert [text[start:end] for start, end in sentences.split(text)] == [
        "Dijo que no.",
        "¿Y entonces?",
        "Se votó.",
        "- Lunes: Lengua",
        "- Martes: Historia\nuna línea\nque sigue",
    ]
