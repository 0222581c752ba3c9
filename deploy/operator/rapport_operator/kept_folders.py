"""Folders whose files a service keeps beside its database: into a backup, and back.

A file is never changed once it is there, and is there before its row is. So a copy that is made after
the database's moment has all that the rows of that moment name, but for what was thrown away meanwhile;
and what is there already when it is brought back is the same.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import psycopg

from rapport_operator.errors import OperatorError
from rapport_operator.manifest import ArchivedFolder

Tell = Callable[[int], None]
_AT_ONCE = 1_000


def keep_folder(source: Path, path: Path, tell: Tell) -> ArchivedFolder:
    """Write the files below a folder into an archive that only its owner may read; `tell(bytes so far)`.

    Raises `OperatorError` for a folder that is not there: that one has no files looks otherwise.
    """
    if not source.is_dir():
        raise OperatorError(f"{source} is no folder: nothing was backed up of it")
    files = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        counted = _Counted(file, tell)
        with tarfile.open(
            fileobj=cast("IO[bytes]", counted), mode="w|", format=tarfile.PAX_FORMAT
        ) as archive:
            for one in _files_in(source):
                files += _add(archive, source, one)
        file.flush()
        os.fsync(file.fileno())
    return ArchivedFolder(
        file=path.name, bytes=counted.size, sha256=counted.digest.hexdigest(), files=files
    )


def put_back(path: Path, target: Path, tell: Tell) -> None:
    """Have all files of an archive below a folder again; `tell(files so far)`.

    Raises `OperatorError` for an archive with anything else than files in it.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tarfile.open(path, mode="r:") as archive:
        for done, member in enumerate(archive, 1):
            _put_back(archive, member, target)
            tell(done)


def missing(connection: psycopg.Connection[Any], query: str, folder: Path) -> int:
    """How many files are not in a folder that rows name; `query` gives their paths."""
    count = 0
    with connection.cursor() as cursor:
        for (path,) in cursor.stream(query.encode(), size=_AT_ONCE):
            count += not (folder / path).is_file()
    return count


class _Counted:
    """A file that is written to, its size and its digest."""

    def __init__(self, file: IO[bytes], tell: Tell) -> None:
        self._file, self._tell = file, tell
        self.size, self.digest = 0, hashlib.sha256()

    def write(self, piece: bytes) -> int:
        """Write a piece."""
        self.digest.update(piece)
        self.size += len(piece)
        self._tell(self.size)
        return self._file.write(piece)


def _files_in(folder: Path) -> Iterator[Path]:
    """Those that are whole: what is being written has a name that begins with a dot."""
    for at, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(at) / name for name in sorted(names) if not name.startswith("."))


def _add(archive: tarfile.TarFile, source: Path, path: Path) -> bool:
    with suppress(FileNotFoundError):  # thrown away meanwhile
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            member = archive.gettarinfo(arcname=str(path.relative_to(source)), fileobj=file)
            # Owner and rights are those of whoever brings it back.
            member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
            archive.addfile(member, file)
            return True
    return False


def _put_back(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    place = PurePosixPath(member.name)
    content = archive.extractfile(member) if member.isreg() else None
    if content is None or place.is_absolute() or ".." in place.parts:
        raise OperatorError(f"{archive.name!s} holds what is no file of a folder: {member.name}")
    path = target.joinpath(*place.parts)
    if path.is_file():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.back")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(1 << 20):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    # How old a file is says when it goes.
    os.utime(partial, (member.mtime, member.mtime))
    partial.replace(path)
