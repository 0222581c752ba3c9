"""What the audit log keeps of a fact's content: ids, names of fields and plain words, no values.

A fact should carry nothing personal, but the log is never erased, so it does not rely on that: what
is not known to be harmless is left out. Nor is there a digest of the payload: what can be guessed,
such as a customer's number, could be tried against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

import rapport
from chassis.events.contracts import facts_of
from rapport.common.v1 import fact_pb2

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{43}")
"""The SHA-256 thumbprint of a public key (RFC 7638)."""
_WORD = re.compile(r"[a-z*][a-z0-9_.:*-]{0,99}")
_WORDS = frozenset(
    "action category changed_fields channel choice_keys client_id format key kind object permission"
    " purpose reason scopes service state status type".split()
)
"""Fields that hold words of the platform's own; a value that is no such word is left out anyway."""
_MOST_IN_A_LIST = 500
_DEEPEST = 3
_NUMBERS = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}

Read = Callable[[Any], Any]
"""Makes of a field's value what may be kept; None leaves it out."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is kept of a payload, and what kind of record the fact is about, if that is known."""

    details: str
    record_kind: str | None


def content_of(action: str, payload: bytes, record_id: UUID) -> Content:
    """What is kept of the fact of type `action`; if it cannot be read, why that is so."""
    fact_type = facts_of(rapport).get(action)
    if fact_type is None:
        return Content('{"unread":"unknown_type"}', None)
    try:
        fact = fact_type.FromString(payload)
    except DecodeError:
        return Content('{"unread":"broken_payload"}', None)
    fields = _plan(fact_type.DESCRIPTOR, 1).read(fact)
    details = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS).decode()
    return Content(details, _kind_of(fields, str(record_id)))


def _kind_of(fields: Mapping[str, Any], record_id: str) -> str | None:
    """`person` for a fact about a record whose field `person_id` holds the record's id."""
    for name, value in fields.items():
        if value == record_id and name.endswith("_id"):
            return name.removesuffix("_id")
    return None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the messages of one type are read, worked out once."""

    fields: tuple[tuple[str, bool, bool, Read], ...]

    def read(self, message: Message) -> dict[str, Any]:
        """What may be kept of a message."""
        kept: dict[str, Any] = {}
        for name, repeated, has_presence, read in self.fields:
            if repeated:
                _keep_list(kept, name, getattr(message, name), read)
            elif not has_presence or message.HasField(name):
                value = read(getattr(message, name))
                if value is not None:
                    kept[name] = value
        return kept


def _keep_list(kept: dict[str, Any], name: str, values: Any, read: Read) -> None:
    found = [value for value in map(read, values[:_MOST_IN_A_LIST]) if value is not None]
    if found:
        kept[name] = found
    if len(values) > _MOST_IN_A_LIST:
        kept[f"{name}_count"] = len(values)


@cache
def _plan(descriptor: Descriptor, depth: int) -> _Plan:
    fields = []
    for field in descriptor.fields:
        read = _reader(field, depth)
        if read is not None:
            fields.append((field.name, field.is_repeated, field.has_presence, read))
    return _Plan(tuple(fields))


def _reader(field: FieldDescriptor, depth: int) -> Read | None:
    if field.GetOptions().Extensions[fact_pb2.personal]:
        return None
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING and field.type == FieldDescriptor.TYPE_STRING:
        return _text_reader(field.name)
    if field.enum_type is not None:
        names = {value.number: value.name.lower() for value in field.enum_type.values}
        return names.get
    if kind == FieldDescriptor.CPPTYPE_BOOL or kind in _NUMBERS:
        return _as_it_is
    inner = field.message_type
    if inner is None:
        return None
    if inner.full_name == "google.protobuf.Timestamp":
        return _time
    if depth == _DEEPEST or inner.GetOptions().map_entry:
        return None
    return lambda message: _plan(inner, depth + 1).read(message) or None


def _text_reader(name: str) -> Read | None:
    if name in _WORDS:
        return _word
    if name == "kid":
        return _key_name
    return _id if name.endswith(("_id", "_ids")) else None


def _id(text: str) -> str | None:
    return text if _UUID.fullmatch(text) else None


def _word(text: str) -> str | None:
    return text if _WORD.fullmatch(text) or _UUID.fullmatch(text) else None


def _key_name(text: str) -> str | None:
    return text if _KEY_NAME.fullmatch(text) else None


def _as_it_is(value: int) -> int:
    return value


def _time(value: Any) -> str | None:
    try:
        text: str = value.ToJsonString()
    except ValueError:
        return None
    return text
