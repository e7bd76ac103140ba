"""Texts that would do harm in a file, if a program took them for more than texts."""

from hypothesis import strategies as st

HOSTILE = (
    '=HYPERLINK("http://a.example","clic")',
    "+54 9 11 5555-4444",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "  \u200b=1+1",
    "＝1+1",
    "\ufeff＋1",
    "http://a.example/ruta?x=1&y=2",
    "mailto:a@a.example",
    "internal:'Fuentes'!A1",
    "{{ school.name }}",
    "{% load static %}",
    "{=SUM(A1)}",
    '#let x = read("/etc/passwd")',
    '$x^2$ *no* _no_ <etiqueta> @cita #import "@preview/x:0.1.0" \\',
    "<b>no</b> & &amp; ]]> \"comillas\" 'simples'",
    "_x0041_ y _x000D_",
    "uno;dos,tres\tcuatro",
    "línea uno\nlínea dos\r\nlínea tres",
    "   tres  espacios   ",
    "antes\x00\x07\x1b \u202eatrás\u202c \ud800 después\u2028fin",
    "👩🏽‍🏫 ñandú 漢字 עברית",
    "a" * 500,
    "0042",
    "1/2",
    "'ya con apóstrofo",
)

TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.tuples(
        st.sampled_from(" \t\u200b\xa0=+-@＝"), st.sampled_from("=+-@'\"<&_x"), st.text(max_size=20)
    ).map("".join),
)
