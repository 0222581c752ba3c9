"""The platform's secrets: made once, for each service its own, and nobody else's business."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from rapport_local.errors import PlatformError
from rapport_local.passwords import load_secrets
from rapport_local.services import ServiceDefinition

IDENTITY = ServiceDefinition("identity", secrets=("sealing_secret",))
CONTACTS = ServiceDefinition("contacts")


def test_secrets_stay_and_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = load_secrets(path, [IDENTITY])

    assert load_secrets(path, [IDENTITY]) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_secret_is_used_twice_and_each_is_long(tmp_path: Path) -> None:
    known = load_secrets(tmp_path / "secrets.json", [IDENTITY, CONTACTS])
    flat = [known.postgres, known.provisioner, known.operator]
    for service in known.services.values():
        own = asdict(service).pop("own")
        flat += [value for value in asdict(service).values() if isinstance(value, str)]
        flat += own.values()

    assert len(flat) == 3 + 6 + 6 + 1
    assert len(set(flat)) == len(flat)
    assert min(map(len, flat)) >= 43


def test_a_new_service_gets_secrets_and_the_others_keep_theirs(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = load_secrets(path, [IDENTITY])
    second = load_secrets(path, [IDENTITY, CONTACTS])

    assert second.services["identity"] == first.services["identity"]
    assert load_secrets(path, [CONTACTS]) == second


def test_a_platform_from_before_there_was_an_operator_gets_a_password_for_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "secrets.json"
    first = load_secrets(path, [IDENTITY])
    old = {name: value for name, value in asdict(first).items() if name != "operator"}
    path.write_text(json.dumps(old))
    second = load_secrets(path, [IDENTITY])

    assert second.postgres == first.postgres
    assert len(second.operator) >= 43
    assert load_secrets(path, [IDENTITY]) == second


@pytest.mark.parametrize("content", ["", "[]", '{"services": {}}', '{"services": {"a": {}}}'])
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)

    with pytest.raises(PlatformError, match=r"secrets\.json is damaged"):
        load_secrets(path, [IDENTITY])
    assert path.read_text() == content
