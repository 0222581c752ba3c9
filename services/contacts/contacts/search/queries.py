"""Finds people and companies at once, as somebody types (CO-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.contact_points.keys import email_key
from contacts.custom_fields.domain import RecordKind
from contacts.search.finding import Finder, choice_of
from contacts.search.folding import Word, fold, words_of
from contacts.search.highlights import Part, parts_of_name, parts_of_text
from contacts.search.home_region import home_region
from contacts.search.plan import HITS, parse_query
from contacts.search.ranking import Ranked, in_order
from contacts.search.terms import Kind

MOST: Final = 50
_OVER: Final = 20
"""Archived records keep their keys and are found by them; so many may be left out."""

_MATCHED_ON = {
    Kind.NAME: "name",
    Kind.MAIL: "email",
    Kind.KEY_EMAIL: "email",
    Kind.PHONE_END: "phone",
    Kind.KEY_PHONE: "phone",
}


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A person or a company as it is shown while somebody types.

    `matched` is the name, address or number that was found, cut into parts; `corrected` says that
    it was found by another word than the typed one.
    """

    type: RecordKind
    id: UUID
    title: str
    subtitle: str
    matched_on: str
    matched: Sequence[Part]
    corrected: bool


def search(
    reading: Reading, typed: str, scopes: Mapping[RecordKind, Scope], most: int
) -> list[FoundRecord]:
    """The best of those that are found within the scopes, of all kinds in one order."""
    plan = parse_query(typed, home_region(reading, typed))
    if plan.is_empty:
        return []
    finders = {
        kind: Finder(reading, kind, HITS, choice_of(reading, scope, kind))
        for kind, scope in scopes.items()
    }
    found = {kind: finder.exact(plan) for kind, finder in finders.items()}
    words: Sequence[Word] = plan.words
    corrected = not any(found.values())
    if corrected:
        outcomes = {kind: finder.corrected(plan) for kind, finder in finders.items()}
        found = {kind: outcome.found for kind, outcome in outcomes.items()}
        words = [word for outcome in outcomes.values() for word in outcome.words]
    best = _best(found, most + _OVER)
    records = _records(reading, best, scopes)
    shown = [
        _shown(kind, ranked, records[ranked.record_id], typed, words, corrected=corrected)
        for kind, ranked in best
        if ranked.record_id in records
    ]
    return shown[:most]


def _best(
    found: Mapping[RecordKind, Mapping[UUID, Ranked]], most: int
) -> list[tuple[RecordKind, Ranked]]:
    kinds = {record_id: kind for kind, some in found.items() for record_id in some}
    together = in_order({key: hit for some in found.values() for key, hit in some.items()})
    return [(kinds[ranked.record_id], ranked) for ranked in together[:most]]


def _records(
    reading: Reading,
    best: Sequence[tuple[RecordKind, Ranked]],
    scopes: Mapping[RecordKind, Scope],
) -> dict[UUID, dict[str, Any]]:
    """What is shown of the records, of those in use and within the scopes."""
    about: dict[str, Any] = {"tenant_id": reading.caller.tenant_id}
    for kind in RecordKind:
        about[kind.value] = [ranked.record_id for k, ranked in best if k is kind]
    return {
        row["id"]: row
        for row in reading.fetch_all(_SHOWN, about)
        if scopes[RecordKind(row["type"])].allows(row["owner_id"])
    }


def _shown(
    kind: RecordKind,
    ranked: Ranked,
    record: Mapping[str, Any],
    typed: str,
    words: Sequence[Word],
    *,
    corrected: bool,
) -> FoundRecord:
    emails = [point["address"] for point in orjson.loads(record["emails"])]
    phones = [point["number"] for point in orjson.loads(record["phones"])]
    points = [*emails, *([record["domain"]] if record["domain"] else []), *phones]
    title = record["name"] or next(iter(points), "")
    matched_on = _MATCHED_ON[ranked.kind]
    text = _matched_text(ranked, emails, phones, record["domain"]) or title
    if matched_on == "name":
        parts = parts_of_name(title, words)
    elif matched_on == "phone":
        parts = _parts_of_phone(text, typed, ranked)
    else:
        parts = _parts_of_email(text, typed)
    subtitle = next((point for point in points if point != title), "")
    return FoundRecord(
        kind, ranked.record_id, title, subtitle, matched_on, parts, corrected=corrected
    )


def _matched_text(ranked: Ranked, emails: Sequence[str], phones: Sequence[str], domain: str) -> str:
    """The contact point that a term or a key is of; empty for a name."""
    if ranked.kind is Kind.KEY_EMAIL:
        return next((address for address in emails if email_key(address) == ranked.term), "")
    if ranked.kind is Kind.MAIL:
        piece = ranked.term[1:]
        candidates = [*emails, *([domain] if domain else [])]
        return next((address for address in candidates if piece in address.casefold()), "")
    if ranked.kind is Kind.KEY_PHONE:
        return ranked.term
    if ranked.kind is Kind.PHONE_END:
        return next((n for n in phones if n[:0:-1] == ranked.term[1:]), "")
    return ""


def _parts_of_email(text: str, typed: str) -> list[Part]:
    """By the typed part that is in it, of a text with a name and an address."""
    for piece in sorted(typed.split(), key=len, reverse=True):
        parts = parts_of_text(text, piece.removeprefix("@"))
        if len(parts) > 1 or parts[0].hit:
            return parts
    return parts_of_name(text, words_of(fold(typed)))


def _parts_of_phone(number: str, typed: str, ranked: Ranked) -> list[Part]:
    """The typed digits at the end or at the front of the number, without a national prefix."""
    digits = "".join(c for c in typed if c.isdigit() and c.isascii()).lstrip("0")
    if ranked.kind is Kind.PHONE_END and number.endswith(digits) and digits:
        return [Part(number[: -len(digits)], hit=False), Part(digits, hit=True)]
    return parts_of_text(number, digits)


_SHOWN = Statement(
    "SELECT 'person' AS type, id, full_name AS name, '' AS domain, owner_id,"
    " (details -> 'emails')::text AS emails, (details -> 'phones')::text AS phones"
    " FROM people"
    " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(person)s::uuid[]) AND archived_at IS NULL"
    " UNION ALL"
    " SELECT 'company', id, name, domain, owner_id,"
    " (details -> 'emails')::text, (details -> 'phones')::text"
    " FROM companies"
    " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(company)s::uuid[]) AND archived_at IS NULL"
)
