"""The laboratory's words for staff: what each list, number and reason means, in a line each."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.blocks import Kind
from rag.answer import CONSIDERED, MOST_PER_DOCUMENT, PASSAGES, WhyNot


class Told(NamedTuple):
    """A name and what it means."""

    name: Promise | str
    meaning: Promise | str


LISTS = {
    "stems": Told(_("Palabras"), _("Las palabras de la pregunta y sus sinónimos, sin terminaciones.")),
    "grams": Told(_("Pedazos de palabra"), _("De a cuatro letras: encuentra aunque haya errores de tipeo.")),
    "dense": Told(_("Sentido"), _("Lo que se parece en significado, según un modelo.")),
}

FEATURES = {
    "stems": Told(_("Palabras en común"), _("Comparado con el fragmento que más palabras comparte.")),
    "grams": Told(_("Pedazos en común"), _("Comparado con el que más comparte; los errores de tipeo restan poco.")),
    "sentence": Told(_("Una oración las reúne"), _("Cuántas palabras de la pregunta hay en su mejor oración.")),
    "brief": Told(_("Una oración corta las reúne"), _("Lo mismo, con ventaja para las oraciones breves.")),
    "kind": Told(_("Tiene el tipo de dato pedido"), _("Trae la fecha, el número o el nombre que se pregunta.")),
    "pairs": Told(_("Palabras seguidas, en orden"), _("Las que están juntas en la pregunta también lo están acá.")),
    "near": Told(_("Palabras cercanas"), _("Las que están juntas en la pregunta acá están cerca, en cualquier orden.")),
    "names": Told(_("Nombres y números"), _("Los de la pregunta que aparecen en el fragmento.")),
    "short": Told(_("Es breve"), _("Más corto que los demás suma un poco; más largo, resta.")),
    "codes": Told(_("Códigos"), _("Resoluciones, cursos o expedientes que nombra la pregunta.")),
    "title": Told(_("Título del documento"), _("Palabras de la pregunta que están en el título.")),
    "heading": Told(_("Títulos de la sección"), _("Palabras de la pregunta que están en los títulos de arriba.")),
    "dense": Told(_("Sentido"), _("Parecido en significado, según un modelo.")),
}  # fmt: skip

WHY_NOT = {
    WhyNot.RANK: _("Quedó lejos: sólo se miran los primeros %d.") % CONSIDERED,
    WhyNot.DOCUMENT: _("Ya hay %d fragmentos mejores del mismo documento.") % MOST_PER_DOCUMENT,
    WhyNot.ROOM: _("Ya hay %d fragmentos mejores.") % PASSAGES,
}

KINDS = {
    Kind.HEADING: _("Título"),
    Kind.PARAGRAPH: _("Párrafo"),
    Kind.LIST_ITEM: _("Ítem de lista"),
    Kind.TABLE: _("Tabla"),
    Kind.QUOTE: _("Cita"),
    Kind.CODE: _("Texto literal"),
    Kind.PICTURE: _("Imagen"),
    Kind.NOTE: _("Nota"),
}
