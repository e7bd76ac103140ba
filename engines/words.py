"""What staff call the tasks, places, labels and outcomes of engines."""

from django.utils.translation import gettext as _

from engines.base import Engine, Failure
from engines.labels import Label

PROVIDER_QUOTING = "quoting"


def engine(name: str) -> str:
    """Return what an engine is called."""
    return _("Citas textuales, sin modelo de lenguaje") if name == PROVIDER_QUOTING else name


def task(name: str) -> str:
    """Return a task as staff name it."""
    return {
        "chat": _("Responder"),
        "embed": _("Buscar por significado"),
        "rerank": _("Ordenar lo encontrado"),
        "transcribe": _("Transcribir audio"),
        "gpu": _("Tiempo de equipo alquilado"),
    }.get(name, name)


def task_does(name: str) -> str:
    """Return what a task is, in a sentence."""
    return {
        "chat": _("Redacta las respuestas y reescribe las repreguntas."),
        "embed": _(
            "Lee los documentos y las preguntas para encontrar lo que dice lo mismo con otras palabras."
        ),
        "rerank": _("Mira lo que se encontró y pone primero lo que mejor responde."),
        "transcribe": _("Escribe lo que se dice en una grabación."),
    }.get(name, "")


def purpose(name: str) -> str:
    """Return what a call was for."""
    return {
        "answer": _("Responder una pregunta"),
        "rewrite": _("Completar una repregunta"),
        "try_out": _("Probar una instrucción"),
        "index": _("Leer un documento para poder encontrarlo"),
        "query": _("Buscar lo que responde una pregunta"),
        "rerank": _("Ordenar lo encontrado"),
        "transcribe": _("Transcribir una grabación"),
        "summarise": _("Resumir una grabación y sacar sus tareas"),
        "fill": _("Completar una planilla"),
        "draft": _("Redactar un informe"),
        "gpu": _("Tener encendido un equipo alquilado"),
    }.get(name, name)


def place(engine: Engine) -> str:
    """Return where an engine works."""
    return runs(engine.runs, engine.region)


def runs(where: str, region: str = "") -> str:
    """Return a place in words."""
    known = {
        "here": _("En el equipo de la escuela"),
        "ours": _("En un equipo alquilado"),
        "outside": _("Afuera de la escuela"),
    }.get(where, where)
    return f"{known} ({region})" if region else known


def place_means(engine: Engine) -> str:
    """Return what an engine's place means for the texts that it is given."""
    return {
        "here": _("Nada sale de la escuela."),
        "ours": _("Los textos van a un equipo que paga la escuela."),
        "outside": _("Los textos salen de la escuela."),
    }[engine.runs]


def label(value: Label | str) -> str:
    """Return a label by its name."""
    return {
        "public": _("Público"),
        "internal": _("Interno"),
        "confidential": _("Confidencial"),
        "minors": _("Datos de menores"),
    }.get(str(value), str(value))


def label_means(value: Label | str) -> str:
    """Return what carries a label."""
    return {
        "public": _("lo que ya puede leer cualquiera"),
        "internal": _("lo de todos los días, para el personal"),
        "confidential": _("legajos, sueldos, informes"),
        "minors": _("lo que nombra a estudiantes"),
    }.get(str(value), "")


def outcome(value: str) -> str:
    """Return how a call ended."""
    return {
        "": _("en curso"),
        "ok": _("respondió bien"),
        "stopped": _("alguien la detuvo"),
        "expired": _("quedó sin cerrar: se contó lo estimado"),
        "crashed": _("se cortó por una falla nuestra: se contó lo estimado"),
        Failure.RATE: _("pidió menos llamadas"),
        Failure.OVERLOAD: _("estaba sobrecargado"),
        Failure.MONEY: _("su cuenta no tiene crédito"),
        Failure.AUTH: _("no aceptó la clave"),
        Failure.CONFIG: _("está mal configurado"),
        Failure.BAD_REQUEST: _("no aceptó el pedido"),
        Failure.POLICY: _("se negó a responder"),
        Failure.CONTEXT_OVERFLOW: _("el texto era demasiado largo"),
        Failure.CONNECT: _("no respondía"),
        Failure.FIRST_TOKEN_TIMEOUT: _("tardaba demasiado"),
        Failure.TIMEOUT: _("tardaba demasiado"),
        Failure.BROKEN_STREAM: _("cortó la respuesta"),
        Failure.BAD_OUTPUT: _("dio una respuesta que no sirve"),
        Failure.INTERNAL: _("falló"),
    }.get(value, value)


def basis(value: str) -> str:
    """Return where a cost comes from."""
    return {
        "usage": _("por lo que informó el motor"),
        "estimate": _("estimado, porque el motor no informó lo que usó"),
        "expired": _("estimado, porque nadie cerró la llamada"),
    }.get(value, "")


def after_cap(*, quotes_only: bool) -> str:
    """Return what goes on when the month's money is used up."""
    if quotes_only:
        return _("solo se cita, sin motores que redactan")
    return _("se sigue con los motores que no cuestan")
