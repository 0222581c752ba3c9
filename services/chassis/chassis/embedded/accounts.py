"""Which account a server runs as that refuses root, and how it reaches its files."""

import os
import pwd
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.embedded.errors import EmbeddedServerError

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
_RUN_AS = Path(__file__).with_name("run_as.py")


@dataclass(frozen=True)
class Account:
    """A user and group of this machine."""

    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Whether the account may pass through the folder and all above it."""
        resolved = folder.resolve()
        return all(self._may_search(place) for place in (resolved, *resolved.parents))

    def _may_search(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def unprivileged_account(folder: Path) -> Account | None:
    """For root: the owner of the folder, or `nobody` where that is root too; None for everyone else.

    Raises `EmbeddedServerError` for an account without a name: PostgreSQL refuses to work for it.
    """
    if os.geteuid() != 0:
        _require_name(os.geteuid())
        return None
    owner = folder.stat()
    if owner.st_uid != 0 and _has_name(owner.st_uid):
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _require_name(uid: int) -> None:
    if not _has_name(uid):
        raise EmbeddedServerError(
            f"PostgreSQL runs only for accounts that have a name, and uid {uid} has none in the "
            "user database (/etc/passwd): run this as an account that is listed there"
        )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def command_as(
    account: Account | None, command: Sequence[str | Path], folders: Sequence[Path]
) -> list[str]:
    """The command, run by the account, which can reach the folders even below a parent that is closed to it."""
    words = [str(word) for word in command]
    if account is None:
        return words
    closed = not all(account.may_enter(folder) for folder in folders)
    capability = str(_capability_to_pass()) if closed else "-"
    # Without the site module and the environment: the program starts at once, and nothing can be slipped in.
    return [
        sys.executable,
        "-I",
        "-S",
        str(_RUN_AS),
        str(account.uid),
        str(account.gid),
        capability,
        *words,
    ]


def _capability_to_pass() -> int:
    """The weakest capability at hand with which a process passes through closed folders."""
    if sys.platform == "linux":
        held = _held_capabilities()
        # Containers commonly give root the second and not the first.
        for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
            if held & (1 << capability):
                return capability
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and another account cannot reach its files below a closed folder here; "
        "run this as an ordinary user, or move the checkout to a folder that everyone may enter"
    )


def _held_capabilities() -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("CapPrm:"):
            return int(line.split()[1], 16)
    return 0
