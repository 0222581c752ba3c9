"""Compares people with all others, and keeps which two may be one; each function is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from chassis.storage.statements import Statement
from contacts.duplicates.domain import DuplicatePair, Finding, PairState
from contacts.duplicates.judging import finding_of
from contacts.duplicates.looking import look, traits_of_people
from contacts.duplicates.storage import PAIR_UNIQUE, settings_of
from contacts.likeness.traits import Traits
from contacts.transaction import ContactsTx

Two = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Compared:
    """How many people were compared, how many pairs are new, how many keys too many share."""

    people: int = 0
    found: int = 0
    passed_over: int = 0

    def __add__(self, more: Compared) -> Compared:
        """Both together."""
        return Compared(
            self.people + more.people,
            self.found + more.found,
            self.passed_over + more.passed_over,
        )


def compare_waiting(tx: ContactsTx, most: int) -> Compared:
    """Compare the next people who were entered or changed; fewer than `most` are the last.

    Several may do this at once: each takes others. Whoever changes meanwhile waits for nobody, and is
    compared again.
    """
    about = {"tenant_id": tx.tenant_id, "most": most}
    rows = tx.fetch_all(_TAKE, about)
    ids = sorted({row["person_id"] for row in rows})
    _give_keys(tx, ids)
    compared = compare(tx, ids)
    return Compared(len(rows), compared.found, compared.passed_over)


def compare(tx: ContactsTx, person_ids: Sequence[UUID]) -> Compared:
    """Compare some people with all others, and rate anew what was known of them."""
    tx.bulk = True
    tx.try_again_on(PAIR_UNIQUE)
    traits = traits_of_people(tx, person_ids)
    looked = look(tx, list(traits.values()))
    least = settings_of(tx).limits.offer_from
    findings: dict[Two, Finding] = {}
    others = dict(traits)
    for person_id, here in zip(traits, looked, strict=True):
        for one in here.alike:
            two = _two(person_id, one.person_id)
            others.setdefault(one.person_id, one.traits)
            # Those at hand twice in one batch are compared once.
            if one.person_id != person_id and two not in findings:
                findings[two] = finding_of(traits[person_id], one.traits)
    known = tx.duplicate_pairs.about(person_ids)
    _rate_known(tx, known, findings, others, least)
    found = {two: f for two, f in findings.items() if two not in known and f.probability >= least}
    found = _without_merged(tx, found)
    now = tx.clock.now()
    for (one_id, other_id), finding in found.items():
        pair = DuplicatePair.find(tx.ids.new(), one_id, other_id, finding, now)
        tx.duplicate_pairs.add(pair)
    return Compared(len(person_ids), len(found), sum(len(here.too_common) for here in looked))


def _rate_known(
    tx: ContactsTx,
    known: Mapping[Two, DuplicatePair],
    findings: Mapping[Two, Finding],
    traits: dict[UUID, Traits],
    least: float,
) -> None:
    """Rate the pairs anew that were known; those that are none any more go."""
    absent = sorted(set(chain.from_iterable(known)) - traits.keys())
    traits.update(traits_of_people(tx, absent))
    now = tx.clock.now()
    for two, pair in known.items():
        first, second = (traits.get(person_id) for person_id in two)
        if (
            first is None or second is None
        ):  # archived or merged: it is shown again when they are back
            continue
        finding = findings.get(two) or finding_of(first, second)
        if pair.state is PairState.OPEN and finding.probability < least:
            pair.withdraw()
            tx.duplicate_pairs.remove(pair)
        else:
            pair.rate(finding, now)


def _without_merged(tx: ContactsTx, found: Mapping[Two, Finding]) -> dict[Two, Finding]:
    """Those of which no pair is there: one that was merged, and undone elsewhere, has its own say."""
    there = tx.duplicate_pairs.among(list(found))
    return {two: finding for two, finding in found.items() if two not in there}


def put_keys_right(tx: ContactsTx, person_ids: Sequence[UUID]) -> None:
    """Have people's keys be those of this version; they are locked, but for those whose keys are."""
    for person in tx.people.get_many(list(person_ids)):
        tx.people.match_keys.put_right(person)


def _give_keys(tx: ContactsTx, person_ids: Sequence[UUID]) -> None:
    """Give keys to those who were entered before there were keys; nobody else is locked."""
    rows = tx.fetch_all(_WITHOUT_KEYS, {"tenant_id": tx.tenant_id, "ids": list(person_ids)})
    if rows:
        put_keys_right(tx, [row["id"] for row in rows])
        tx.flush()  # they are looked for by these keys next


def _two(one: UUID, other: UUID) -> Two:
    return (one, other) if one < other else (other, one)


_WITHOUT_KEYS = Statement(
    "SELECT id FROM people WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)"
    " AND archived_at IS NULL AND cardinality(match_keys) = 0 ORDER BY id"
)
_TAKE = Statement(
    """
    WITH taken AS (
        SELECT seq FROM people_to_compare WHERE tenant_id = %(tenant_id)s
        ORDER BY seq LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM people_to_compare AS w USING taken
    WHERE w.tenant_id = %(tenant_id)s AND w.seq = taken.seq RETURNING w.person_id
    """
)
