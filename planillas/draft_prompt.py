"""What an engine that writes is asked for a section of a report."""

from planillas.models import Report, Section

# A Spanish word takes about this many tokens; the quotes and their numbers come on top.
_TOKENS_PER_WORD = 2.4
_TOKENS_BESIDE = 250
MOST_TOKENS = 2_400

_FRAME = """\
Se redacta una sección de un informe de la escuela. Escribir solamente el texto de la sección: sin título, sin saludo \
y sin contar qué se hizo para escribirla.
Informe: {report}
Sección: {section}
Largo: unas {words} palabras, o menos si las fuentes no dan para tanto. Usar párrafos cortos, o una lista con \
guiones si se enumera.
Cada oración lleva su cita. No sumar nada que las fuentes no digan: ni datos, ni valoraciones, ni recomendaciones.\
"""


def question(section: Section) -> str:
    """Return what is asked of the sources for a section."""
    title = section.title.rstrip(" .:")
    return f"{title}. {section.prompt}".strip() if section.prompt else title


def instructions(report: Report, section: Section) -> str:
    """Return how the section is to be written."""
    told = _FRAME.format(report=report.title, section=section.title, words=section.words)
    if report.instructions:
        told += f"\nIndicaciones para todo el informe:\n{report.instructions}"
    return told


def most_tokens(section: Section) -> int:
    """Return how long the answer may become."""
    return min(MOST_TOKENS, round(section.words * _TOKENS_PER_WORD) + _TOKENS_BESIDE)
