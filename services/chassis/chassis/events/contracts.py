"""Finds the facts that contracts declare, in the generated package that holds them."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from types import ModuleType

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

_FACTS = re.compile(r"\w+\.\w+\.events\.v\d+\.\w+_pb2")


@cache
def facts_of(contracts: ModuleType) -> Mapping[str, type[Message]]:
    """All types of facts by full name, sorted: the messages of its modules `<service>.events.v1`.

    Loads these modules. A type of a later version than the package is not there; what to do about
    a fact of such a type is the caller's to say.
    """
    found: dict[str, type[Message]] = {}
    for module in pkgutil.walk_packages(contracts.__path__, f"{contracts.__name__}."):
        if _FACTS.fullmatch(module.name):
            loaded = importlib.import_module(module.name)
            for message in loaded.DESCRIPTOR.message_types_by_name.values():
                found[message.full_name] = GetMessageClass(message)
    return dict(sorted(found.items()))
