"""The verbs by which people in schools take things on, in the forms that promise, order and ask.

Accents decide ("envío" promises, "envió" tells), so forms keep theirs.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from engines.sentences import set_of


class Form(StrEnum):
    """What a verb's form does."""

    I_DO = "I do"  # envío
    I_WILL = "I will"  # enviaré
    WE_DO = "we do"  # enviamos
    WE_WILL = "we will"  # enviaremos
    DOES = "does"  # envía: somebody does, or "tú" is told to
    WILL = "will"  # enviará, enviarán
    LET = "let"  # envíe, envíen: somebody should, or "usted" is told to
    ORDER = "order"  # enviá, haz
    YOU_DO = "you do"  # envías, enviás
    INFINITIVE = "infinitive"


@dataclass(frozen=True, slots=True)
class Verb:
    """A form that was met, and the infinitive it belongs to."""

    infinitive: str
    form: Form


# What is done; "verb:I do,he does" where the stem changes, "verb:I do,he does,let him,I will" where more does.
_LISTED = """
actualizar adjuntar agendar agregar ajustar anotar anunciar aplicar archivar armar asignar asistir avisar:aviso,avisa
averiguar:averiguo,averigua,averigüe avisar arreglar acompañar buscar cambiar canalizar cargar:cargo,carga,cargue
citar clasificar cobrar colgar:cuelgo,cuelga,cuelgue comprar comprobar:compruebo,comprueba,compruebe comunicar
conseguir:consigo,consigue,consiga consultar contactar contratar convocar coordinar copiar
corregir:corrijo,corrige,corrija completar confirmar cerrar:cierro,cierra,cierre crear cubrir dar:doy,da,dé dejar
devolver:devuelvo,devuelve,devuelva diseñar distribuir:distribuyo,distribuye,distribuya difundir elaborar elevar
encargar:encargo,encarga,encargue entregar:entrego,entrega,entregue enviar:envío,envía,envíe escanear escribir
estudiar evaluar:evalúo,evalúa,evalúe fotocopiar firmar gestionar grabar guardar hablar hacer:hago,hace,haga,haré
imprimir incluir:incluyo,incluye,incluya incorporar informar inscribir instalar intentar:intento,intenta,intente
invitar juntar justificar limpiar llamar llevar localizar mandar medir:mido,mide,mida mirar montar modificar
mostrar:muestro,muestra,muestre negociar:negocio,negocia,negocie notificar ocupar ofrecer:ofrezco,ofrece,ofrezca
ordenar organizar pagar:pago,paga,pague pasar pedir:pido,pide,pida pegar:pego,pega,pegue planificar
poner:pongo,pone,ponga,pondré preguntar preparar presentar programar proponer:propongo,propone,proponga,propondré
publicar reclamar recoger:recojo,recoge,recoja recopilar redactar redistribuir:redistribuyo,redistribuye,redistribuya
reenviar:reenvío,reenvía,reenvíe registrar rehacer:rehago,rehace,rehaga,reharé renovar:renuevo,renueva,renueve
reorganizar reparar repartir reservar resolver:resuelvo,resuelve,resuelva restaurar reunir:reúno,reúne,reúna revisar
sacar:saco,saca,saque solicitar subir subsanar sustituir:sustituyo,sustituye,sustituya supervisar tramitar
traducir:traduzco,traduce,traduzca traer:traigo,trae,traiga transcribir trasladar terminar ultimar unificar validar
verificar vigilar visitar compartir completar digitalizar encuadernar etiquetar exponer:expongo,expone,exponga
facilitar finalizar habilitar implementar investigar mover:muevo,mueve,mueva plastificar
recordar:recuerdo,recuerda,recuerde reforzar:refuerzo,refuerza,refuerce seleccionar tabular
atender:atiendo,atiende,atienda rellenar retirar rotular entrevistar decir:digo,dice,diga ver:veo,ve,vea
inventariar:inventarío,inventaría,inventaríe concretar definir acordar:acuerdo,acuerda,acuerde calcular contestar
responder
"""
# A future of theirs is no task: what is, what happens, what is said in the meeting itself.
NO_TASKS = set_of(
    "ser estar haber tener poder querer deber saber venir ir salir llegar empezar comenzar decir contar explicar "
    "comentar resumir repetir pasar volver seguir quedar quedarse parecer gustar costar faltar caer existir "
    "servir terminar acabar leer proponer esperar fallar pensar creer necesitar encantar permitir perder ganar "
    "aprobar abrir funcionar subirse bajar crecer vivir morir entender recordar adelantar asistir estudiar "
    "agradecer tardar notar dejar depender durar oír ver sentir preferir reconocer suponer levantar "
)
# Taken up in a first person with "voy a" or a future, these still promise something when they say to whom.
_FUTURES = {
    "haré": "hacer", "hará": "hacer", "harán": "hacer", "haremos": "hacer", "diré": "decir", "dirá": "decir",
    "dirán": "decir", "pondré": "poner", "pondrá": "poner", "pondrán": "poner", "propondrá": "proponer",
    "propondré": "proponer", "reharé": "rehacer", "rehará": "rehacer", "tendré": "tener", "tendrá": "tener",
    "tendrán": "tener", "vendrá": "venir", "vendrán": "venir", "vendré": "venir", "podrá": "poder", "podré": "poder",
    "podrán": "poder", "habrá": "haber", "saldrá": "salir", "saldrán": "salir", "querrá": "querer", "sabrá": "saber",
    "valdrá": "valer", "mantendrá": "mantener", "obtendrá": "obtener", "repondrá": "reponer", "será": "ser",
    "serán": "ser", "sería": "ser", "dará": "dar", "darán": "dar", "daré": "dar", "irá": "ir", "irán": "ir",
    "iré": "ir",
}  # fmt: skip
_FUTURE = re.compile(r"(\w{2,}[aeií]r)(é|á|án|emos)$")
_ENDS = {"é": Form.I_WILL, "á": Form.WILL, "án": Form.WILL, "emos": Form.WE_WILL}
_INFINITIVE = re.compile(r"(\w{2,}[aeií]r|dar|ir|ver|leer)(se|l[oae]s?|sel[oa]s?|nos|os|me|te|mel[oa]s?)?$")
# "mándame", "reclamales", "encárgate": an order with its pronouns.
_ENCLITICS = sorted(
    set_of("me te nos se lo la los las le les melo mela melos melas noslo nosla selo sela selos selas")
)
_UNACCENTED = str.maketrans("áéíóú", "aeiou")


def of(word: str) -> Verb | None:
    """Return the verb of a word in lower case, whatever it may be; None for what is none that we know."""
    found = _forms().get(word)
    if found is not None:
        return found
    if word in _FUTURES:
        return Verb(
            _FUTURES[word], _ENDS["é" if word.endswith("é") else "emos" if word.endswith("os") else "án"]
        )
    future = _FUTURE.match(word)
    if future:
        return Verb(future[1], _ENDS[future[2]])
    infinitive = _INFINITIVE.match(word)
    if infinitive:
        bare = infinitive[1].translate(_UNACCENTED) if infinitive[2] else infinitive[1]
        return Verb(bare, Form.INFINITIVE)
    return None


def ordered(word: str) -> Verb | None:
    """Return the verb of an order, "mándame", "revise", "poneme"; None for what orders nothing."""
    plain = _orders().get(word)
    if plain:
        return Verb(plain, Form.ORDER)
    for ending in _ENCLITICS:
        bare = word.removesuffix(ending)
        if bare != word and len(bare) > 1:
            infinitive = _orders().get(bare) or _orders().get(bare.translate(_UNACCENTED))
            if infinitive:
                return Verb(infinitive, Form.ORDER)
    return None


@cache
def _forms() -> dict[str, Verb]:
    found: dict[str, Verb] = {}
    for infinitive, i_do, does, let in _conjugated():
        stem, theme = infinitive[:-2], infinitive[-2]
        many = "n"
        found.setdefault(i_do, Verb(infinitive, Form.I_DO))
        for form in (does, does + many):
            found.setdefault(form, Verb(infinitive, Form.DOES))
        for form in (let, let.translate(_UNACCENTED) + many if let == "dé" else let + many):
            found.setdefault(form, Verb(infinitive, Form.LET))
        found.setdefault(stem + {"a": "amos", "e": "emos", "i": "imos"}[theme], Verb(infinitive, Form.WE_DO))
        for form in (stem + {"a": "ás", "e": "és", "i": "ís"}[theme], does + "s"):
            found.setdefault(form, Verb(infinitive, Form.YOU_DO))
    return found


@cache
def _orders() -> dict[str, str]:
    found = {"haz": "hacer", "pon": "poner", "hacé": "hacer", "di": "decir", "ve": "ir"}
    for infinitive, _i_do, does, let in _conjugated():
        stem, theme = infinitive[:-2], infinitive[-2]
        accented = stem + {"a": "á", "e": "é", "i": "í"}[theme]
        for form in (does, let, let + "n", accented, accented.translate(_UNACCENTED), infinitive[:-1] + "d"):
            found.setdefault(form, infinitive)
            found.setdefault(form.translate(_UNACCENTED), infinitive)
    return found


@cache
def _conjugated() -> tuple[tuple[str, str, str, str], ...]:
    """Return (infinitive, "I do", "he does", "let him do") of each listed verb."""
    rows: dict[str, tuple[str, str, str, str]] = {}
    for entry in _LISTED.split():
        infinitive, _colon, irregular = entry.partition(":")
        given = irregular.split(",") if irregular else []
        stem, theme = infinitive[:-2], infinitive[-2]
        i_do = given[0] if given else stem + "o"
        does = given[1] if given else stem + ("a" if theme == "a" else "e")
        let = given[2] if len(given) > 2 else _let(stem, theme, i_do)
        if infinitive not in rows or given:
            rows[infinitive] = (infinitive, i_do, does, let)
    return tuple(rows.values())


def _let(stem: str, theme: str, i_do: str) -> str:
    if theme != "a":
        return i_do[:-1] + "a"
    for end, written in (("c", "qu"), ("g", "gu"), ("z", "c")):
        if stem.endswith(end):
            return stem[:-1] + written + "e"
    return i_do[:-1] + "e"
