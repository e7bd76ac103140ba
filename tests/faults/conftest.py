"""What the faults share: a house of processes, and queues that are empty before and after."""

from collections.abc import Iterator

import pytest

from tests.faults.house import house as house
from tests.pipeline.conftest import empty_queues


@pytest.fixture
def fresh_queues() -> Iterator[None]:
    """Begin and end with no message anywhere."""
    empty_queues()
    yield
    empty_queues()
