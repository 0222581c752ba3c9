"""A search index in memory that answers plans as the tables do: ranges in code point order, patterns, groups."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID, uuid5

from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.search.plan import Driver, Range, SearchPlan, parse_query
from contacts.search.ranking import Hit, Ranked, in_order, rank
from contacts.search.spelling import TextRange, deletions
from contacts.search.terms import Kind, index_terms

_IDS = UUID("018f0000-0000-7000-8000-000000000000")
_IN_KEYS = {Kind.KEY_EMAIL: "email", Kind.KEY_PHONE: "phone"}


def _within(text: str, low: str, high: str | None) -> bool:
    return low <= text and (high is None or text < high)


class MemoryIndex:
    """People by name, each with terms, exact keys and dictionary words."""

    def __init__(self) -> None:
        self.names: dict[UUID, str] = {}
        self._terms: defaultdict[UUID, set[str]] = defaultdict(set)
        self._keys: defaultdict[UUID, set[tuple[str, str]]] = defaultdict(set)
        self._deletions: set[tuple[str, str]] = set()

    def add(
        self,
        name: str,
        companies: Iterable[str] = (),
        emails: Iterable[str] = (),
        phones: Iterable[str] = (),
    ) -> UUID:
        record_id = uuid5(_IDS, name)
        entry = index_terms((name,), companies, emails, phones)
        self.names[record_id] = name
        self._terms[record_id] |= set(entry.terms)
        for email in map(normalise_email, emails):
            assert isinstance(email, EmailAddress)
            self._keys[record_id].add(("email", email.match_key))
        self._keys[record_id] |= {("phone", phone) for phone in phones}
        self._deletions |= {(key, word) for word in entry.words for key in deletions(word)}
        return record_id

    def find(self, typed: str, region: str = "TW") -> list[str]:
        """The names that are found for a text, best first."""
        plan = parse_query(typed, region)
        best = self._carried_out(plan, {})
        found = {spelling.position: self._words(spelling.ranges) for spelling in plan.spellings}
        if not best:
            for corrected in plan.corrected(found):
                best = self._carried_out(corrected, best)
        return [self.names[ranked.record_id] for ranked in in_order(best)]

    def _carried_out(self, plan: SearchPlan, best: dict[UUID, Ranked]) -> dict[UUID, Ranked]:
        best = rank(plan, self._hits(plan.direct), best)
        for driver in plan.drivers:
            best = rank(plan, self._narrowed(driver), best)
        return best

    def _hits(self, ranges: Iterable[Range], only: UUID | None = None) -> list[Hit]:
        hits = []
        for record_id in self.names if only is None else (only,):
            for kind, low, high in ranges:
                texts = self._texts(record_id, kind)
                hits += [Hit(record_id, kind, t) for t in texts if _within(t, low, high)]
        return hits

    def _texts(self, record_id: UUID, kind: Kind) -> set[str]:
        if kind in _IN_KEYS:
            return {key for name, key in self._keys[record_id] if name == _IN_KEYS[kind]}
        return self._terms[record_id]

    def _narrowed(self, driver: Driver) -> list[Hit]:
        return [
            hit
            for hit in self._hits(driver.ranges)
            if all(pattern.strip("%") in hit.term for pattern in driver.patterns)
            and all(self._hits(group, hit.record_id) for group in driver.elsewhere)
        ]

    def _words(self, ranges: tuple[TextRange, ...]) -> frozenset[str]:
        return frozenset(
            word
            for key, word in self._deletions
            if any(_within(key, low, high) for low, high in ranges)
        )
