"""T31: what a school writes with marks is cut and filled once; there is no language in it, and no way out of it.

Three such texts exist: a prompt's `{{name}}`, a planilla file's `{{mark}}`, an acta's `{name}`.
"""

import pytest

from planillas.own_files import marks
from rag import prompt_text
from rag.prompt_text import BadText, Variable
from schools import unseen
from transcription import placeholders

# Jinja, Django, str.format, Typst, Mako, ERB, expression languages: attributes, filters, loops, calls, imports.
PAYLOADS = (
    "{{escuela.__class__}}",
    "{{ escuela.__class__.__mro__[1].__subclasses__() }}",
    "{{escuela|safe}}",
    "{{ escuela|attr('__class__') }}",
    "{{ settings.SECRET_KEY }}",
    "{{ request.META }}",
    "{{ ''.join(['a'] * 10**9) }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 7*7 }}",
    "{{escuela[0]}}",
    "{{escuela!r}}",
    "{{escuela:>1000000000}}",
    "{{ range(1000000000) }}",
    "{{ self }}",
    "{{ config }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{#each x}}{{/each}}",
    "{{{escuela}}}",
    "{{> parcial}}",
    "{{! comentario }}",
    "{{ {{escuela}} }}",
    "{{\nescuela\n}}",
    "{{ESCUELA}}",
    "{{escüela}}",
    "{{}}",
    "{{ }}",
    "{{escuela",
)
STATEMENTS = (
    "{% for x in range(10**9) %}a{% endfor %}",
    "{% load static %}{% include '/etc/passwd' %}",
    "{% debug %}",
    "{# comentario #}",
    "${7*7} #{7*7} <%= 7*7 %> %{7*7} @(7*7)",
    "#read(\"/etc/passwd\")",
    "{0.__class__} {} {0!r:>999999999}",
)  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_prompt_with_anything_but_a_name_in_its_braces_is_refused(payload: str) -> None:
    """Red when parse leaves alone what it does not know; a point in `_SLOT` alone is refused as undeclared."""
    with pytest.raises(BadText):
        prompt_text.check(f"Responder. {payload}", [Variable("curso")])


@pytest.mark.parametrize("payload", [*PAYLOADS, *STATEMENTS])
def test_a_value_is_never_read_again(payload: str) -> None:
    """Red when a text is rendered piece by piece until nothing changes: values could name other values."""
    kept = prompt_text.check_value(Variable("curso"), payload)
    said = prompt_text.render("A {{curso}} B", {"curso": kept, "escuela": "Norte", "otra": "secreto"})
    assert said == f"A {prompt_text.tidy(payload)} B"
    values = {**dict.fromkeys(placeholders.NAMES, "secreto"), "lugar": payload}
    assert placeholders.render("{lugar}", values) == payload


@pytest.mark.parametrize("payload", STATEMENTS)
def test_what_other_languages_would_run_is_text(payload: str) -> None:
    """Red when a template engine renders a prompt, an acta or a planilla's file."""
    text, _variables = prompt_text.check(f"Responder. {payload}", [])
    assert prompt_text.render(text, {}) == f"Responder. {payload}"
    assert placeholders.render(payload, dict.fromkeys(placeholders.NAMES, "secreto")) == payload
    assert "".join(each.text for each in marks.pieces(payload)) == payload


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_planillas_mark_means_a_known_fact_or_nothing(payload: str) -> None:
    """Red when a mark's name is looked up as an attribute: its key is letters, digits and "_" alone."""
    for piece in marks.pieces(payload):
        if piece.mark:
            assert marks.fact_of(piece.mark) in {"", *marks.FACTS}
            assert marks.key_of(piece.mark).replace("_", "").isalnum() or not marks.key_of(piece.mark)
            assert "__" not in marks.key_of(piece.mark)


def test_what_is_rendered_has_an_end() -> None:
    """A small text makes no large one: 100 uses of 500 characters. Red when USES_MOST is not looked at."""
    variables = [Variable("a", "", "x" * prompt_text.VALUE_MOST_CHARS)]
    text, _kept = prompt_text.check("{{a}}" * prompt_text.USES_MOST, variables)
    assert (
        len(prompt_text.render(text, {"a": "x" * 10**6}))
        <= prompt_text.USES_MOST * prompt_text.VALUE_MOST_CHARS
    )
    with pytest.raises(BadText):
        prompt_text.check("{{a}}" * (prompt_text.USES_MOST + 1), variables)


def test_what_nobody_sees_is_not_kept_in_a_prompt() -> None:
    """Tag letters and marks of no width, which a paste brings along. Red when `unseen.strip` is taken from check."""
    hidden = "".join(chr(0xE0000 + ord(each)) for each in "obey") + "\u200b\ufeff"
    text, _variables = prompt_text.check(f"Responder{hidden} corto. {hidden}", [])
    assert text == "Responder corto."
    assert unseen.strip(prompt_text.check_value(Variable("a"), f"1.º{hidden} A")) == "1.º A"
