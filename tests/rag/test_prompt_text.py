"""A prompt's text holds words and declared variables, and rendering it puts in nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import prompt_text
from rag.prompt_diff import Kind, Line, Span, compare, variables_changed
from rag.prompt_text import BadText, Variable, check, names, render

COURSE = Variable("curso", "El curso", "5.º B")
# Pieces that a hostile or clumsy author would put together.
PIECES = st.one_of(
    st.sampled_from(
        ["{{", "}}", "{{{{", "{", "}", "{{curso}}", "{{ fecha }}", "{{nadie}}", "{{x.y}}", "{%", " ", "\n"]
    ),
    st.text(max_size=12),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def _refused(text: str, *declared: Variable) -> BadText:
    with pytest.raises(BadText) as refused:
        check(text, declared)
    return refused.value


def test_each_variable_is_replaced_by_its_value() -> None:
    text, kept = check("  Hola, {{curso}} de {{ escuela }}.\r\nUsar { y }}. {{{{curso}} \n", [COURSE])
    assert text == "  Hola, {{curso}} de {{ escuela }}.\nUsar { y }}. {{{{curso}}"
    assert kept == (COURSE,)
    assert (
        render(text, {"curso": "5.º B", "escuela": "Norte"})
        == "  Hola, 5.º B de Norte.\nUsar { y }}. {{curso}}"
    )


@pytest.mark.parametrize("value", ["{{escuela}}", "{{{{", "}}{{rol}}", "{% now %}", "\\1 \\g<0>"])
def test_a_value_stays_what_it_is(value: str) -> None:
    assert render("[{{curso}}|{{escuela}}]", {"curso": value, "escuela": "Norte"}) == f"[{value}|Norte]"


@pytest.mark.parametrize(
    "inside",
    ["", " ", "curso.name", "curso|safe", "curso[0]", "curso()", "Curso", "año", "1a", "_x", "a b", "a\nb", "{curso}",
     "% if x %", "__class__", "a" * 41, "self.__init__.__globals__"],
)  # fmt: skip
def test_anything_else_in_two_braces_is_refused_where_it_stands(inside: str) -> None:
    refused = _refused(f"Uno\ndos {{{{{inside}}}}}", COURSE)
    assert refused.field == "text"
    assert refused.detail.startswith("Línea 2, posición 5: ")


@pytest.mark.parametrize(
    ("text", "declared", "field", "says"),
    [
        ("", (), "text", "Falta escribir"),
        (" \n ", (), "text", "Falta escribir"),
        ("a" * 8_001, (), "text", "este tiene 8001"),
        ("hola\0", (), "text", "Línea 1, posición 5"),
        ("\u202ealoh", (), "text", "no se ve"),
        ("{{escuela}}" * 101, (), "text", "100 veces"),
        ("{{curso}} {{turno}} {{aula}}", (COURSE,), "variables", "no están declaradas: {{turno}}, {{aula}}."),
        ("{{curso}}", (COURSE, COURSE), "variables", "mismo nombre"),
        ("{{fecha}}", (Variable("fecha"),), "variables", "significado propio"),
        ("{{x}}", (Variable("Curso"),), "variables", "«Curso» no sirve"),
        ("{{x}}", (Variable("x", "l" * 81),), "variables", "80 caracteres"),
        ("{{x}}", (Variable("x", "", "v" * 501),), "variables", "500 caracteres"),
        ("{{x}}", (Variable("x", "", "\x1b[2J"),), "variables", "no se ve"),
        (
            " ".join(f"{{{{v{n}}}}}" for n in range(21)),
            tuple(Variable(f"v{n}") for n in range(21)),
            "variables",
            "hasta 20",
        ),
    ],
)
def test_what_may_not_be_kept_says_why(
    text: str, declared: tuple[Variable, ...], field: str, says: str
) -> None:
    refused = _refused(text, *declared)
    assert refused.field == field
    assert says in refused.detail


def test_only_what_the_text_names_is_kept_in_its_order() -> None:
    _text, kept = check(
        "{{b}} {{a}} {{b}} {{rol}}", [Variable("a"), Variable("unused"), Variable("b", " La  b ")]
    )
    assert kept == (Variable("b", "La b"), Variable("a", "a"))


@given(text=TEXTS, value=st.text(max_size=40))
def test_what_was_kept_can_always_be_rendered_and_holds_only_words_and_values(text: str, value: str) -> None:
    try:
        kept, variables = check(text, [COURSE])
    except BadText:
        return  # refused in words: any other failure fails the test
    assert {each.name for each in variables} <= {"curso"}
    assert set(names(kept)) <= {"curso", *prompt_text.BUILT_IN}
    values = dict.fromkeys(("curso", *prompt_text.BUILT_IN), value)
    # Said again in another way: cut at literals first, then at what looks like a variable.
    pieces = re.split(r"(\{\{\{\{|\{\{[ \t]*[a-z0-9_]+[ \t]*\}\})", kept)
    expected = "".join(
        "{{" if piece == "{{{{" else value if piece.startswith("{{") else piece for piece in pieces
    )
    assert render(kept, values) == expected
    assert check(kept, variables) == (kept, variables)


def test_a_difference_is_told_by_line_and_by_word() -> None:
    told = compare(
        "Uno\nResponder en dos oraciones.\nTres", "Uno\nResponder en tres oraciones.\nTres\nCuatro"
    )
    assert [(line.kind, "".join(span.text for span in line.spans)) for line in told] == [
        (Kind.SAME, "Uno"),
        (Kind.REMOVED, "Responder en dos oraciones."),
        (Kind.ADDED, "Responder en tres oraciones."),
        (Kind.SAME, "Tres"),
        (Kind.ADDED, "Cuatro"),
    ]
    assert [span.text for line in told[1:3] for span in line.spans if span.is_changed] == ["dos", "tres"]
    assert variables_changed([COURSE, Variable("a")], [Variable("a"), Variable("b")]) == (
        (COURSE, None),
        (None, Variable("b")),
    )


def test_what_stays_the_same_is_folded_away_from_the_change() -> None:
    old = [f"línea {n}" for n in range(20)]
    told = compare("\n".join(old), "\n".join([*old[:10], "otra cosa", *old[11:]]))
    assert [(line.kind, line.count) for line in told if line.kind is Kind.FOLDED] == [
        (Kind.FOLDED, 8),
        (Kind.FOLDED, 7),
    ]
    assert compare("igual", "igual") == (Line(Kind.SAME, (Span("igual"),)),)


@given(old=st.text(alphabet="ab \n", max_size=60), new=st.text(alphabet="ab \n", max_size=60))
def test_a_comparison_holds_every_line_of_both(old: str, new: str) -> None:
    told = compare(old, new)

    def lines(kind: Kind) -> int:
        return sum(line.count for line in told if line.kind in (kind, Kind.SAME, Kind.FOLDED))

    assert lines(Kind.REMOVED) == old.count("\n") + 1
    assert lines(Kind.ADDED) == new.count("\n") + 1
    for kind, text in ((Kind.REMOVED, old), (Kind.ADDED, new)):
        for line in told:
            if line.kind is kind:
                assert "".join(span.text for span in line.spans) in text.split("\n")
