"""The catalogue of permissions names every permission that a service asks for, and no other (ID-4)."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from chassis.rpc.declaration import RpcService
from deploy.tools.generate_protos import PACKAGE, GenerationError, generate
from rapport.common.v1 import fact_pb2
from rapport_local.services import SERVICES

from ..security.surface import all_operations, all_streams
from .test_fact_catalogue import on_the_bus

NO_PERMISSION = {"public", "signed_in", "services_only"}


def in_catalogue() -> dict[str, dict[str, object]]:
    """What the catalogue says, by permission."""
    text = (PACKAGE / "permissions.json").read_text(encoding="utf-8")
    return {entry["name"]: entry for entry in json.loads(text)["permissions"]}


def of_operations() -> set[str]:
    """What REST asks for."""
    return {each.permission for each in (*all_operations(), *all_streams())} - NO_PERMISSION


def of_facts() -> set[str]:
    """What it takes to be told of facts."""
    options = (each.GetOptions().Extensions[fact_pb2.fact] for each in on_the_bus())
    return {option.read_permission for option in options if option.read_permission}


def of_calls() -> set[str]:
    """What gRPC asks for."""
    # A new service answers no question yet.
    names = [name for one in SERVICES if find_spec(name := f"{one.name}.rpc") is not None]
    modules = [import_module(name) for name in names]
    faces = [each for one in modules for each in vars(one).values() if isinstance(each, RpcService)]
    assert len(faces) == len(modules) >= 6
    return {
        permission for face in faces for permission in face.permissions.values()
    } - NO_PERMISSION


def test_every_permission_that_is_asked_for_is_in_the_catalogue_and_no_other() -> None:
    asked = of_operations() | of_facts() | of_calls()
    assert len(asked) > 250
    assert sorted(asked - in_catalogue().keys()) == [], (
        "say what it allows in protos/rapport/<service>/permissions.toml, then make protos"
    )
    assert sorted(in_catalogue().keys() - asked) == []


def test_what_is_for_operators_is_what_only_their_tokens_reach() -> None:
    operators = {each.permission for each in all_operations() if each.is_for_operators}
    granted_to_none = {name for name, entry in in_catalogue().items() if not entry["reaches"]}
    assert granted_to_none == operators


def test_every_description_is_one_of_its_own() -> None:
    texts = [str(entry["description"]) for entry in in_catalogue().values()]
    assert len(texts) == len(set(texts))
    assert [text for text in texts if not text[0].isupper() or text.endswith(".")] == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[whole]", "[everything]", "everything is none of by_owner, whole, operators"),
        ('"contacts.purposes.read"', '"sales.purposes.read"', "is no permission of contacts"),
        ('"contacts.purposes.read"', '"contacts.purposes"', "is no permission of contacts"),
        ('"contacts.purposes.read"', '"contacts.people.read"', "is there twice"),
        ('"See the kinds of interactions"', '""', "needs a description"),
        ('"See the kinds of interactions"', f'"{"x" * 121}"', "needs a description"),
        ("[whole]", "[whole", "permissions.toml"),
    ],
)
def test_what_is_no_catalogue_is_not_generated(
    contracts_copy: Path, before: str, after: str, said: str
) -> None:
    path = contracts_copy / "protos/rapport/contacts/permissions.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(GenerationError, match=said):
        generate(contracts_copy / "protos", contracts_copy / "rapport")
