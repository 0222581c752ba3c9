"""What is in a backup: one file a service, and a manifest that says what they hold and how they are verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from rapport_operator.errors import OperatorError

NAME = "manifest.json"
_FORMAT = 1
CHUNK = 1 << 20


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchivedFolder(_Section):
    """The files of a folder as they were kept."""

    file: str
    bytes: int
    sha256: str
    files: int
    missing: int = 0
    """How many files rows named that were not there: thrown away meanwhile, or lost before."""


class Archived(_Section):
    """One service's database as it was kept."""

    file: str
    bytes: int
    sha256: str
    server: str
    """The version of PostgreSQL that it came from."""
    migration: str | None
    """The newest migration that had been run."""
    rows: dict[str, int]
    """How many rows each table had."""
    folders: dict[str, ArchivedFolder] = {}
    """What it keeps files in, by name."""


class Manifest(_Section):
    """The whole backup; all databases are as they were at one time, a few milliseconds apart."""

    format: int = _FORMAT
    taken_at: datetime
    services: dict[str, Archived]

    def write(self, folder: Path) -> None:
        """Write it last, so that a backup that was cut off has none."""
        draft = folder / f"{NAME}.new"
        draft.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        draft.chmod(0o600)
        draft.replace(folder / NAME)


def read_manifest(folder: Path) -> Manifest:
    """Raises `OperatorError` that says what is missing or wrong."""
    path = folder / NAME
    try:
        found = Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OperatorError(f"{folder} is no backup: {path} {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise OperatorError(f"{path} is no manifest: {where}: {first['msg']}") from None
    if found.format != _FORMAT:
        raise OperatorError(f"{path} has the format {found.format}; this version reads {_FORMAT}")
    return found


def verify(
    folder: Path, service: str, archived: Archived | ArchivedFolder, tell: Callable[[int], None]
) -> Path:
    """The path of a service's file, which is as it was written; `tell(bytes read)`.

    Raises `OperatorError` when it is missing or has changed.
    """
    if Path(archived.file).name != archived.file:
        raise OperatorError(f"the manifest names a file outside of the backup: {archived.file}")
    path, digest, done = folder / archived.file, hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                done += len(chunk)
                tell(done)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from None
    if digest.hexdigest() != archived.sha256:
        raise OperatorError(
            f"{path} is not what was backed up of {service}: it has {done} bytes of {archived.bytes}, "
            f"SHA-256 {digest.hexdigest()[:12]}…, not {archived.sha256[:12]}…; nothing was changed"
        )
    return path
