"""Columns of each kind, for what is written in them."""

from planillas.columns import Column, Identity, Kind


def column(
    kind: Kind | str,
    *,
    choices: tuple[str, ...] = (),
    identity: Identity = Identity.ANY,
    currency: str = "",
    name: str = "Dato",
) -> Column:
    """Return a column of a kind."""
    return Column("dato", name, Kind(kind), choices=choices, identity=identity, currency=currency)


TEXT, LONG = column("text"), column("long_text")
NUMBER, INTEGER = column("number"), column("integer")
DATE, TIME, YES_NO = column("date"), column("time"), column("yes_no")
ATTENDANCE = column("choice", choices=("P = Presente", "A = Ausente", "T = Tarde", "J = Ausente justificado"))
SHIFT = column("choice", choices=("Mañana", "Tarde", "Jornada completa"))
PASSED = column("choice", choices=("Aprobado", "Desaprobado", "En proceso"))
DNI, CUIT = column("identity", identity=Identity.DNI), column("identity", identity=Identity.CUIT)
RUT, CURP = column("identity", identity=Identity.RUT), column("identity", identity=Identity.CURP)
NIF, ANY = column("identity", identity=Identity.NIF), column("identity")
EMAIL, PHONE, LIST = column("email"), column("phone"), column("list")
ARS, EUR, USD, GTQ = (column("money", currency=each) for each in ("ARS", "EUR", "USD", "GTQ"))
MONEY, METRES = column("money"), column("number", name="Largo (m)")

EVERY = (TEXT, LONG, NUMBER, INTEGER, DATE, TIME, YES_NO, SHIFT, DNI, ANY, EMAIL, PHONE, ARS, LIST)
