"""The command itself: how it finds a deployment, what it explains, how it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from chassis.embedded.nats_permissions import operator_permissions
from rapport_local.environment import Environments
from rapport_local.operating import deployment, write_deployment
from rapport_local.passwords import load_secrets
from rapport_local.ports import plan_ports
from rapport_local.services import SERVICES
from rapport_local.state import StateFolder
from rapport_operator.cli import cli
from rapport_operator.deployment import VARIABLE, find_deployment, read_deployment
from rapport_operator.errors import OperatorError


@pytest.fixture
def environments(tmp_path: Path) -> Environments:
    """Those of a local platform that does not run."""
    state = StateFolder(tmp_path / ".rapport")
    state.prepare()
    secrets = load_secrets(state.secrets, SERVICES)
    return Environments(plan_ports(20000, SERVICES), secrets, SERVICES, state)


def test_the_local_platform_is_found_by_itself_and_its_description_is_closed_to_others(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = environments.state.operator
    write_deployment(path, environments)
    below = environments.state.root.parent / "some" / "folder"
    below.mkdir(parents=True)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(below)

    assert find_deployment(None) == path
    assert path.stat().st_mode & 0o777 == 0o600
    known = read_deployment(path)
    assert list(known.services) == [service.name for service in SERVICES]
    assert known.services["identity"].grpc == "127.0.0.1:20102"
    seals = {name: service.key_encryption_secret for name, service in known.services.items()}
    assert [name for name, secret in seals.items() if secret] == ["identity"]
    counts = {name: service.signing_secret for name, service in known.services.items()}
    assert [name for name, secret in counts.items() if secret] == ["identity"]
    assert known.services["notifications"].grpc == "127.0.0.1:20122"
    further = {part for service in known.services.values() for part in service.processes}
    assert further == {part for one in SERVICES for part in one.parts if part != one.name}
    assert known.services["contacts"].processes["contacts-jobs"] == environments.jobs_url(
        "contacts"
    )


def test_no_description_shows_a_secret(environments: Environments) -> None:
    path = environments.state.operator
    write_deployment(path, environments)
    assert environments.secrets.operator in str(deployment(environments))
    assert environments.secrets.operator not in repr(read_deployment(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "gateway_url: Field required"),
        ("[", "the file: Invalid JSON"),
        ('{"gateway": 1}', "gateway: Extra inputs are not permitted"),
    ],
)
def test_a_description_that_is_wrong_is_refused_by_the_name_of_what_is_wrong(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "deployment.json"
    path.write_text(content)
    with pytest.raises(OperatorError, match=said.replace("[", r"\[")):
        read_deployment(path)


def test_a_description_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["--deployment", str(tmp_path / "none.json"), "status"])
    assert result.exit_code == 1
    assert "cannot be read: No such file or directory" in result.stderr


@pytest.mark.parametrize(
    ("words", "example"),
    [
        ((), "rapport events replay --service contacts --since 2026-11-01"),
        (("dead-letters",), "rapport dead-letters replay --all --service contacts"),
        (("events",), "rapport events restore"),
        (("doctor",), "It changes nothing."),
        (("events", "replay"), "Effects (messages, points, webhooks) never happen again."),
    ],
)
def test_help_explains_with_examples(words: tuple[str, ...], example: str) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0
    assert example in " ".join(result.output.split())


def test_the_operator_may_see_replay_and_drop_and_nothing_else() -> None:
    user = operator_permissions("password")
    written = [
        subject
        for subject in user.publish
        if not subject.startswith("$JS.API.") or "DELETE" in subject or "CREATE" in subject
    ]
    assert written == ["rapport.*.replays.>", "$JS.API.STREAM.MSG.DELETE.RAPPORT_DEAD"]
    assert user.subscribe == ("_INBOX_operator.>",)
