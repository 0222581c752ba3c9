"""Facts of a shop for the tests: protobuf messages made on the spot, since the chassis knows no contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis.domain import Fact
from chassis.events.outbox import FactEncoder

PACKAGE = "rapport.shop.events.v1"
_NUMBER, _TEXT = FieldDescriptorProto.TYPE_INT64, FieldDescriptorProto.TYPE_STRING
_FIELDS = {"number": _NUMBER, "note": _TEXT}


def message_classes(
    *names: str,
    package: str = PACKAGE,
    pool: DescriptorPool | None = None,
    more: dict[str, FieldDescriptorProto.Type.ValueType] | None = None,
) -> list[Any]:
    """Classes of messages with a number and a note, and with `more` fields after these.

    They are known to nobody else, unless the `pool` is that of all contracts.
    """
    file = FileDescriptorProto(name=f"{package}/test.proto", package=package, syntax="proto3")
    for name in names:
        message = file.message_type.add(name=name)
        for place, (field, kind) in enumerate((_FIELDS | (more or {})).items(), start=1):
            message.field.add(
                name=field, number=place, type=kind, label=FieldDescriptorProto.LABEL_OPTIONAL
            )
    pool = DescriptorPool() if pool is None else pool
    pool.AddSerializedFile(file.SerializeToString())
    return [GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in names]


SoldMessage, ReturnedMessage = message_classes("Sold", "Returned", pool=descriptor_pool.Default())
[StrayMessage] = message_classes("Stray", package="rapport.elsewhere.events.v1")
SOLD, RETURNED = f"{PACKAGE}.Sold", f"{PACKAGE}.Returned"


@dataclass(frozen=True)
class Sold(Fact):
    """Something was sold."""

    number: int
    note: str = ""


@dataclass(frozen=True)
class Returned(Fact):
    """Something came back."""

    number: int
    note: str = ""


@dataclass(frozen=True)
class Stray(Fact):
    """A fact of a type that no stream of the shop takes."""

    number: int
    note: str = ""


def _to(message: type[Message]) -> Any:
    return lambda fact: message(number=fact.number, note=fact.note)


ENCODER = FactEncoder(
    {Sold: _to(SoldMessage), Returned: _to(ReturnedMessage), Stray: _to(StrayMessage)}
)
