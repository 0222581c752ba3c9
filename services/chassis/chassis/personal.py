"""Which fields of facts are personal, by their contracts, and how they are emptied when somebody is erased.

The contracts say it by an option of fields, which is found by its name: the chassis knows no contract.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork

OPTION = "rapport.common.v1.personal"
_SLICE = 500


def blanked(kind: str, payload: bytes) -> bytes:
    """The content of a fact without what is personal in it.

    Nothing is left of a fact of a type that is not known here, or whose content is not of its type:
    nobody can say what is in it.
    """
    message = _message(kind)
    if message is None:
        return b""
    try:
        message.ParseFromString(payload)
    except DecodeError:
        return b""
    return message.SerializeToString(deterministic=True) if _blank(message) else payload


def personal_names(kind: str) -> frozenset[str]:
    """The personal fields of the message itself, not of those in it; none for an unknown type."""
    message = _message(kind)
    if message is None:
        return frozenset()
    return frozenset(field.name for field in message.DESCRIPTOR.fields if _is_personal(field))


def with_personal_fields(kinds: Iterable[str]) -> list[str]:
    """Those of the types that have a personal field, in themselves or in a message within."""
    return [kind for kind in kinds if _has_personal_fields(kind)]


def forget_in_outbox(tx: UnitOfWork, person_ids: Collection[UUID]) -> None:
    """Empty the personal fields of all facts in the outbox that mention one of these people.

    One pass over the tenant's rows of the types that have such fields: an erasure is rare, and an
    index would cost every other write. The runtime login needs `ddl.let_facts_be_blanked`.
    """
    about: dict[str, Any] = {
        "tenant_id": tx.tenant_id,
        "ids": list(person_ids),
        "texts": [str(one).encode() for one in person_ids],
    }
    found = [row["type"] for row in tx.fetch_all(_TYPES, about)]
    about |= {"types": with_personal_fields(found), "after": 0, "most": _SLICE}
    while rows := tx.fetch_all(_MENTIONS, about) if about["types"] else []:
        for row in rows:
            content = bytes(row["payload"])
            left = blanked(row["type"], content)
            if left != content:
                tx.write(_BLANK, {**about, "seq": row["seq"], "payload": left})
        about["after"] = rows[-1]["seq"]


def _message(kind: str) -> Message | None:
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(kind)
    except KeyError:
        return None
    return message_factory.GetMessageClass(descriptor)()


def _is_personal(field: Any) -> bool:
    try:
        option: Any = descriptor_pool.Default().FindExtensionByName(OPTION)
    except KeyError:
        return False
    return bool(field.GetOptions().Extensions[option])


@cache
def _has_personal_fields(kind: str) -> bool:
    message = _message(kind)
    return message is not None and any(map(_is_personal, _fields(message.DESCRIPTOR, set())))


def _fields(descriptor: Any, seen: set[str]) -> Iterator[Any]:
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        yield field
        inner = field.message_type
        if inner is not None and inner.full_name not in seen:
            yield from _fields(inner, seen)


def _blank(message: Message) -> bool:
    """Whether there was something to empty."""
    changed = False
    for field, value in message.ListFields():
        if _is_personal(field):
            message.ClearField(field.name)
            changed = True
        elif isinstance(value, Message):
            changed |= _blank(value)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for one in value:
                changed |= _blank(one)
    return changed


_TYPES = Statement("SELECT DISTINCT type FROM outbox WHERE tenant_id = %(tenant_id)s")
_MENTIONS = Statement(
    """
    SELECT seq, type, payload FROM outbox
    WHERE tenant_id = %(tenant_id)s AND type = ANY(%(types)s) AND seq > %(after)s
        AND (aggregate_id = ANY(%(ids)s) OR EXISTS (
            SELECT 1 FROM unnest(%(texts)s::bytea[]) AS text WHERE position(text IN payload) > 0))
    ORDER BY seq LIMIT %(most)s
    """
)
_BLANK = Statement(
    "UPDATE outbox SET payload = %(payload)s WHERE tenant_id = %(tenant_id)s AND seq = %(seq)s"
)
