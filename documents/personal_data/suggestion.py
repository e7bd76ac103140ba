"""Which label the personal data of a text asks for, and what made it think so."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from documents.personal_data.kinds import IDENTIFIERS, Finding, Kind
from engines.labels import Label

# So many lines with a name and something of the person are a list.
LIST_ROWS = 3
# An office's address weighs a third of somebody's; so many contacts ask for "internal", so many for "confidential".
INTERNAL_CONTACTS = 2.0
CONFIDENTIAL_CONTACTS = 5.0
CONFIDENTIAL_ACCOUNTS = 2
CONFIDENTIAL_BIRTHS = 3
MINORS_PUPILS = 2


MOST_SEEN = 2_000
_ONCE = frozenset({Kind.PHONE, Kind.EMAIL, Kind.ROLE_EMAIL, Kind.PUPIL, Kind.ACCOUNT})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A label, None where nothing asks for one, and the kinds of findings that ask for it."""

    label: Label | None
    because: frozenset[Kind] = frozenset()


@dataclass(slots=True)
class Tally:
    """How many of each kind were found so far: a long document is read piece by piece."""

    counts: Counter[Kind] = field(default_factory=Counter)
    seen: set[tuple[Kind, str]] = field(default_factory=set)

    def add(self, findings: Iterable[Finding]) -> None:
        """Count findings; what stands again and again, as at the head of every page, once."""
        for each in findings:
            if each.kind in _ONCE and len(self.seen) < MOST_SEEN:
                if (each.kind, each.masked) in self.seen:
                    continue
                self.seen.add((each.kind, each.masked))
            self.counts[each.kind] += 1

    def suggestion(self) -> Suggestion:
        """Return the label that the counts ask for: the strictest of which a rule holds."""
        for label, because in (
            (Label.MINORS, self._of_minors()),
            (Label.CONFIDENTIAL, self._of_people()),
            (Label.INTERNAL, self._of_contacts()),
        ):
            if because:
                return Suggestion(label, because)
        return Suggestion(None)

    def _of_minors(self) -> frozenset[Kind]:
        """A list of pupils; a pupil's health or birth; two pupils by name, or one with a document or a birth.

        Or a list of people in a paper that says to be about pupils.
        """
        count, found = self.counts, set()
        found |= {kind for kind in (Kind.PUPIL_HEALTH, Kind.PUPIL_BIRTH) if count[kind]}
        if count[Kind.PUPIL_ROW] >= LIST_ROWS:
            found.add(Kind.PUPIL_ROW)
        if count[Kind.PUPIL] >= MINORS_PUPILS or (
            count[Kind.PUPIL] and any(count[kind] for kind in (*IDENTIFIERS, Kind.BIRTH))
        ):
            found.add(Kind.PUPIL)
        rows = count[Kind.PERSON_ROW] + count[Kind.PUPIL_ROW]
        if count[Kind.PUPIL_PAPER] and rows >= LIST_ROWS:
            found |= {Kind.PUPIL_PAPER, Kind.PERSON_ROW}
        return frozenset(found)

    def _of_people(self) -> frozenset[Kind]:
        """Any document of identity; somebody's health; one pupil by name; a list; two accounts; many contacts."""
        count, found = self.counts, set()
        found |= {kind for kind in (*IDENTIFIERS, Kind.HEALTH, Kind.PUPIL) if count[kind]}
        if count[Kind.PERSON_ROW] + count[Kind.PUPIL_ROW] >= LIST_ROWS:
            found |= {kind for kind in (Kind.PERSON_ROW, Kind.PUPIL_ROW) if count[kind]}
        if count[Kind.ACCOUNT] >= CONFIDENTIAL_ACCOUNTS:
            found.add(Kind.ACCOUNT)
        if count[Kind.BIRTH] >= CONFIDENTIAL_BIRTHS:
            found.add(Kind.BIRTH)
        if self._contacts() >= CONFIDENTIAL_CONTACTS:
            found |= {kind for kind in (Kind.PHONE, Kind.EMAIL) if count[kind]}
        return frozenset(found)

    def _of_contacts(self) -> frozenset[Kind]:
        """A few contacts, or one account."""
        found = {Kind.ACCOUNT} if self.counts[Kind.ACCOUNT] else set()
        if self._contacts() >= INTERNAL_CONTACTS:
            found |= {kind for kind in (Kind.PHONE, Kind.EMAIL, Kind.ROLE_EMAIL) if self.counts[kind]}
        return frozenset(found)

    def _contacts(self) -> float:
        count = self.counts
        # In thirds, so that three offices are one and not a little less.
        return (3 * (count[Kind.PHONE] + count[Kind.EMAIL]) + count[Kind.ROLE_EMAIL]) / 3


def suggest(findings: Iterable[Finding]) -> Suggestion:
    """Return the label that findings ask for."""
    tally = Tally()
    tally.add(findings)
    return tally.suggestion()
