"""What is left when two people become one, field by field, and how that is taken back.

A single field is the survivor's unless it is empty there or chosen from the other. Lists are united:
the survivor's entries come first and keep what they are, those that the other alone has follow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any
from uuid import UUID

from chassis.domain import Invalid, Violation
from contacts.contact_points.keys import email_key
from contacts.merges.domain import Change, Changes, Key, Merge, Side
from contacts.people.domain import ImportantDate, LifecycleStage, PersonDetails
from contacts.quality.normalise import full_name_of

_CUSTOM = "custom_fields."
_TEXTS = ("given_name", "family_name", "full_name", "source", "language", "time_zone")
SINGLE = (*_TEXTS, "lifecycle_stage", "owner_id", "birthday")
"""The fields that are taken from one of the two, besides `custom_fields.<key>`."""
_EMPTY: Collection[Any] = ("", None, [], {})


def require_known(choices: Mapping[str, Side], *people: PersonDetails) -> None:
    """Raise `Invalid` that names every choice of a field that there is not."""
    custom = {f"{_CUSTOM}{key}" for details in people for key in details.custom_fields}
    message = f"It has to be one of {', '.join(SINGLE)}, or a custom field that one of the two has."
    wrong = tuple(
        Violation(f"/fields/{name.replace('~', '~0').replace('/', '~1')}", "field_unknown", message)
        for name in choices
        if name not in SINGLE and name not in custom
    )
    if wrong:
        raise Invalid("Some fields cannot be chosen.", violations=wrong)


def united(
    survivor: PersonDetails, merged: PersonDetails, choices: Mapping[str, Side]
) -> PersonDetails:
    """The details of the one person that both are."""
    details = survivor
    for name in _names(survivor, merged):
        mine, theirs = read(survivor, name), read(merged, name)
        chosen = choices.get(name) or (Side.MERGED if mine in _EMPTY else Side.SURVIVOR)
        if chosen is Side.MERGED and mine != theirs:
            details = _written(details, name, theirs)
    for name, key_of in _LISTS.items():
        lists: dict[str, Any] = {name: _union(survivor, merged, details, name, key_of)}
        details = replace(details, **lists)
    return details if "full_name" in choices else _named(survivor, details)


def changes_between(survivor: PersonDetails, after: PersonDetails) -> Changes:
    """What a merge has made of the survivor."""
    names = [n for n in _names(survivor, after) if read(survivor, n) != read(after, n)]
    added = {name: _keys(after, name) - _keys(survivor, name) for name in _LISTS}
    return Changes(
        {name: Change(read(survivor, name), read(after, name)) for name in names},
        {name: keys for name, keys in added.items() if keys},
    )


def taken_back(
    details: PersonDetails, undone: Merge, others: Sequence[Merge]
) -> tuple[PersonDetails, dict[UUID, Changes]]:
    """The survivor's details without what a merge had brought, and what `others` have brought then.

    A field that was changed since stays. `others` are the merges into the survivor that hold on, in
    their order: what one of them has brought as well stays too, as brought by that one.
    """
    held = {merge.id: merge.changes for merge in others}
    later = [m.id for m in others if (m.merged_at, m.id) > (undone.merged_at, undone.id)]
    for name, change in undone.changes.fields.items():
        follower = next((id_ for id_ in later if _goes_on(held[id_], name, change.after)), None)
        if follower is not None:
            held[follower] = held[follower].with_before(name, change.before)
        elif read(details, name) == change.after:
            details = _written(details, name, change.before)
    for name, keys in undone.changes.added.items():
        going = keys
        for merge in others:
            shared = going & _keys(merge.merged.details, name) if merge.merged else frozenset()
            if shared:
                held[merge.id] = held[merge.id].with_added(name, shared)
                going -= shared
        details = _without(details, name, going)
    return details, held


def read(details: PersonDetails, name: str) -> Any:
    """A single field as JSON has it."""
    if name.startswith(_CUSTOM):
        return details.custom_fields.get(name.removeprefix(_CUSTOM))
    if name == "birthday":
        return [[d.date, d.label] for d in details.important_dates if d.kind == "birthday"]
    if name == "owner_id":
        return None if details.owner_id is None else str(details.owner_id)
    return str(getattr(details, name))


def _written(details: PersonDetails, name: str, value: Any) -> PersonDetails:
    if name.startswith(_CUSTOM):
        key = name.removeprefix(_CUSTOM)
        custom = {k: v for k, v in details.custom_fields.items() if k != key}
        if value is not None:
            custom[key] = value
        return replace(details, custom_fields=custom)
    if name == "birthday":
        return replace(details, important_dates=_with_birthdays(details.important_dates, value))
    if name == "owner_id":
        return replace(details, owner_id=None if value is None else UUID(value))
    if name == "lifecycle_stage":
        return replace(details, lifecycle_stage=LifecycleStage(value))
    return replace(details, **{name: value})


def _with_birthdays(
    days: Sequence[ImportantDate], value: Sequence[Sequence[str]]
) -> tuple[ImportantDate, ...]:
    """The days with other birthdays, in the place where there were some."""
    place = next((i for i, day in enumerate(days) if day.kind == "birthday"), 0)
    others = [day for day in days if day.kind != "birthday"]
    birthdays = (ImportantDate("birthday", date, label) for date, label in value)
    return (*others[:place], *birthdays, *others[place:])


def _names(*people: PersonDetails) -> list[str]:
    custom = {f"{_CUSTOM}{key}" for details in people for key in details.custom_fields}
    return [*SINGLE, *sorted(custom)]


def _goes_on(changes: Changes, name: str, value: Any) -> bool:
    """Whether a merge has changed the field from what another one had made of it."""
    return name in changes.fields and changes.fields[name].before == value


def _named(survivor: PersonDetails, details: PersonDetails) -> PersonDetails:
    """A full name that was made of the parts is made of them again."""
    made = full_name_of(survivor.given_name, survivor.family_name)
    if not made or survivor.full_name != made:
        return details
    parts = full_name_of(details.given_name, details.family_name)
    return replace(details, full_name=parts or details.full_name)


def _union(
    survivor: PersonDetails,
    merged: PersonDetails,
    details: PersonDetails,
    name: str,
    key_of: Callable[[Any], Key | None],
) -> tuple[Any, ...]:
    mine: tuple[Any, ...] = getattr(details, name)
    known = _keys(survivor, name)
    has_primary = any(getattr(entry, "primary", False) for entry in mine)
    more: dict[Key, Any] = {}
    for entry in getattr(merged, name):
        key = key_of(entry)
        if key is not None and key not in known:
            second = has_primary and getattr(entry, "primary", False)
            more.setdefault(key, replace(entry, primary=False) if second else entry)
    return (*mine, *more.values())


def _without(details: PersonDetails, name: str, keys: Collection[Key]) -> PersonDetails:
    key_of = _LISTS[name]
    lists: dict[str, Any] = {
        name: tuple(entry for entry in getattr(details, name) if key_of(entry) not in keys)
    }
    return replace(details, **lists)


def _keys(details: PersonDetails, name: str) -> frozenset[Key]:
    keys = map(_LISTS[name], getattr(details, name))
    return frozenset(key for key in keys if key is not None)


def _date_key(day: ImportantDate) -> Key | None:
    """None for a birthday: there is one, and it is a field of its own here."""
    return None if day.kind == "birthday" else astuple(day)


_LISTS: Mapping[str, Callable[[Any], Key | None]] = {
    "emails": lambda point: (email_key(point.address),),
    "phones": lambda point: (point.number,),
    "handles": lambda point: (point.network, point.handle),
    "postal_addresses": lambda a: (*a.lines, "", a.city, a.region, a.postal_code, a.country),
    "tags": lambda tag: (tag,),
    "external_ids": astuple,
    "important_dates": _date_key,
    "life_events": astuple,
}
"""The lists, and what tells an entry of each from the others."""
