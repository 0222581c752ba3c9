"""What a row says about a person: the details as they stand there, not yet in normal form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from chassis.domain import Violation
from contacts.contact_points.domain import Address, EmailPoint, ExternalId, Handle, PhonePoint
from contacts.custom_fields.domain import Definition
from contacts.custom_fields.values import Unfit
from contacts.imports.custom_values import value_of
from contacts.imports.domain import ColumnTarget
from contacts.imports.fields import ADDRESS, CUSTOM, EXTERNAL_ID, IGNORE
from contacts.people.domain import ImportantDate, LifecycleStage
from contacts.quality.calendar_date import normalise_date
from contacts.quality.names import clean_line
from contacts.quality.problem import Problem, shown

_BETWEEN = re.compile(r"\s*[;；、\n]\s*")
_BETWEEN_TAGS = re.compile(r"\s*[;；,，、|\n]\s*")
_LONGEST = {"external_ids": 200, "handles": 200, "tags": 100, "source": 500}
_MOST_POINTS, _MOST_TAGS = 50, 100
_LONGEST_NETWORK = 50
_PLAIN = ("given_name", "family_name", "full_name", "language", "time_zone", "source")


@dataclass(slots=True)
class Entry:
    """One row: fields of `PersonDetails` as far as it says anything, and what is wrong with them.

    `company_name` and `job_title` are not the person's own fields but those of an employment.
    """

    changes: dict[str, Any]
    wrong: list[Violation]
    company_name: str = ""
    job_title: str = ""


Reader = Callable[[Entry, str], None]
"""Takes one cell that is not blank into an entry."""


class TableEntries:
    """Reads rows of a table by the plan of its columns."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Sequence[ColumnTarget],
        definitions: Mapping[str, Definition],
        *,
        day_first: bool | None,
    ) -> None:
        places = {name: place for place, name in enumerate(header)}
        wanted = [(places[c.column], c) for c in columns if c.field != IGNORE]
        wanted.sort(key=lambda pair: pair[0])
        self._definitions, self._day_first = definitions, day_first
        self._readers = [
            (place, self._reader(target)) for place, target in wanted if target.field not in ADDRESS
        ]
        self._addresses: dict[str, list[tuple[int, str]]] = {}
        for place, target in wanted:
            if target.field in ADDRESS:
                self._addresses.setdefault(target.label, []).append((place, target.field))

    def entry(self, cells: Sequence[str]) -> Entry:
        """What a row says; it has as many cells as the header."""
        entry = Entry({}, [])
        for place, read in self._readers:
            cell = cells[place].strip()
            if cell:
                read(entry, cell)
        for label, fields in self._addresses.items():
            address = _address(label, [(field, cells[place].strip()) for place, field in fields])
            if address is not None:
                _append(entry, "postal_addresses", address)
        return entry

    def _reader(self, target: ColumnTarget) -> Reader:
        field, label = target.field, target.label
        if field in _PLAIN:
            return _plain(field)
        if field.startswith(EXTERNAL_ID):
            return _external_id(field.removeprefix(EXTERNAL_ID))
        if field.startswith(CUSTOM):
            return self._custom(field.removeprefix(CUSTOM))
        if field == "birthday":
            return self._birthday
        if field == "social_handles":
            return lambda entry, cell: _handle(entry, cell, label)
        labelled = {"emails": _emails, "phones": _phones}.get(field)
        if labelled is not None:
            return lambda entry, cell: labelled(entry, cell, label)
        return _READERS[field]

    def _birthday(self, entry: Entry, cell: str) -> None:
        add_birthday(entry, cell, day_first=self._day_first)

    def _custom(self, key: str) -> Reader:
        definition = self._definitions[key]

        def read(entry: Entry, cell: str) -> None:
            try:
                value = value_of(definition, cell, day_first=self._day_first)
            except Unfit as error:
                pointer = f"/custom_fields/{key}"
                entry.wrong.append(Violation(pointer, error.code, f"{key} {error.message}."))
            else:
                entry.changes.setdefault("custom_fields", {})[key] = value

        return read


def _append(entry: Entry, field: str, item: Any) -> None:
    held = entry.changes.get(field)
    entry.changes[field] = (item,) if held is None else (*held, item)


def _refuse(entry: Entry, pointer: str, code: str, message: str) -> None:
    entry.wrong.append(Violation(pointer, code, message))


def _fits(entry: Entry, field: str, text: str) -> bool:
    longest = _LONGEST[field]
    if len(text) <= longest:
        return True
    _refuse(entry, f"/{field}", "too_long", f"It has {len(text)} characters, at most {longest}.")
    return False


def _plain(field: str) -> Reader:
    def read(entry: Entry, cell: str) -> None:
        if field not in _LONGEST or _fits(entry, field, cell):
            entry.changes[field] = cell

    return read


def _emails(entry: Entry, cell: str, label: str) -> None:
    several = _BETWEEN.split(cell) if cell.count("@") > 1 else [cell]
    for address in several:
        if address:
            _append(entry, "emails", EmailPoint(address, label))


def _phones(entry: Entry, cell: str, label: str) -> None:
    for number in _BETWEEN.split(cell):
        if number:
            _append(entry, "phones", PhonePoint(number, label))


def _handle(entry: Entry, cell: str, network: str) -> None:
    for text in _BETWEEN.split(cell):
        add_handle(entry, text, network)


def add_handle(entry: Entry, text: str, network: str = "") -> None:
    """Take a handle; where the network is not said, an address of a profile says it."""
    handle = clean_line(text)
    if handle and _fits(entry, "handles", handle):
        _append(entry, "handles", _handle_of(handle, network))


def _handle_of(text: str, network: str) -> Handle:
    found, _, name = text.partition(":")
    if network:
        return Handle(network, text)
    if text.startswith(("http://", "https://")):
        return Handle(_network_of(text), text)
    if found.isalpha() and name and len(found) <= _LONGEST_NETWORK:
        return Handle(found.lower(), name.strip())
    return Handle("other", text)


def _network_of(link: str) -> str:
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:  # it only looks like the address of a page
        return "web"
    network = host.removeprefix("www.").partition(".")[0]
    return network if 0 < len(network) <= _LONGEST_NETWORK else "web"


def _line_ids(entry: Entry, cell: str) -> None:
    for text in _BETWEEN.split(cell):
        add_handle(entry, text, "line")


def _external_id(system: str) -> Reader:
    return lambda entry, cell: add_external_id(entry, system, cell)


def add_external_id(entry: Entry, system: str, text: str) -> None:
    """Take what another system calls the person."""
    key = clean_line(text)
    if key and _fits(entry, "external_ids", key):
        _append(entry, "external_ids", ExternalId(system, key))


def _tags(entry: Entry, cell: str) -> None:
    for text in _BETWEEN_TAGS.split(cell):
        add_tag(entry, text)


def add_tag(entry: Entry, text: str) -> None:
    """Take one tag."""
    tag = clean_line(text)
    if tag and _fits(entry, "tags", tag):
        _append(entry, "tags", tag)


def _stage(entry: Entry, cell: str) -> None:
    word = cell.casefold().replace(" ", "_").replace("-", "_")
    try:
        entry.changes["lifecycle_stage"] = LifecycleStage(word)
    except ValueError:
        known = ", ".join(LifecycleStage)
        message = f"“{shown(cell)}” is no lifecycle stage; there are {known}."
        _refuse(entry, "/lifecycle_stage", "lifecycle_stage_unknown", message)


def _owner(entry: Entry, cell: str) -> None:
    try:
        entry.changes["owner_id"] = UUID(cell)
    except ValueError:
        message = f"“{shown(cell)}” is not the id of a user."
        _refuse(entry, "/owner_id", "owner_unknown", message)


def _company_name(entry: Entry, cell: str) -> None:
    entry.company_name = cell


def _job_title(entry: Entry, cell: str) -> None:
    entry.job_title = cell


_READERS: Mapping[str, Reader] = {
    "line_ids": _line_ids,
    "tags": _tags,
    "lifecycle_stage": _stage,
    "owner_id": _owner,
    "company_name": _company_name,
    "job_title": _job_title,
}


def add_birthday(entry: Entry, text: str, *, day_first: bool | None) -> None:
    """Take a birthday as somebody wrote it."""
    found = normalise_date(text, day_first=day_first)
    if isinstance(found, Problem):
        _refuse(entry, "/birthday", found.code, found.message)
    elif isinstance(found, date):
        entry.changes["important_dates"] = (ImportantDate("birthday", found.isoformat()),)


def _address(label: str, fields: Sequence[tuple[str, str]]) -> Address | None:
    """An address of its columns; one that has a country alone is none."""
    lines: list[str] = []
    single: dict[str, Any] = {}
    for field, text in fields:
        if not text:
            continue
        if field != "street":
            single[field] = text
        elif lines and lines[-1].isdigit():
            lines[-1] = f"{lines[-1]} {text}"  # the number had a column of its own
        else:
            lines += text.split("\n")
    if not (lines or single.keys() - {"country"}):
        return None
    return Address(lines=tuple(lines), label=label, **single)


def bounded(entry: Entry) -> None:
    """Note lists that are longer than the API takes."""
    for field in ("emails", "phones", "handles", "postal_addresses", "tags", "external_ids"):
        most = _MOST_TAGS if field == "tags" else _MOST_POINTS
        if len(entry.changes.get(field, ())) > most:
            _refuse(entry, f"/{field}", "too_many", f"There can be at most {most} of them.")
