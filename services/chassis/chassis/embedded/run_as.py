"""Becomes another account and then another program: `run_as.py <uid> <gid> <capability or -> <program> [argument...]`.

PostgreSQL refuses to run as root. When the folders above its files are closed to the account it is to run as (a
checkout below /root, say), it keeps one capability that lets it pass through them: no folder's permissions change.
Standard library only, run by path, because it starts before any account could read more.
"""

import ctypes
import os
import sys

_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522


def run_as(uid: int, gid: int, capability: int | None, command: list[str]) -> None:
    """Replace this process by `command`, run by that account; never returns."""
    libc = ctypes.CDLL(None, use_errno=True)
    if capability is not None:
        _check(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if capability is not None:
        _keep_only(libc, capability)
    os.execv(command[0], command)  # noqa: S606 - this is what the module is for


def _keep_only(libc: ctypes.CDLL, capability: int) -> None:
    """Drop every capability but one, and let that one survive the change of program."""
    low, high = (1 << capability, 0) if capability < 32 else (0, 1 << (capability - 32))
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Effective, permitted and inheritable, the low words first.
    data = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)
    _check(libc.capset(header, data))
    _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    run_as(
        uid=int(sys.argv[1]),
        gid=int(sys.argv[2]),
        capability=None if sys.argv[3] == "-" else int(sys.argv[3]),
        command=sys.argv[4:],
    )
