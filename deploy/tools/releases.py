"""Reads deploy/releases.toml: which commit was released when, with which services and migrations."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ROOT / "deploy" / "releases.toml"
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


class ReleasesError(RuntimeError):
    """The release file cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Release:
    """One release: its version, the commit it is built from, and the newest migration of each of its services."""

    version: str
    commit: str
    migrations: Mapping[str, str]

    @property
    def services(self) -> list[str]:
        """The services that it had."""
        return sorted(self.migrations)

    def has_migration(self, service: str, revision: str) -> bool:
        """Whether a migration was part of it: they are numbered in their order."""
        newest = self.migrations.get(service)
        return newest is not None and revision <= newest


def releases(path: Path = RELEASES) -> list[Release]:
    """All releases, the newest first; raises ReleasesError."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["release"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ReleasesError(f"{path} names no release: {error}") from None
    found = [_release(path, entry) for entry in entries]
    if not found:
        raise ReleasesError(f"{path} names no release")
    return found


def last_release(path: Path = RELEASES) -> Release:
    """The newest release."""
    return releases(path)[0]


def _release(path: Path, entry: Mapping[str, Any]) -> Release:
    try:
        release = Release(entry["version"], entry["commit"], entry["migrations"])
    except KeyError as error:
        raise ReleasesError(f"{path}: a release has no {error.args[0]}") from None
    if not _COMMIT.match(release.commit):
        raise ReleasesError(f"{path}: release {release.version} has no full commit")
    return release
