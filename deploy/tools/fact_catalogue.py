"""The catalogue of facts and requests: what the contracts say of each message on the bus, as data for people and programs.

Read from compiled contracts with their comments, so that there is one place where a fact is described: its .proto file.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

Json = dict[str, Any]

_ON_THE_BUS = re.compile(r"rapport\.(?P<service>[a-z0-9_]+)\.(?P<kind>events|requests)\.v\d+\Z")
_KINDS = {"events": "fact", "requests": "request"}
_AGGREGATE = re.compile(r"\b[Tt]he aggregate(?: of each fact[^.:;]*?)? is ([^.:;,]+)")
_OPTION = "rapport.common.v1.fact"

# What stands in a descriptor's path before the number of a message, an enum, a field or a value.
_MESSAGE, _ENUM, _FIELD, _VALUE, _NESTED_MESSAGE, _NESTED_ENUM, _PACKAGE = 4, 5, 2, 2, 3, 4, 2
_SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in FieldDescriptorProto.Type.items()
    if name not in {"TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP"}
}

HEADERS: Sequence[Json] = (
    {"name": "Nats-Msg-Id", "type": "uuid", "required": True, "same_as": "ce-id"},
    {"name": "ce-id", "type": "uuid", "required": True},
    {"name": "ce-type", "type": "string", "required": True},
    {"name": "ce-source", "type": "string", "required": True},
    {"name": "ce-subject", "type": "uuid", "required": True},
    {"name": "ce-time", "type": "date-time", "required": True},
    {"name": "tenant-id", "type": "uuid", "required": True},
    {"name": "aggregate-version", "type": "integer", "required": True},
    {"name": "actor", "type": "string", "required": True},
    {"name": "actor-client", "type": "string", "required": False},
    {"name": "actor-session", "type": "uuid", "required": False},
    {"name": "actor-address", "type": "string", "required": False},
    {"name": "cause", "type": "uuid", "required": False},
    {"name": "lane", "type": "string", "required": False},
    {"name": "traceparent", "type": "string", "required": False},
)
_HEADER_DESCRIPTIONS = {
    "Nats-Msg-Id": "The id once more: the broker takes a message with the same one only once within five minutes.",
    "ce-id": "The fact's own id, a UUID of version 7. A consumer that has seen it does nothing again.",
    "ce-type": "The full name of the message, which is the subject too.",
    "ce-source": "The service that says so, such as rapport.contacts.",
    "ce-subject": "The id of the aggregate that the fact is about.",
    "ce-time": "When it happened, RFC 3339 in UTC.",
    "tenant-id": "The tenant in whose data it happened.",
    "aggregate-version": "The aggregate's version after the change. Facts may arrive out of order; this tells which is later.",
    "actor": "Who did it: user:<id>, client:<id> or service:<name>.",
    "actor-client": "The app that was used, if it is known.",
    "actor-session": "The sign-in that was used, if there was one.",
    "actor-address": "The network address that the change came from, if it is known.",
    "cause": "The ce-id of the fact that this one follows from, if it follows from one.",
    "lane": "bulk for a fact that nobody waits for, such as an import's; consumers take the others first.",
    "traceparent": "The trace that the change belongs to (W3C Trace Context).",
}


class CatalogueError(RuntimeError):
    """A message on the bus lacks what the catalogue needs; the text says which, and what."""


def fact_catalogue(contracts: FileDescriptorSet) -> Json:
    """The catalogue of compiled contracts, which must carry their source information.

    Raises `CatalogueError` for a fact without the option `(rapport.common.v1.fact)` or without a word on its aggregate.
    """
    files = [_File.of(file) for file in contracts.file if file.package.startswith("rapport.")]
    options = _Options(contracts)
    types = {name: said for file in files for name, said in file.types()}
    messages = [entry for file in files for entry in _on_the_bus(file, options)]
    return {
        "headers": [
            {**header, "description": _HEADER_DESCRIPTIONS[header["name"]]} for header in HEADERS
        ],
        "messages": sorted(messages, key=lambda entry: str(entry["name"])),
        "types": {name: types[name] for name in sorted(_needed(messages, types))},
    }


def as_text(catalogue: Json) -> str:
    """The catalogue as its file has it."""
    return json.dumps(catalogue, indent=1, ensure_ascii=False) + "\n"


class _Options:
    """Reads the option that stands on every fact; compiled contracts carry it undecoded."""

    def __init__(self, contracts: FileDescriptorSet) -> None:
        pool = descriptor_pool.DescriptorPool()
        for file in contracts.file:
            pool.Add(file)
        self._carrier = message_factory.GetMessageClass(
            pool.FindMessageTypeByName("google.protobuf.MessageOptions")
        )
        self._option: Any = pool.FindExtensionByName(_OPTION)

    def of(self, message: DescriptorProto, name: str) -> Json:
        """The option's content; raises `CatalogueError` where it is missing or names no permission."""
        carrier: Any = self._carrier.FromString(message.options.SerializeToString())
        if not carrier.HasExtension(self._option):
            raise CatalogueError(f"{name} has no option ({_OPTION})")
        content = carrier.Extensions[self._option]
        if not content.read_permission:
            raise CatalogueError(f"{name} names no read_permission")
        return json_format.MessageToDict(content, preserving_proto_field_name=True)


@dataclass(frozen=True)
class _File:
    """One compiled file and its comments by the path of what they stand on."""

    descriptor: FileDescriptorProto
    comments: dict[tuple[int, ...], str]

    @classmethod
    def of(cls, file: FileDescriptorProto) -> "_File":
        comments: dict[tuple[int, ...], str] = {}
        for location in file.source_code_info.location:
            text = location.leading_comments
            if tuple(location.path) in {(12,), (_PACKAGE,)}:  # syntax: the file's own comment
                text = "\n".join([*location.leading_detached_comments, text])
            if text.strip():
                comments[tuple(location.path)] = _prose(text)
        return cls(file, comments)

    @property
    def comment(self) -> str:
        """What is said at the top of the file."""
        return self.comments.get((12,), "")

    def types(self) -> Iterator[tuple[str, Json]]:
        """Every message and enum of the file, nested ones too, with what is said of them."""
        package = f"{self.descriptor.package}."
        for number, enum in enumerate(self.descriptor.enum_type):
            yield package + enum.name, self._enum(enum, (_ENUM, number))
        for number, message in enumerate(self.descriptor.message_type):
            yield from self._message_types(message, (_MESSAGE, number), package)

    def _message_types(
        self, message: DescriptorProto, path: tuple[int, ...], prefix: str
    ) -> Iterator[tuple[str, Json]]:
        if message.options.map_entry:
            return
        name = prefix + message.name
        yield (
            name,
            {"description": self.comments.get(path, ""), "fields": self.fields(message, path)},
        )
        for number, enum in enumerate(message.enum_type):
            yield f"{name}.{enum.name}", self._enum(enum, (*path, _NESTED_ENUM, number))
        for number, nested in enumerate(message.nested_type):
            yield from self._message_types(nested, (*path, _NESTED_MESSAGE, number), f"{name}.")

    def _enum(self, enum: EnumDescriptorProto, path: tuple[int, ...]) -> Json:
        return {
            "description": self.comments.get(path, ""),
            "values": [
                {
                    "name": value.name,
                    "description": self.comments.get((*path, _VALUE, number), ""),
                }
                for number, value in enumerate(enum.value)
            ],
        }

    def fields(self, message: DescriptorProto, path: tuple[int, ...]) -> list[Json]:
        """The fields of a message in the order in which they are written."""
        entries = {
            nested.name: nested for nested in message.nested_type if nested.options.map_entry
        }
        fields = []
        for number, field in enumerate(message.field):
            said: Json = {
                "name": field.name,
                "type": _type_of(field),
                "description": self.comments.get((*path, _FIELD, number), ""),
            }
            entry = entries.get(field.type_name.rpartition(".")[2])
            if entry is not None:
                said |= {"type": _type_of(entry.field[1]), "map": True}
            elif field.label == FieldDescriptorProto.LABEL_REPEATED:
                said["repeated"] = True
            if field.proto3_optional:
                said["optional"] = True
            elif field.HasField("oneof_index"):
                said["one_of"] = message.oneof_decl[field.oneof_index].name
            fields.append(said)
        return fields


def _on_the_bus(file: _File, options: _Options) -> Iterator[Json]:
    """The facts and requests that a file declares."""
    package = _ON_THE_BUS.match(file.descriptor.package)
    if package is None:
        return
    kind = _KINDS[package["kind"]]
    for number, message in enumerate(file.descriptor.message_type):
        name, path = f"{file.descriptor.package}.{message.name}", (_MESSAGE, number)
        description = file.comments.get(path, "")
        about = _AGGREGATE.search(description) or _AGGREGATE.search(file.comment)
        if about is None:
            raise CatalogueError(f"{name}: no comment says what its aggregate is")
        yield {
            "name": name,
            "message": message.name,
            "kind": kind,
            "service": package["service"].replace("_", "-"),
            "file": file.descriptor.name,
            "description": description,
            "aggregate": about[1].strip(),
            **(options.of(message, name) if kind == "fact" else {}),
            "fields": file.fields(message, path),
        }


def _needed(messages: list[Json], types: dict[str, Json]) -> set[str]:
    """The types that fields refer to, directly or through others."""
    needed: set[str] = set()
    waiting = [field["type"] for message in messages for field in message["fields"]]
    while waiting:
        name = waiting.pop()
        if name in types and name not in needed:
            needed.add(name)
            waiting += [field["type"] for field in types[name].get("fields", ())]
    return needed


def _type_of(field: FieldDescriptorProto) -> str:
    return field.type_name.removeprefix(".") or _SCALARS[field.type]


def _prose(comment: str) -> str:
    """A comment as paragraphs: its lines joined, its empty lines kept."""
    paragraphs = re.split(r"\n\s*\n", comment.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
