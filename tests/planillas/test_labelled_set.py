"""What rules fill without a model out of sources as schools have them: hardly ever wrong, and always cited."""

from planillas.cells import Status
from tests.planillas import labelled_set
from tests.planillas.labelled_set import Score

PRECISION, RECALL = 0.98, 0.8


def test_the_set_is_as_large_as_was_asked_for() -> None:
    assert len(labelled_set.names()) >= 14
    assert {"transcripcion", "decreto-real", "unidad-real"} <= set(labelled_set.names())


def test_cells_filled_without_a_model_are_right_and_say_where_they_stand() -> None:
    """All in one: reading the sources is what takes the time, and must not be done twice."""
    whole = Score()
    for name in labelled_set.names():
        bundle, rows = labelled_set.load(name), labelled_set.fill(name)
        assert labelled_set.quotes_that_do_not_stand(bundle, rows) == []
        assert all(cell.sources for cells in rows for cell in cells.values() if cell.status == Status.FOUND)
        whole.add(labelled_set.score(bundle, rows))
    assert whole.right / whole.filled >= PRECISION, whole.wrong
    assert whole.reached / whole.wanted >= RECALL, whole.missing
