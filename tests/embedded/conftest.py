"""Fixtures of the tests of the embedded services."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.own_copy import OwnCopy


@pytest.fixture
def own_copy(tmp_path: Path) -> Iterator[OwnCopy]:
    copy = OwnCopy(data=tmp_path / "data", extra={})
    yield copy
    copy.call("down")
