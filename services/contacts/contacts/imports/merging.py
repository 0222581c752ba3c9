"""What a person is after a row has been taken over: what it says, added to or put in place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from contacts.contact_points.domain import Address
from contacts.people.domain import PersonDetails
from contacts.quality.normalise import full_name_of

_REPLACED = ("given_name", "family_name", "language", "time_zone", "source")
_REPLACED_ALSO = ("owner_id", "lifecycle_stage")


def merged(before: PersonDetails, row: PersonDetails, stated: Collection[str]) -> PersonDetails:
    """The details with what the row states.

    Names, language and the like take the place of the old ones; contact points, tags and external
    ids are added to those there are; an important day takes the place of the one of its kind.
    What a row leaves blank stays.
    """
    changes: dict[str, Any] = {
        name: getattr(row, name) for name in (*_REPLACED, *_REPLACED_ALSO) if name in stated
    }
    changes |= {
        name: _with_more(getattr(before, name), getattr(row, name)) for name in ("emails", "phones")
    }
    addresses = [a for a in row.postal_addresses if not _has(before.postal_addresses, a)]
    kinds = {important.kind for important in row.important_dates}
    dates = tuple(d for d in before.important_dates if d.kind not in kinds)
    changes |= {
        "full_name": _full_name(before, row, stated, changes),
        "handles": (*before.handles, *row.handles),
        "postal_addresses": _with_more(before.postal_addresses, tuple(addresses)),
        "tags": tuple(dict.fromkeys((*before.tags, *row.tags))),
        "external_ids": tuple(dict.fromkeys((*before.external_ids, *row.external_ids))),
        "important_dates": (*dates, *row.important_dates) if kinds else before.important_dates,
        "life_events": tuple(dict.fromkeys((*before.life_events, *row.life_events))),
        "custom_fields": {**before.custom_fields, **row.custom_fields},
    }
    return replace(before, **changes)


def _full_name(
    before: PersonDetails, row: PersonDetails, stated: Collection[str], changes: dict[str, Any]
) -> str:
    """The stated one; where it was made of the parts, it is made of the new parts."""
    if "full_name" in stated:
        return row.full_name
    made = before.full_name == full_name_of(before.given_name, before.family_name)
    if made or not before.full_name:
        given = changes.get("given_name", before.given_name)
        return full_name_of(given, changes.get("family_name", before.family_name))
    return before.full_name


def _with_more(before: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    """Points that are there stay as they are, the primary one too."""
    if not before:
        return more
    return (*before, *(replace(point, primary=False) for point in more))


def _has(addresses: tuple[Address, ...], wanted: Address) -> bool:
    plain = replace(wanted, label="", primary=False)
    return any(replace(held, label="", primary=False) == plain for held in addresses)
