"""A disk of a few mebibytes that can be filled, for a server that any user may start (Linux namespaces)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_MEBIBYTES = 16


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """The disk is mounted at `folder` where `holder` lives, and nowhere else."""

    folder: Path
    holder: int

    @property
    def through(self) -> tuple[str, ...]:
        """The command in front of a program that is to find the disk."""
        enter = ("--user", "--mount", "--preserve-credentials")
        return ("nsenter", "--target", str(self.holder), *enter)

    @property
    def _filler(self) -> Path:
        return Path(f"/proc/{self.holder}/root{self.folder}/filler")

    def fill(self) -> None:
        """Leave no byte."""
        with self._filler.open("wb", buffering=0) as file:
            block = b"\0" * 4096
            try:
                while file.write(block) == len(block):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        """Give back what `fill` has taken."""
        self._filler.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A disk at `folder`; skips the test where this system lets no ordinary user mount one."""
    folder.mkdir(parents=True)
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("unshare and nsenter of util-linux are missing")
    mount = f"mount -t tmpfs -o size={_MEBIBYTES}m none '{folder}' && echo ready && exec sleep 600"
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as holder:
        try:
            if holder.stdout is None or holder.stdout.readline() != b"ready\n":
                pytest.skip("no ordinary user may mount a disk in a namespace here")
            yield SmallDisk(folder, holder.pid)
        finally:
            holder.kill()
