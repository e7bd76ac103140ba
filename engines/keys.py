"""The keys of one entry of `engines.yaml`, read with their rules; a mistake names the entry and the key."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from engines.base import Misconfigured, Runs

_SECRET_KEY = re.compile(
    r"(^|[_\-.])(api_?key|key|token|secret|secreto|password|passwd|contraseña|authorization)$", re.I
)
_SECRET_VALUE = re.compile(r"^(sk-|AIza|hf_|rpa_|gsk_|xox[abp]-|ghp_|Bearer )")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_OWN_DOMAINS = (".local", ".lan", ".internal", ".home.arpa", ".localhost")


class Keys:
    """The keys of one entry. Each is read once by whoever knows it; what nobody read is refused."""

    def __init__(
        self,
        given: Mapping[str, object],
        *,
        entry: str,
        folder: Path,
        models: Path,
        variables: Mapping[str, str],
    ) -> None:
        """`folder`: of relative paths; `models`: of downloaded models; `variables`: the environment."""
        self.entry = entry
        self.models = models
        self._given = given
        self._folder = folder
        self._variables = variables
        self._read: set[str] = set()
        for key, value in given.items():
            self._refuse_secret(str(key), value)

    def wrong(self, key: str, problem: str) -> Misconfigured:
        """Return the error that names this entry and the key."""
        return Misconfigured(problem, entry=self.entry, key=key)

    def text(self, key: str, *, default: str | None = None) -> str:
        """Return a text as it stands; without a default the key must be there and not empty."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.wrong(key, _("falta."))
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(key, _("debe ser un texto."))
        return value

    def number(self, key: str, *, least: float, most: float, default: float | None = None) -> float:
        """Return a number within its bounds."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.wrong(key, _("falta."))
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.wrong(
                key, _("debe ser un número entre %(least)g y %(most)g.") % {"least": least, "most": most}
            )
        return float(value)

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """Return a whole number within its bounds."""
        number = self.number(key, least=least, most=most, default=default)
        if number != int(number):
            raise self.wrong(key, _("debe ser un número entero."))
        return int(number)

    def choice(self, key: str, options: Sequence[str], *, default: str | None = None) -> str:
        """Return one of the options."""
        return self._one_of(key, self.text(key, default=default), options)

    def choices(self, key: str, options: Sequence[str]) -> tuple[str, ...]:
        """Return one or more of the options, none twice."""
        value = self._take(key)
        if not isinstance(value, list) or not value or len(set(map(str, value))) != len(value):
            raise self.wrong(
                key, _("debe ser una lista sin repeticiones, con alguno de: %s.") % ", ".join(options)
            )
        return tuple(self._one_of(key, str(item), options) for item in value)

    def has(self, key: str) -> bool:
        """Say whether the entry has the key."""
        return key in self._given

    def flag(self, key: str, *, default: bool) -> bool:
        """Return yes or no."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, _("debe ser true o false."))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when the key is absent."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.wrong(key, _("debe ser una lista de textos."))
        return tuple(value)

    def mapping(self, key: str, names: Sequence[str]) -> Mapping[str, object] | None:
        """Return a group of keys, None when it is absent; raise for one whose name is not listed."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, dict) or not value or set(value) - set(names):
            raise self.wrong(key, _("debe ser un grupo con alguna de estas claves: %s.") % ", ".join(names))
        return value

    def variables(self, key: str) -> dict[str, str]:
        """Return a group of a machine's environment variables, empty when it is absent; none may be a secret."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.wrong(key, _("debe ser un grupo de variables con su valor."))
        for name, given in value.items():
            if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
                raise self.wrong(key, _("los nombres de las variables van en mayúsculas."))
            if isinstance(given, bool) or not isinstance(given, str | int | float):
                raise self.wrong(key, _("el valor de «%s» debe ser un texto o un número.") % name)
            self._refuse_secret(name, given)
        return {name: str(given) for name, given in value.items()}

    def address(self, key: str, *, runs: Runs, default: str) -> str:
        """Return an http(s) address without its last slash; no host of the internet can run here."""
        return self._address(key, self.text(key, default=default), runs)

    def addresses(self, key: str, *, runs: Runs) -> tuple[str, ...]:
        """Return a list of such addresses."""
        return tuple(self._address(key, given, runs) for given in self.texts(key))

    def _address(self, key: str, given: str, runs: Runs) -> str:
        address = given.strip().rstrip("/")
        try:
            parts = urlsplit(address)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            host, parts = "", urlsplit("")
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
            raise self.wrong(key, _("debe ser una dirección como http://127.0.0.1:11434."))
        if parts.username or parts.password:
            raise self.wrong(
                key,
                _("no puede llevar usuario ni contraseña; van en una variable de entorno o en un archivo."),
            )
        if runs == "here" and not _is_own(host):
            raise self.wrong(
                key,
                _("«%s» no es una dirección de la red de la escuela: con ella, «runs» no puede ser «here».")
                % host,
            )
        return address

    def folder(self, key: str) -> Path | None:
        """Return a folder that exists, None when the key is absent. A relative one starts at the file's."""
        given = self.text(key, default="")
        if not given:
            return None
        folder = (self._folder / Path(given).expanduser()).resolve()
        if not folder.is_dir():
            raise self.wrong(key, _("no existe la carpeta %s.") % given)
        return folder

    def secret(self, key: str) -> str:
        """Return what the variable named by `<key>_env`, or the file named by `<key>_file`, holds; or ""."""
        variable, file = self.text(f"{key}_env", default=""), self.text(f"{key}_file", default="")
        if variable:
            # The value is not repeated: whoever mistakes the key's name may have written the secret itself.
            if not _VARIABLE.fullmatch(variable):
                raise self.wrong(
                    f"{key}_env", _("debe ser el nombre de una variable de entorno, en mayúsculas.")
                )
            if not self._variables.get(variable):
                raise self.wrong(f"{key}_env", _("la variable de entorno no existe o está vacía."))
            return self._variables[variable]
        if file:
            try:
                return (self._folder / file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise self.wrong(f"{key}_file", _("no se pudo leer el archivo.")) from error
        return ""

    def refuse_rest(self) -> None:
        """Raise for the first key that nobody knows."""
        for key in self._given:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise self.wrong(str(key), _("no se conoce esta clave aquí; se conocen: %s.") % known)

    def _take(self, key: str) -> object:
        self._read.add(key)
        return self._given.get(key)

    def _one_of(self, key: str, value: str, options: Sequence[str]) -> str:
        if value not in options:
            raise self.wrong(
                key,
                _("«%(value)s» no vale aquí; puede ser: %(options)s.")
                % {"value": value, "options": ", ".join(options)},
            )
        return value

    def _refuse_secret(self, key: str, value: object) -> None:
        if _SECRET_KEY.search(key) or (isinstance(value, str) and _SECRET_VALUE.match(value)):
            raise self.wrong(
                key,
                _(
                    "los secretos no van en este archivo: escribir «api_key_env» con el nombre de una "
                    "variable de entorno, o «api_key_file» con la ruta de un archivo."
                ),
            )


def _is_own(host: str) -> bool:
    """Tell whether a host is of the house: this machine, a private address, a name the internet lacks."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # What looks like a name may be a number, which every resolver takes for an address (134744072 is 8.8.8.8).
        is_number = re.fullmatch(r"0x[0-9a-f]+|[0-9]+", host) is not None
        return ("." not in host and not is_number) or host.endswith(_OWN_DOMAINS)
    return address.is_private or address.is_loopback or address.is_link_local
