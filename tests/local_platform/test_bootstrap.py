"""Setting up the environment: once, again only after a change, and with one clear line when it cannot be."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.bootstrap import ROOT, Environment, SetupError, fingerprint, our_packages

MAKE = ["make", "--no-print-directory", "-f", str(ROOT / "Makefile")]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with an empty lock and one package of ours, which needs nothing."""
    package = tmp_path / "services" / "chassis"
    package.mkdir(parents=True)
    project = '[project]\nname = "rapport-trial"\nversion = "1"\n'
    build = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    (package / "pyproject.toml").write_text(f"{build}{project}[tool.setuptools]\npackages = []\n")
    (tmp_path / "requirements.lock").write_text("")
    return tmp_path


def stamp(checkout: Path) -> Path:
    """Mark the environment of a checkout as complete, as a finished installation does."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    files = [checkout / "requirements.lock", checkout / "services/chassis/pyproject.toml"]
    path = checkout / ".venv" / ".rapport-everything"
    path.write_text(fingerprint(files, checkout))
    return path


def test_all_packages_of_this_checkout_are_found() -> None:
    found = {str(folder.relative_to(ROOT)) for folder in our_packages(ROOT)}

    assert {
        "deploy/local",
        "gateway/portal",
        "protos/python",
        "services/chassis",
        "services/contacts",
        "services/identity",
    } <= found


def test_nothing_is_done_if_nothing_has_changed(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = stamp(checkout).stat().st_mtime_ns

    Environment(checkout).install(demo=False)

    assert capfd.readouterr().out == ""
    assert (checkout / ".venv" / ".rapport-everything").stat().st_mtime_ns == before


@pytest.mark.parametrize("changed", ["requirements.lock", "services/chassis/pyproject.toml"])
def test_a_change_of_the_lock_or_of_a_package_is_noticed(checkout: Path, changed: str) -> None:
    files = [checkout / "requirements.lock", checkout / "services/chassis/pyproject.toml"]
    before = fingerprint(files, checkout)
    with (checkout / changed).open("a") as file:
        file.write("\n")

    assert fingerprint(files, checkout) != before


def test_a_missing_lock_is_named(checkout: Path) -> None:
    (checkout / "requirements.lock").unlink()

    with pytest.raises(SetupError, match=r"requirements\.lock is missing"):
        Environment(checkout).install(demo=False)


def test_packages_that_pip_cannot_get_are_a_clear_failure_and_tried_again(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_USER", "1")
    (checkout / "requirements.lock").write_text(f"no-such==1 --hash=sha256:{'0' * 64}\n")

    for _ in range(2):
        with pytest.raises(SetupError, match="pip could not install the packages"):
            Environment(checkout).install(demo=False)
    assert not (checkout / ".venv" / ".rapport-everything").exists()


def test_a_python_that_is_too_old_is_refused_with_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    # Answers the question for its version as an old one does.
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    answer = _make("setup", f"PYTHON={old}")

    assert answer.returncode != 0
    first = answer.stderr.splitlines()[0]
    assert first.startswith(f"setup: {old} is too old; Rapport needs Python 3.11 or later")


def test_a_python_that_is_not_there_is_refused_with_one_line() -> None:
    answer = _make("setup", "PYTHON=python-of-nowhere")

    assert answer.returncode != 0
    assert answer.stderr.startswith("setup: python-of-nowhere is not installed")


def test_make_alone_explains_every_target() -> None:
    explained = _make().stdout
    targets = (ROOT / "Makefile").read_text().split(".PHONY: ")[1].splitlines()[0].split()

    assert [target for target in targets if f" {target}" not in _plain(explained)] == []


def _make(*words: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [*MAKE, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def _plain(text: str) -> str:
    return text.replace("\033[1m", "").replace("\033[0m", "")
