"""The fields of facts, as rules speak of them: by path, with a type, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

LONGEST_PATH = 200
_MOST_STEPS = 8
_TIMESTAMP = "google.protobuf.Timestamp"
_MONEY = "rapport.common.v1.Money"
_NUMBERS = frozenset(
    {
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
        FieldDescriptor.CPPTYPE_FLOAT,
        FieldDescriptor.CPPTYPE_DOUBLE,
    }
)


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    CHOICE = "choice"
    MONEY = "money"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class FieldKind:
    """The type of a field; `is_list` when there may be several values, `words` for a choice."""

    type: FieldType
    is_list: bool = False
    words: tuple[str, ...] = ()


class NoSuchField(Exception):
    """The fact has no such field; says what there is instead."""


ENVELOPE: Mapping[str, FieldKind] = {
    "fact.id": FieldKind(FieldType.TEXT),
    "fact.type": FieldKind(FieldType.TEXT),
    "fact.aggregate_id": FieldKind(FieldType.TEXT),
    "fact.actor": FieldKind(FieldType.TEXT),
    "fact.occurred_at": FieldKind(FieldType.TIME),
}
"""What every fact has besides its own fields."""


def kind_of(descriptor: Descriptor, path: str) -> FieldKind:
    """The type of the field at a path such as `value.currency` or `external_ids.system`.

    Raises `NoSuchField`.
    """
    if path in ENVELOPE:
        return ENVELOPE[path]
    names = path.split(".")
    if len(path) > LONGEST_PATH or len(names) > _MOST_STEPS:
        raise NoSuchField(f"a path has at most {_MOST_STEPS} steps and {LONGEST_PATH} characters")
    is_list = False
    for place, name in enumerate(names):
        field = descriptor.fields_by_name.get(name)
        if field is None:
            known = ", ".join(sorted(descriptor.fields_by_name))
            raise NoSuchField(f"{descriptor.name} has no field {name}; it has {known}")
        rest = names[place + 1 :]
        if _is_map(field):
            return _kind_in_map(field, rest, is_list=is_list)
        is_list = is_list or field.is_repeated
        if not rest:
            return _kind(field, is_list=is_list)
        if field.message_type is None or field.message_type.full_name == _TIMESTAMP:
            raise NoSuchField(f"{name} has no fields of its own")
        descriptor = field.message_type
    raise NoSuchField("a path names a field")


def values_of(message: Message) -> dict[str, Any]:
    """A fact as plain values: choices as lower-case words, times as RFC 3339, absent ones left out."""
    values: dict[str, Any] = {}
    for field in cast("Descriptor", message.DESCRIPTOR).fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        value = getattr(message, field.name)
        if _is_map(field):
            values[field.name] = {str(key): _plain(_of_map(field), value[key]) for key in value}
        elif field.is_repeated:
            values[field.name] = [_plain(field, each) for each in value]
        else:
            values[field.name] = _plain(field, value)
    return values


def look_up(values: Mapping[str, Any], path: str) -> Any:
    """The value at a path; a list where it leads through one, None when there is nothing."""
    found = list(_found(values, path.split(".")))
    if not found:
        return None
    through_list = len(found) > 1
    return found if through_list else found[0]


def each_value(values: Mapping[str, Any], path: str) -> Sequence[Any]:
    """All the values at a path, those of a list one by one."""
    found: list[Any] = []
    for value in _found(values, path.split(".")):
        found += value if isinstance(value, list) else [value]
    return found


def fields_of(descriptor: Descriptor, prefix: str = "") -> Iterator[tuple[str, FieldKind]]:
    """The paths of all fields that a rule can speak of, with their types."""
    for field in descriptor.fields:
        path = f"{prefix}{field.name}"
        if _is_map(field):
            continue
        if field.message_type is None or field.message_type.full_name == _TIMESTAMP:
            yield path, _kind(field, is_list=field.is_repeated)
        elif path.count(".") < _MOST_STEPS - 1:
            yield from (
                (below, FieldKind(kind.type, kind.is_list or field.is_repeated, kind.words))
                for below, kind in fields_of(field.message_type, f"{path}.")
            )


def as_time(value: Any) -> datetime | None:
    """A moment; None for what is none."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def as_number(value: Any) -> Decimal | None:
    """A number, of a number or a decimal string; None for what is none."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _found(value: Any, names: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list) and names:
        for each in value:
            yield from _found(each, names)
    elif not names:
        yield value
    elif isinstance(value, Mapping) and names[0] in value:
        yield from _found(value[names[0]], names[1:])


def _kind(field: FieldDescriptor, *, is_list: bool) -> FieldKind:
    if field.enum_type is not None:
        return FieldKind(FieldType.CHOICE, is_list, tuple(_words(field.enum_type).values()))
    if field.message_type is not None:
        is_time = field.message_type.full_name == _TIMESTAMP
        return FieldKind(FieldType.TIME if is_time else FieldType.RECORD, is_list)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return FieldKind(FieldType.BOOLEAN, is_list)
    if field.cpp_type in _NUMBERS:
        return FieldKind(FieldType.NUMBER, is_list)
    holder = field.containing_type
    is_amount = holder is not None and holder.full_name == _MONEY and field.name == "amount"
    return FieldKind(FieldType.MONEY if is_amount else FieldType.TEXT, is_list)


def _kind_in_map(field: FieldDescriptor, rest: Sequence[str], *, is_list: bool) -> FieldKind:
    if len(rest) != 1:
        raise NoSuchField(f"{field.name} has values by key: {field.name}.<key>")
    return _kind(_of_map(field), is_list=is_list)


def _is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and bool(kind.GetOptions().map_entry)


def _of_map(field: FieldDescriptor) -> FieldDescriptor:
    return cast("Descriptor", field.message_type).fields_by_name["value"]


def _plain(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        # A choice of a later version than this is its number, and equals no word.
        return _words(field.enum_type).get(value, str(value))
    if field.message_type is None:
        return value
    if field.message_type.full_name == _TIMESTAMP:
        return value.ToDatetime(UTC).isoformat().replace("+00:00", "Z")
    return values_of(value)


@cache
def _words(enum: EnumDescriptor) -> Mapping[int, str]:
    """The values of an enum as REST shows them: without the type's name in front."""
    names = {value.number: value.name for value in enum.values}
    zero = names.get(0, "")
    prefix = zero.removesuffix("UNSPECIFIED") if zero.endswith("UNSPECIFIED") else ""
    return {number: name.removeprefix(prefix).lower() for number, name in names.items()}
