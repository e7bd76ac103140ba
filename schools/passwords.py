"""Passwords that anybody who guesses in Spanish tries first."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from schools.models import User

LEAST_OTHER_CHARS = 4  # different ones
_RUN_CHARS = 5
_KEYBOARD = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890")
_WORDS = frozenset(
    """
    abuela acceso admin administracion administrador administradora agosto alumna alumno alumnos
    amiga amigo amor angel aprender argentina aula barcelona biblioteca bienvenida bienvenido boca
    bocajuniors bogota bolivia buenosaires cambiame cambiar campeon caracas chile clase clave
    claveclave colegio colombia computadora contrasena contrasenanueva contrasenasegura contrasenia
    corazon cordoba costarica cuba curso demo diciembre dios direccion director directora docente
    docentes ecuador educacion enero entrar escuela escuelanueva escuelas espana estrella estudiante
    estudiantes familia febrero felicidad futbol gatito guatemala hermosa hola holahola holamundo
    honduras independiente instituto invitada invitado javier jesus juanperez julio junio laescuela
    liceo lima madrid maestra maestro mamaypapa maria mariposa marzo mexico miclave micontrasena
    miercoles miescuela montevideo nicaragua nina nino noviembre nueva nuevo octubre otono palabra
    panama papa paraguay pasatiempo password perro peru plataforma preceptor preceptora preescolar
    primaria primavera primercurso princesa profe profesor profesora prueba puertorico qwerty
    realmadrid riverplate rosario salvador santiago secreta secretaria secretario secreto secundaria
    seguridad septiembre setiembre sevilla silencio sistema sol superman teamo tequiero terminal
    todos trabajo universidad uruguay usuario valencia venezuela verano viernes
    """.split()  # noqa: SIM905  # a list of them would be as many lines
)


class SpanishGuesses:
    """Refuses a common word with figures around it, a run of the keyboard, and few characters over and over.

    Django's own list of common passwords is of English sites; a person's name it looks for in fields that ours has not.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for what is guessed first."""
        text = _folded(password)
        letters = re.sub(r"[^a-z]", "", text.translate(_LEET) if re.search("[a-z]", text) else text)
        plain = re.sub(r"[^a-z]", "", text)
        if _WORDS & {letters, plain, _once(letters), _once(plain)}:
            raise ValidationError(
                _("La contraseña es una palabra muy común con agregados."), code="common_word"
            )
        if len(set(text)) < LEAST_OTHER_CHARS:
            raise ValidationError(_("La contraseña repite siempre los mismos caracteres."), code="repeated")
        left = _without_runs(text)
        if left != text and len(re.sub(r"\W", "", left)) < LEAST_OTHER_CHARS:
            raise ValidationError(
                _("La contraseña sigue el orden del teclado o del abecedario."), code="keyboard"
            )

    def get_help_text(self) -> str:
        """Return what is asked of a password."""
        return _("No puede ser una palabra común con números, ni teclas seguidas: conviene una frase corta.")


_LEET = str.maketrans("013457@$", "oieastas")


def _folded(password: str) -> str:
    """Return a password in small letters without their marks."""
    split = unicodedata.normalize("NFKD", password.casefold())
    return "".join(each for each in split if not unicodedata.combining(each))


def _once(text: str) -> str:
    """Return what a text repeats: "claveclave" is "clave"."""
    found = re.fullmatch(r"(.+?)\1+", text)
    return found.group(1) if found else text


def _without_runs(text: str) -> str:
    """Return what is left of a text without the runs of keys or letters in it."""
    for row in _KEYBOARD:
        for line in (row, row[::-1]):
            for size in range(len(line), _RUN_CHARS - 1, -1):
                for start in range(len(line) - size + 1):
                    text = text.replace(line[start : start + size], "")
    return text
