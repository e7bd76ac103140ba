from planillas import register
from tests.conftest import Person
from tests.planillas import made

def test_made(ana: Person) -> None:
    it = made.planilla(ana)
    entry = register.get(ana.member, it.pk)
    assert entry.counts.rows == 3 and entry.counts.found == 7 + 6 + 3
