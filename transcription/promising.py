"""What one sentence commits somebody to: the speaker, a named person, or whoever is addressed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from engines.sentences import set_of
from transcription import meant, objects, people, verbs
from transcription.due_dates import Due
from transcription.objects import CLITICS, DIRECT, has_object
from transcription.people import Token
from transcription.phrases import Sentence, level, lower
from transcription.verbs import NO_TASKS, Form, Verb

_TELLS = set_of("avisar recordar informar anunciar comunicar contestar")
_CHARGES = set_of("encargar ocupar comprometer responsabilizar")
_NO_ORDERS = set_of(
    "mirar esperar perdonar decir dejar ir ver escuchar oír tranquilizar recordar pasar ser dar"
)
_AGREES = re.compile(
    r"\b(?:(?:se )?(?:acord|acuerd|aprueb|decid|resuelv|resolv)\w+|qued(?:a|amos|o)(?: \w+)? (?:en )?que|quedamos en)\b"
)
_MINE = (Form.I_DO, Form.I_WILL, Form.WE_DO, Form.WE_WILL)
_ACTS = (Form.I_DO, Form.I_WILL, Form.WILL, Form.DOES, Form.LET)
_BREAKS = set_of("y e pero porque que aunque o entonces pues así ; : . — , ! ?")
_NOUN_BEFORE = set_of("el un una del al de mi su este esta por con")
_POLITE = set_of("por favor porfa pues entonces tú usted y")
_LEADS = tuple(
    (name, re.compile(rf"(?<!\w){pattern}$"))
    for name, pattern in (
        ("I will", r"voy a"),
        ("I will", r"me comprometo a"),
        ("I will", r"me toca(?: a mí)?"),
        ("I will", r"quedo en"),
        ("I must", r"tengo que"),
        ("I can", r"puedo"),
        ("we", r"vamos a"),
        ("we", r"tenemos que"),
        ("will", r"van? a"),
        ("will", r"se comprometen? a"),
        ("will", r"quedan? en"),
        ("must", r"(?:tienen? que|deben?)"),
    )
)


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody takes on or is given, before its date and its kin are looked for."""

    owner: str
    infinitive: str
    about: str
    confidence: float
    weight_of_due: float = 0.0  # how much surer a date makes it
    is_asked: bool = False  # it stands only when somebody accepts
    is_order: bool = False  # whoever is addressed may answer, and say when
    until: int | None = None  # where in the sentence another person's part begins
    leans: bool = False  # what it is about stands in the sentences before


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with what is known around it. `last_person`: who was named last before."""

    sentence: Sentence
    dues: Sequence[Due]
    earlier: Sequence[Sentence]
    known: frozenset[str]
    last_person: str
    tokens: list[Token] = field(default_factory=list)

    def promises(self) -> list[Promise]:
        """Return what it commits people to, one promise for each of them."""
        ordered = self._ordered()
        if ordered:
            return [ordered]
        found: list[Promise] = []
        for at, token in enumerate(self.tokens):
            verb = verbs.of(token.text)
            one = (self._at(at, verb) if verb else None) or self._taken_over(at)
            if one and all(level(one.owner) != level(other.owner) for other in found):
                found.append(replace(one, until=self._pointed_at(at)))
        return found + [other for one in found for other in self._gapped(one)]

    def charged(self, at: int, owner: str) -> Promise | None:
        """Return the promise of "me encargo de…" at its verb: what stands after "de", or before the verb."""
        first, here = self._first(at), at + 1
        while self._word(here) in ("yo", "mismo", "misma", "tú", "él", "ella", "usted", "vos"):
            here += 1
        person = people.person_at(self.tokens, here, self.sentence.text, self.known)
        here = person.last if person else here
        if self._word(here) in ("de", "del", "a"):
            verb = verbs.of(self._word(here + 1))
            if verb and verb.form == Form.INFINITIVE:
                return self._about(here + 1, verb, self._attached(here + 1), owner, 0.85)
            article = "el " if self._word(here) == "del" else ""
            about = objects.after(self.sentence.text, self.tokens[here].end, dues=self.dues)
            return Promise(owner, "encargarse de", article + about, 0.85) if about else None
        head = objects.before(self.sentence.text, self._clause(first), self.tokens[first].start, self.dues)
        head = head or objects.topic(self.earlier)
        return Promise(owner, "encargarse de", head, 0.8) if head else None

    def about(self, at: int, verb: Verb, clitics: set[str], owner: str, confidence: float) -> Promise:
        """Return a promise with what its verb at a token is about."""
        return self._about(at, verb, clitics | self._attached(at), owner, confidence)

    def _at(self, at: int, verb: Verb) -> Promise | None:
        first = self._first(at)
        clitics = {token.text for token in self.tokens[first:at]}
        if verb.form == Form.INFINITIVE:
            return self._led(at, verb)
        if not self._is_meant(first):
            return None
        if verb.form in _MINE:
            return self._mine(at, first, verb, clitics)
        return self._theirs(at, first, verb, clitics) if verb.form in _ACTS else None

    def _mine(self, at: int, first: int, verb: Verb, clitics: set[str]) -> Promise | None:
        me = self.sentence.speaker
        if verb.infinitive in _CHARGES:
            return self.charged(at, me) if "me" in clitics else None
        if self._is_noun(first, at):
            return None
        if verb.infinitive == "intentar":
            inner = verbs.of(self._word(at + 1))
            if inner is None or inner.form != Form.INFINITIVE:
                return None
            verb, at = Verb(inner.infinitive, verb.form), at + 1
        is_we = verb.form in (Form.WE_DO, Form.WE_WILL)
        says_who = self._has("yo", at) or (is_we and self._has("nosotros", at))
        direct = clitics & DIRECT
        if verb.infinitive in NO_TASKS and (is_we or not (direct and self.dues)):
            return None
        if is_we and (verb.infinitive == "hacer" or not (direct or says_who)):
            return None
        if verb.infinitive in _TELLS and self._word(at + 1) in ("que", "de"):
            return None
        found = self._about(at, verb, clitics, me, 0.0)
        if verb.form == Form.I_WILL:
            return replace(found, confidence=0.75, weight_of_due=0.1)
        base = 0.45
        if verb.form == Form.I_DO:
            base = 0.48 + 0.2 * says_who + 0.15 * bool(clitics) + 0.1 * has_object(found.about)
        return replace(found, confidence=base, weight_of_due=0.25)

    def _led(self, at: int, verb: Verb) -> Promise | None:
        """Return what a verb that leads promises: "voy a enviar", "va a pedir", "tengo que entregar"."""
        lead, start = self._lead(at)
        if not lead or lead == "we" or not self._is_meant(start) or verb.infinitive in NO_TASKS:
            return None
        clitics = {token.text for token in self.tokens[start:at] if token.text in CLITICS}
        me = self.sentence.speaker
        if lead == "I will":
            return replace(self.about(at, verb, clitics, me, 0.75), weight_of_due=0.1)
        if lead in ("I must", "I can"):
            base = 0.5 + 0.05 * self._has("yo", start)
            return replace(self.about(at, verb, clitics, me, base), weight_of_due=0.25)
        owner = self._subject(start)
        base = 0.8 if lead == "will" else 0.7
        return replace(self.about(at, verb, clitics, owner, base), weight_of_due=0.1) if owner else None

    def _lead(self, at: int) -> tuple[str, int]:
        start = self._first(at)
        text = " ".join(token.text for token in self.tokens[max(0, start - 4) : start])
        for lead, pattern in _LEADS:
            found = pattern.search(text)
            if found:
                return lead, self._first(start - len(found[0].split()))
        return "", start

    def _theirs(self, at: int, first: int, verb: Verb, clitics: set[str]) -> Promise | None:
        owner = self._subject(first)
        if verb.infinitive in _CHARGES:
            owner = owner or self._person(at + 1)
            return self.charged(at, owner) if owner and "se" in clitics else None
        if verb.infinitive in NO_TASKS or self._is_noun(first, at):
            return None
        follows = self._person(at + 1) if not owner and clitics & DIRECT else ""
        owner = owner or follows
        if not owner:
            return None
        is_agreed = bool(_AGREES.search(level(self.sentence.text[: self.tokens[first].start])))
        found = self._about(at, verb, clitics, owner, 0.0, skip=follows)
        if verb.form == Form.LET:
            if not is_agreed and not level(self.sentence.text).startswith("que "):
                return None
            return replace(found, confidence=0.85 if is_agreed else 0.72, weight_of_due=0.05)
        if verb.form == Form.WILL:
            return replace(found, confidence=0.8, weight_of_due=0.1)
        return replace(found, confidence=0.7 if is_agreed else 0.5, weight_of_due=0.2)

    def _taken_over(self, at: int) -> Promise | None:
        """Return what is taken over without a verb of doing: "lo tengo para el día ocho", "queda encargada Inés"."""
        rest = level(self.sentence.text[self.tokens[at].start :])
        if re.match(r"(?:lo|la|los|las) (?:tengo|tendre)\b", rest) and self.dues and self._is_meant(at):
            return objects.left_to_do(self.sentence, self.earlier, made=_left)
        found = re.match(r"quedan? (?:encargad|responsable|a cargo)\w*(?: de)?\b", rest)
        if not found or not self._is_meant(at):
            return None
        here = at + len(found[0].split())
        person = people.person_at(self.tokens, here, self.sentence.text, self.known)
        owner = person.name if person else self._subject(at)
        start = self.tokens[(person.last if person else here) - 1].end
        about = re.sub(r"^del? ", "", objects.after(self.sentence.text, start, dues=self.dues))
        return Promise(owner, "encargarse de", about, 0.85) if owner and about else None

    def _ordered(self) -> Promise | None:
        turned = people.addressed(self.tokens, self.sentence.text, self.known)
        if turned is None:
            return None
        person, at = turned
        while at < len(self.tokens) and (not self.tokens[at].is_word or self.tokens[at].text in _POLITE):
            at += 1
        if at >= len(self.tokens) or person.first <= at < person.last:
            return None
        verb = verbs.ordered(self.tokens[at].text)
        if verb is None or verb.infinitive in _NO_ORDERS:
            return None
        if verb.infinitive in _CHARGES:
            charged = self.charged(at, person.name)
            return replace(charged, is_order=True) if charged else None
        end = self.tokens[person.first].start if person.first > at else None
        found = self._about(at, verb, self._attached(at), person.name, 0.85, end=end)
        return replace(found, is_order=True)

    def _gapped(self, one: Promise) -> Iterator[Promise]:
        """Yield what is left to others without its verb: "Óscar hará la gramática y Belén la redacción"."""
        for at, token in enumerate(self.tokens):
            person = people.person_at(self.tokens, at + 1, self.sentence.text, self.known)
            if token.text != "y" or person is None or level(person.name) == level(one.owner):
                continue
            is_object = self._word(person.last) in ("el", "la", "los", "las")
            if is_object and verbs.of(self._word(person.last + 1)) is None:
                about = objects.after(self.sentence.text, self.tokens[person.last].start, dues=self.dues)
                yield replace(one, owner=person.name, about=about)

    def _about(
        self,
        at: int,
        verb: Verb,
        clitics: set[str],
        owner: str,
        confidence: float,
        *,
        skip: str = "",
        end: int | None = None,
    ) -> Promise:
        text = self.sentence.text
        stop = self._next_deed(at) if end is None else end
        about = objects.after(text, self.tokens[at].end, dues=self.dues, end=stop)
        if skip and level(about).startswith(level(skip)):
            about = objects.tidy(about[len(skip) :])
        direct = clitics & DIRECT
        if not direct or has_object(about):
            about = about or objects.said_before(verb.infinitive, self.earlier)
            return Promise(owner, verb.infinitive, about, confidence)
        first = self._first(at)
        head = objects.before(text, self._clause(first), self.tokens[first].start, self.dues)
        if head:
            return Promise(owner, verb.infinitive, f"{head} {about}".strip(), confidence)
        pronoun = next(iter(direct))
        head = objects.stands_for(pronoun, verb.infinitive, self.earlier)
        infinitive = verb.infinitive if head else verb.infinitive + pronoun
        return Promise(owner, infinitive, f"{head} {about}".strip(), confidence, leans=True)

    def _is_meant(self, first: int) -> bool:
        before = self.tokens[first - 1].text if first else ""
        return meant.is_meant(lower(self.sentence.text), self.tokens[first].start, before=before)

    def _first(self, at: int) -> int:
        """Return the first of the pronouns that stand before a token, or the token itself."""
        while at and self.tokens[at - 1].text in CLITICS:
            at -= 1
        return at

    def _attached(self, at: int) -> set[str]:
        found = re.search(r"[a-zñáéíóú]{2}(?:me|te|se|nos)?(l[oa]s?)$", self.tokens[at].text)
        verb = verbs.of(self.tokens[at].text) or verbs.ordered(self.tokens[at].text)
        is_enclitic = verb is not None and verb.form in (Form.INFINITIVE, Form.ORDER)
        return {found[1]} if found and is_enclitic else set()

    def _next_deed(self, at: int) -> int | None:
        """Return where, after "y", somebody else or another deed begins; it is no part of this one."""
        for here in range(at + 1, len(self.tokens) - 1):
            if self.tokens[here].text != "y":
                continue
            follows = self._after_clitics(here + 1)
            verb = verbs.of(self._word(follows))
            is_deed = verb is not None and (
                verb.form in (Form.I_DO, Form.I_WILL, Form.WILL)
                or (follows > here + 1 and verb.form in _ACTS)
            )
            is_other = people.person_at(self.tokens, here + 1, self.sentence.text, self.known) is not None
            if is_deed or is_other or people.is_pointing(self.tokens[here + 1]):
                return self.tokens[here].start
        return None

    def _after_clitics(self, at: int) -> int:
        while at < len(self.tokens) and self.tokens[at].text in CLITICS:
            at += 1
        return at

    def _pointed_at(self, at: int) -> int | None:
        for here in range(at + 1, len(self.tokens) - 1):
            if self.tokens[here].text == "y" and people.is_pointing(self.tokens[here + 1]):
                return self.tokens[here].start
        return None

    def _clause(self, first: int) -> int:
        return self.tokens[self._clause_token(first)].start

    def _clause_token(self, first: int) -> int:
        while first and self.tokens[first - 1].text not in _BREAKS:
            first -= 1
        return first

    def _subject(self, first: int) -> str:
        """Return who is named before a verb in its clause; empty when nobody is."""
        start = self._clause_token(first)
        for at in range(start, first):
            if people.is_pointing(self.tokens[at]):
                named = people.all_in(self.tokens[:at], self.sentence.text, self.known)
                return named[-1].name if named else self.last_person
            if at == start and self.tokens[at].text in objects.PREPOSITIONS:
                return ""
            person = people.person_at(self.tokens, at, self.sentence.text, self.known)
            if person and (not at or self.tokens[at - 1].text not in objects.PREPOSITIONS):
                return person.name
        return ""

    def _person(self, at: int) -> str:
        person = people.person_at(self.tokens, at, self.sentence.text, self.known)
        return person.name if person else ""

    def _has(self, word: str, at: int) -> bool:
        return any(token.text == word for token in self.tokens[max(0, at - 6) : at + 4])

    def _word(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) and self.tokens[at].is_word else ""

    def _is_noun(self, first: int, at: int) -> bool:
        """Say whether what looks like a verb is a noun: "el presente", "un cargo", "la reforma de"."""
        if first != at:
            article_like = first + 1 == at and self.tokens[first].text in ("la", "las", "los")
            return article_like and self._word(at + 1) in ("de", "del") and self._word(at + 2) != "nuevo"
        return first > 0 and self.tokens[first - 1].text in _NOUN_BEFORE


def _left(speaker: str, infinitive: str, about: str) -> Promise:
    return Promise(speaker, infinitive, about, 0.7, leans=True)
