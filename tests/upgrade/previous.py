"""The version before: taken from its commit, installed by its own locks, run with the settings that it knows."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from deploy.tools.releases import ROOT, Release

_PREFIX = "RAPPORT_"
_BUILD_LOCK = ROOT / "deploy" / "image" / "requirements.lock"
_SHARED = ("protos/python", "services/chassis")
_FIELDS = """
import json, sys, typing
from importlib import import_module
build = import_module(f"{sys.argv[1]}.app").build
print(json.dumps(sorted(typing.get_type_hints(build)["settings"].model_fields)))
"""


class NoPreviousVersion(Exception):
    """The version before cannot be had; the message says why, and what to do."""


@dataclass(frozen=True)
class PreviousVersion:
    """An environment of its own with the services of a release."""

    release: Release
    python: Path

    def environment(self, service: str, given: Mapping[str, str]) -> dict[str, str]:
        """The variables of today without those that it does not know: it would refuse to start."""
        # Its packages come from its own environment, whatever else is on the path of today.
        alone = {name: value for name, value in given.items() if name != "PYTHONPATH"}
        answer = self._run(["-c", _FIELDS, service], alone)
        known = {f"{_PREFIX}{name.upper()}" for name in json.loads(answer)}
        return {
            name: value
            for name, value in alone.items()
            if not name.startswith(_PREFIX) or name in known
        }

    def command(self, service: str, words: list[str], environment: Mapping[str, str]) -> str:
        """Run one of its commands to the end; gives what it says. Raises AssertionError."""
        return self._run(["-m", service, *words], environment)

    def _run(self, words: list[str], environment: Mapping[str, str]) -> str:
        answer = subprocess.run(
            [str(self.python), *words],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert answer.returncode == 0, f"{words}: {answer.stderr[-2000:]}"
        return answer.stdout


def build(release: Release, folder: Path, root: Path = ROOT) -> PreviousVersion:
    """Install a release below `folder`. Raises NoPreviousVersion."""
    source = folder / "source"
    _unpack(release, source, root)
    python = folder / "venv" / "bin" / "python"
    _install([sys.executable, "-m", "venv", str(folder / "venv")])
    pip = [str(python), "-m", "pip", "--quiet", "--no-input", "install"]
    services = [source / "services" / name for name in release.services]
    locks = [_BUILD_LOCK, *(service / "requirements.lock" for service in services)]
    _install([*pip, "--require-hashes", *(word for lock in locks for word in ("-r", str(lock)))])
    folders = [*(source / name for name in _SHARED), *services]
    # Editable, since it looks for its migrations beside its packages.
    ours = [word for one in folders for word in ("-e", str(one))]
    _install([*pip, "--no-deps", "--no-index", "--no-build-isolation", *ours])
    return PreviousVersion(release, python)


def _unpack(release: Release, into: Path, root: Path) -> None:
    """The files of the release's commit, from the history of this checkout."""
    command = ["git", "archive", release.commit]  # git is where the developer has it
    answer = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if answer.returncode != 0:
        raise NoPreviousVersion(
            f"version {release.version} cannot be built: commit {release.commit} of deploy/releases.toml is not in "
            "this clone. Is it a shallow one? `git fetch --unshallow` fetches the whole history "
            f"({answer.stderr.decode(errors='replace').strip()})"
        )
    with tarfile.open(fileobj=BytesIO(answer.stdout)) as archive:
        archive.extractall(into, filter="data")


def _install(command: list[str]) -> None:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise NoPreviousVersion(
            f"the version before cannot be installed: {' '.join(command)}: {answer.stderr[-2000:]}"
        )
