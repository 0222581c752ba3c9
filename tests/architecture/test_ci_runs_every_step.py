""".ci/run goes through lint and test, and on demand the slow tests, and stops at the first that fails."""

import os
import subprocess
from pathlib import Path

import pytest

from .sources import ROOT


@pytest.fixture
def fake_make(tmp_path: Path) -> Path:
    """A folder with a `make` that says what it was asked for, and fails at what $FAIL_AT names."""
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "made $1"\n[ "$1" != "$FAIL_AT" ] || exit 7\n')
    make.chmod(0o755)
    return tmp_path


def run_ci(fake_make: Path, *words: str, fail_at: str = "") -> subprocess.CompletedProcess[str]:
    """Runs .ci/run from elsewhere, with the fake in the place of make."""
    path = f"{fake_make}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(ROOT / ".ci" / "run"), *words],
        cwd=fake_make,
        env={"PATH": path, "FAIL_AT": fail_at},
        capture_output=True,
        text=True,
        check=False,
    )


def made(answer: subprocess.CompletedProcess[str]) -> list[str]:
    return [line[5:] for line in answer.stdout.splitlines() if line.startswith("made ")]


@pytest.mark.parametrize(
    ("words", "steps"),
    [([], ["lint", "test"]), (["all"], ["lint", "test", "test-slow"])],
    ids=["change", "all"],
)
def test_the_steps_are_run_in_order(fake_make: Path, words: list[str], steps: list[str]) -> None:
    answer = run_ci(fake_make, *words)
    assert answer.returncode == 0, answer.stderr
    assert made(answer) == steps
    assert answer.stdout.splitlines()[-1].startswith(f"<== make {steps[-1]} passed after ")


@pytest.mark.parametrize(
    ("fail_at", "reached"), [("lint", ["lint"]), ("test", ["lint", "test"])], ids=["lint", "test"]
)
def test_the_first_failure_ends_the_run(fake_make: Path, fail_at: str, reached: list[str]) -> None:
    answer = run_ci(fake_make, "all", fail_at=fail_at)
    assert answer.returncode == 7
    assert made(answer) == reached
    assert f"<== make {fail_at} failed" in answer.stderr
