"""The content of a fact as people read it, by the contracts that are installed here."""

from __future__ import annotations

from importlib import import_module, resources
from typing import Any

from google.protobuf import json_format, symbol_database
from google.protobuf.message import DecodeError


def as_people_read_it(kind: str, payload: bytes) -> dict[str, Any] | None:
    """The JSON form; None for a type that is not known here, or content that is not of it."""
    _load(kind)
    try:
        message = symbol_database.Default().GetSymbol(kind)()
        message.ParseFromString(payload)
        return json_format.MessageToDict(message, preserving_proto_field_name=True)
    except (KeyError, DecodeError, ValueError):
        return None


def _load(kind: str) -> None:
    """Import the generated modules of the type's package, where there is one."""
    package = kind.rpartition(".")[0]
    try:
        folder = resources.files(package)
    except (ModuleNotFoundError, TypeError, ValueError):
        return
    for file in folder.iterdir():
        if file.name.endswith("_pb2.py"):
            import_module(f"{package}.{file.name.removesuffix('.py')}")
