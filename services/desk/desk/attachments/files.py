"""Where files are kept: in a folder that all processes share, under the ids of tenant and file.

Nobody's words become a part of a path. A file appears under its name only when it is whole and on
the disk, and is never changed after.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from chassis.domain import NotFound, Unavailable

log = logging.getLogger("desk.files")

_PIECE = 64 * 1024


class FileStore(Protocol):
    """Keeps files; each is written once."""

    def write(self, tenant_id: UUID, file_id: UUID, content: bytes) -> None:
        """Keep a file. Raises `Unavailable` when that cannot be done now."""
        ...

    def read(self, tenant_id: UUID, file_id: UUID) -> Iterator[bytes]:
        """What is in a file, piece by piece. Raises `NotFound`, at once."""
        ...

    def remove(self, tenant_id: UUID, file_id: UUID) -> None:
        """Keep a file no longer; nothing happens when it is not there."""
        ...

    def older_than(self, moment: datetime) -> Iterator[tuple[UUID, UUID]]:
        """Tenant and id of every file that was written before."""
        ...


class FolderFileStore:
    """Keeps files below a folder: `<tenant>/<last two digits>/<file>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, tenant_id: UUID, file_id: UUID, content: bytes) -> None:
        """Keep a file, whole or not at all."""
        path = self._path(tenant_id, file_id)
        partial = path.with_name(f".{file_id.hex}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                _write_through(partial, content)
                partial.replace(path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise
            _sync(path.parent)
        except OSError as error:
            log.exception("a file cannot be kept", extra={"file_id": str(file_id)})
            message = "Files cannot be kept now; try again later."
            raise Unavailable(message, code="files_unavailable", retry_after=30) from error

    def read(self, tenant_id: UUID, file_id: UUID) -> Iterator[bytes]:
        """What is in a file."""
        try:
            opened = self._path(tenant_id, file_id).open("rb")
        except FileNotFoundError:
            raise NotFound.of("file", file_id) from None

        def pieces() -> Iterator[bytes]:
            with opened:
                while piece := opened.read(_PIECE):
                    yield piece

        return pieces()

    def remove(self, tenant_id: UUID, file_id: UUID) -> None:
        """Keep a file no longer."""
        self._path(tenant_id, file_id).unlink(missing_ok=True)

    def older_than(self, moment: datetime) -> Iterator[tuple[UUID, UUID]]:
        """Every file that was written before, by what the disk says; what was never whole goes at once."""
        for path in self._folder.glob("*/*/*"):
            with suppress(FileNotFoundError):  # somebody else was faster
                written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if written >= moment:
                    continue
                try:
                    tenant_id, file_id = UUID(path.parts[-3]), UUID(path.name)
                except ValueError:
                    path.unlink()
                    continue
                yield tenant_id, file_id

    def _path(self, tenant_id: UUID, file_id: UUID) -> Path:
        return self._folder / tenant_id.hex / file_id.hex[-2:] / file_id.hex


def _write_through(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Have the disk know the folder's new entry."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
