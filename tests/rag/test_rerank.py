"""The reranker on a small school's papers, its explanation, and what a dense score may do."""

from uuid import UUID

import pytest

from bench.sparse_index import SparseIndex
from engines import spanish
from rag.features import Candidate
from rag.rerank import Golden, Scored, calibrate_dense, rerank
from schools.ids import ChunkId

PAPERS = (
    (
        "Régimen académico",
        "Regularidad",
        "Artículo 12.- El estudiante perderá la condición de regular al superar las veinticinco (25) "
        "inasistencias en el ciclo lectivo. La reincorporación se pide por nota.",
    ),
    (
        "Régimen académico",
        "Calificaciones",
        "Artículo 14. La calificación mínima para aprobar cada espacio curricular es de siete (7) puntos. El "
        "boletín se entrega al cierre de cada trimestre.",
    ),
    (
        "Régimen académico",
        "Asistencia",
        "Artículo 11. Cada llegada tarde de hasta quince minutos equivale a media inasistencia. El alumno "
        "debe justificar sus faltas dentro de las 48 horas.",
    ),
    (
        "Reglamento de convivencia",
        "Uso del celular",
        "Artículo 8. El uso de teléfonos durante la clase queda sujeto a la autorización del docente.",
    ),
    (
        "Protocolo de salidas",
        "Retiro de estudiantes",
        "Los estudiantes solo pueden retirarse antes de hora con un adulto autorizado que firme el registro.",
    ),
    (
        "Circular 7/2026",
        "Reunión de familias",
        "La reunión de familias de 5.º B será el 14 de marzo de 2026 a las 18 horas en el salón de actos.",
    ),
    (
        "Circular 8/2026",
        "Aranceles",
        "La cuota de abril vence el día 10. El arancel de matrícula se fija por Res. 1234/26 del Consejo.",
    ),
    ("Horarios 2026", "5.º B", "Lunes: Matemática 7:30 a 8:50; Lengua 9:00 a 10:20."),
    ("Horarios 2026", "4.º B", "Lunes: Biología 7:30 a 8:50; Inglés 9:00 a 10:20."),
)
INDEXED = [spanish.index(text, heading=f"{title} {heading}") for title, heading, text in PAPERS]
STEMS, GRAMS = SparseIndex([one.stems for one in INDEXED]), SparseIndex([one.grams for one in INDEXED])


def _candidates(question: str, *, dense: dict[int, float] | None = None) -> list[Candidate]:
    vectors = spanish.query(question)
    stems, grams = STEMS.scores(vectors.stems), GRAMS.scores(vectors.grams)
    return [
        Candidate(
            ChunkId(UUID(int=at)),
            INDEXED[at].analysis,
            float(stems[at]) or None,
            float(grams[at]) or None,
            (dense or {}).get(at),
            title,
            (heading,),
        )
        for at, (title, heading, _) in enumerate(PAPERS)
    ]


def _best(question: str) -> tuple[str, Scored]:
    first = rerank(question, _candidates(question), chunks_in_school=len(PAPERS))[0]
    return PAPERS[first.chunk_id.int][1], first


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?", "Regularidad"),
        ("cuantas inasistensias antes de perder la regularidd", "Regularidad"),
        ("¿Qué dice el artículo 14?", "Calificaciones"),
        ("Res. 1234/26", "Aranceles"),
        ("Resolución N.º 1234/2026", "Aranceles"),
        ("horario de 5to B", "5.º B"),
        ("horario de quinto b", "5.º B"),
        ("¿Cuándo es la reunión de padres de 5.º B?", "Reunión de familias"),
        ("¿Quién puede retirar a un alumno antes de hora?", "Retiro de estudiantes"),
        ("¿Se puede usar el celular en clase?", "Uso del celular"),
    ],
)
def test_the_paper_that_answers_comes_first(question: str, heading: str) -> None:
    assert _best(question)[0] == heading


def test_the_score_is_the_sum_of_its_reasons() -> None:
    for scored in rerank("¿Qué dice el artículo 14?", _candidates("¿Qué dice el artículo 14?")):
        assert scored.score == pytest.approx(sum(scored.why.values()), abs=1e-3)
    assert "codes" in _best("¿Qué dice el artículo 14?")[1].why


def test_likelihoods_are_shares_of_one_and_support_tells_questions_apart() -> None:
    asked = "¿Cuántas inasistencias hacen perder la condición de regular?"
    ranked = rerank(asked, _candidates(asked), chunks_in_school=len(PAPERS))
    assert sum(one.prior for one in ranked) == pytest.approx(1.0)
    assert ranked[0].support > 0.7
    assert _best("¿Cuál es la capital de Francia?")[1].support < 0.3


def test_a_limit_keeps_the_best_and_nothing_gives_nothing() -> None:
    found = _candidates("cuota de abril")
    assert rerank("cuota de abril", found, limit=2) == rerank("cuota de abril", found)[:2]
    assert rerank("cuota de abril", []) == []


@pytest.mark.parametrize("question", ["", "¿?", "el de la", "zzzz qqqq"])
def test_a_question_that_says_nothing_is_ranked_without_error(question: str) -> None:
    assert len(rerank(question, _candidates(question))) == len(PAPERS)


def test_chunks_without_words_are_ranked_too() -> None:
    empty = Candidate(ChunkId(UUID(int=99)), spanish.analyse("***"))
    ranked = rerank("cuota de abril", [empty, *_candidates("cuota de abril")])
    assert len(ranked) == len(PAPERS) + 1
    assert ranked[0].chunk_id != empty.chunk_id
    assert [one.chunk_id for one in rerank("cuota", [empty])] == [empty.chunk_id]


def test_a_dense_score_weighs_as_much_as_it_was_given() -> None:
    asked = "momentos de descanso"  # no word in common with any paper
    found = _candidates(asked, dense={at: 0.9 if at == 4 else 0.1 for at in range(len(PAPERS))})
    assert rerank(asked, found, dense_weight=50.0)[0].chunk_id.int == 4
    without = [one.chunk_id for one in rerank(asked, _candidates(asked))]
    assert [one.chunk_id for one in rerank(asked, found, dense_weight=0.0)] == without


def test_calibration_trusts_a_good_embedder_and_leaves_out_a_bad_one() -> None:
    asked, right = "momentos de descanso", ChunkId(UUID(int=4))
    good = _candidates(asked, dense={at: float(at == 4) for at in range(len(PAPERS))})
    bad = _candidates("Res. 1234/26", dense={at: float(at == 4) for at in range(len(PAPERS))})
    assert calibrate_dense([Golden(asked, good, right)]) > 0
    assert calibrate_dense([Golden("Res. 1234/26", bad, ChunkId(UUID(int=6)))]) == 0
