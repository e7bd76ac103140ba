"""How values of each kind are written in Spanish: read out of text, shown again, and found where they stand. Pure.

`planillas.values` is the door. Each module has `read` (canonical value or BadValue), most a `show` and a `spot`.
"""

from schools.refusals import Refused


class BadValue(Refused):
    """What was written is no value of its column; the sentence says what would be."""

    code = "bad_value"


class Blank(BadValue):
    """What was written says that there is nothing: "-", "s/d", a line to write on."""
