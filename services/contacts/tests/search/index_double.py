"""A search index in memory that answers plans as the tables do: ranges in code point order, patterns, groups."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.search.correction import corrected
from contacts.search.plan import Driver, Range, SearchPlan, name_ranges, parse_query
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
        emails: Iterable[str] = (),
        phones: Iterable[str] = (),
    ) -> UUID:
        record_id = uuid5(_IDS, name)
        entry = index_terms((name,), emails, phones)
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
        best = self._carried_out((plan,), plan.direct, plan.drivers)
        if not best:
            best = self._corrected(plan)
        return [self.names[ranked.record_id] for ranked in in_order(best)]

    def _corrected(self, plan: SearchPlan) -> dict[UUID, Ranked]:
        """With the words corrected that begin no name."""
        found = {spelling.position: self._words(spelling.ranges) for spelling in plan.spellings}
        missing = frozenset(i for i in found if not self._hits(name_ranges(plan.words[i].text)))
        correction = corrected(plan, missing, found)
        if correction is None:
            return {}
        direct = [r for each in correction.plans for r in each.direct]
        return self._carried_out(correction.plans, direct, correction.drivers)

    def _carried_out(
        self, plans: Sequence[SearchPlan], direct: Iterable[Range], drivers: Iterable[Driver]
    ) -> dict[UUID, Ranked]:
        best = rank(plans, self._hits(direct))
        for driver in drivers:
            best = rank(plans, self._narrowed(driver), best)
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
            and (
                not driver.alternatives
                or any(pattern.strip("%") in hit.term for pattern in driver.alternatives)
            )
            and all(self._hits(group, hit.record_id) for group in driver.elsewhere)
        ]

    def _words(self, ranges: tuple[TextRange, ...]) -> frozenset[str]:
        return frozenset(
            word
            for key, word in self._deletions
            if any(_within(key, low, high) for low, high in ranges)
        )
