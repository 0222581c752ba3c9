"""The command line: one line that says what is wrong, exit codes that programs can use."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rapport_local.cli import cli
from rapport_local.errors import PlatformError
from rapport_local.logs import show_logs
from rapport_local.status import PartStatus, what_to_do

from .conftest import Ground


@pytest.mark.parametrize("words", [["logs"], ["exec", "contacts", "migrate"]])
def test_without_a_platform_it_says_how_to_start_one(tmp_path: Path, words: list[str]) -> None:
    answer = CliRunner().invoke(cli, ["--state", str(tmp_path / "none"), *words])

    assert answer.exit_code == 1
    assert "`make up` starts one" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_status_without_a_platform_is_not_ready(tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli, ["--state", str(tmp_path / "none"), "status", "--json"])

    assert answer.exit_code == 3
    assert json.loads(answer.stdout) == []


def test_down_without_a_platform_is_harmless(tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli, ["--state", str(tmp_path / "none"), "down"])

    assert (answer.exit_code, answer.stdout) == (0, "Nothing was running.\n")
    assert not (tmp_path / "none").exists()


def test_an_unknown_service_is_named_with_those_there_are(tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli, ["--state", str(tmp_path), "exec", "barter", "migrate"])

    assert answer.exit_code == 1
    assert "there is no service `barter`; there are identity, contacts" in answer.stderr


def test_ports_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli, ["--state", str(tmp_path), "up", "--ports-from", "80"])

    assert answer.exit_code == 1
    assert "--ports-from must be 0 or between" in answer.stderr


def test_reset_does_nothing_unless_it_is_confirmed(tmp_path: Path) -> None:
    (tmp_path / "platform.json").write_text("{}")
    answer = CliRunner().invoke(cli, ["--state", str(tmp_path), "reset"], input="n\n")

    assert answer.exit_code == 1
    assert (tmp_path / "platform.json").exists()


def test_the_end_of_each_log_is_shown_with_the_part_it_is_from(ground: Ground) -> None:
    platform = ground.platform()
    platform.state.prepare()
    assert platform.ports.gateway > 0
    platform.state.log("contacts").write_text("one\ntwo\nthree\n")
    platform.state.log("nats").write_text("ready\n")
    shown: list[str] = []

    show_logs(platform, None, 2, shown.append)

    assert [line for line in shown if "no log" not in line] == [
        "nats      ready",
        "contacts  two",
        "contacts  three",
    ]
    with pytest.raises(PlatformError, match="there is no part `sales`; there are postgres, nats"):
        show_logs(platform, "sales", 2, shown.append)


def test_a_log_that_has_grown_large_is_set_aside_when_its_part_starts(ground: Ground) -> None:
    state = ground.platform().state
    state.prepare()
    log = state.log("contacts")
    log.write_bytes(b"x" * 1024)
    state.rotate_log("contacts")
    assert log.exists()

    log.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    state.rotate_log("contacts")
    assert not log.exists()
    assert log.with_suffix(".log.1").stat().st_size > 10 * 1024 * 1024


def test_status_says_what_to_do_about_each_part_that_is_not_ready() -> None:
    lines = what_to_do(
        [
            PartStatus("identity", "not ready", 7, "http://127.0.0.1:1", 1, "it answers 503"),
            PartStatus("contacts", "stopped", None, "http://127.0.0.1:2", 0),
            PartStatus("portal", "ready", 8, "http://127.0.0.1:3", 1),
        ]
    )

    assert lines == [
        "identity is not ready: it answers 503",
        "contacts does not run: `make logs SVC=contacts` shows how it ended, `make up` starts it.",
    ]


def test_status_says_how_to_start_what_is_stopped_as_a_whole() -> None:
    stopped = PartStatus("portal", "stopped", None, "http://127.0.0.1:3", 0)

    assert what_to_do([stopped]) == ["Nothing runs; `make up` starts it."]
