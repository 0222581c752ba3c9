"""A process that has jobs alone lets others go first, also where Linux shares processors out by sessions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chassis.niceness import let_session_go_last

REAL = Path("/proc/self/autogroup")
GO_LAST = """
import sys
from pathlib import Path
from chassis.niceness import let_session_go_last
group = Path(sys.argv[1])
let_session_go_last(10, group)
print(group.read_text())
"""
AS_A_CHILD = """
import subprocess, sys
sys.stdout.write(subprocess.check_output([sys.executable, *sys.argv[1:]], text=True))
"""


def said(*code: str, group: Path) -> str:
    """What the last of some programs prints, each begun by the one before, the first in a session of its own."""
    arguments = [argument for each in code for argument in ("-c", each)]
    command = [sys.executable, *arguments, str(group)]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, start_new_session=True
    ).stdout.strip()


@pytest.fixture
def group(tmp_path: Path) -> Path:
    path = tmp_path / "autogroup"
    path.write_text("as it was")
    return path


def test_a_session_that_is_the_services_own_goes_last(group: Path) -> None:
    assert said(GO_LAST, group=group) == "10"


def test_a_worker_below_the_leader_of_the_session_has_it_go_last(group: Path) -> None:
    assert said(AS_A_CHILD, GO_LAST, group=group) == "10"


def test_whoever_starts_a_service_in_their_own_session_stays_as_quick(group: Path) -> None:
    assert said(AS_A_CHILD, AS_A_CHILD, GO_LAST, group=group) == "as it was"


def test_a_system_without_groups_of_sessions_is_left_as_it_is(tmp_path: Path) -> None:
    let_session_go_last(10, tmp_path / "autogroup")
    assert not list(tmp_path.iterdir())


def test_a_refusal_does_not_keep_a_service_from_starting(tmp_path: Path) -> None:
    go_last = GO_LAST.replace("print(group.read_text())", "print('goes on')")
    assert said(go_last, group=tmp_path) == "goes on", "a folder cannot be written to"


@pytest.mark.skipif(not REAL.exists(), reason="this system has no groups of sessions")
def test_linux_takes_what_it_is_told() -> None:
    assert said(GO_LAST, group=REAL).endswith("nice 10")
