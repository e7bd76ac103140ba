"""How values stand in the cache: as JSON. Django would pickle them, and who writes to Redis could run code here."""

import json
from typing import Any


class Plain:
    """Writes what JSON can hold; whole numbers as they are, so that Redis can count with them."""

    def dumps(self, value: Any) -> bytes | int:
        """Return a value as it is kept; raise TypeError for what JSON cannot hold."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, kept: bytes) -> Any:
        """Return the value; raise ValueError for what this class never wrote."""
        return json.loads(kept)
