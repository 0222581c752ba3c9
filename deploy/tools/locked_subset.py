"""Takes from the locks that there are what a new part needs of them, without asking a package index.

`make lock` resolves; this only follows what the installed packages say that they need, so that a new part is locked from
its first moment. A test holds that both come to the same.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, requires

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.tools.lock import LockError

_NAME = re.compile(r"[\w.-]+")


def lock_entries(lock: str) -> dict[str, list[str]]:
    """The entries of a lock file by the distribution's name; there are several where platforms differ."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"(?<!\\)\n(?! )", lock.strip()):
        name = _NAME.match(entry)
        if name:
            found.setdefault(canonicalize_name(name[0]), []).append(entry)
    return found


def locked_subset(requirements: Iterable[str], locks: Iterable[str]) -> str:
    """The entries for `requirements` and all that follow from them, each from the first of `locks` that has it.

    Raises LockError for a requirement that no lock meets.
    """
    known: dict[str, list[str]] = {}
    for lock in locks:
        known = lock_entries(lock) | known
    waiting = deque(Requirement(line) for line in requirements)
    for requirement in waiting:
        if canonicalize_name(requirement.name) not in known:
            raise LockError(f"{requirement} is in no lock yet; run make lock")
    taken = _closure(waiting, known)
    return "".join(f"{entry}\n" for name in sorted(taken) for entry in known[name])


def _closure(waiting: deque[Requirement], known: Mapping[str, list[str]]) -> set[str]:
    """The names of everything that is needed; what no lock has is for no platform that is supported."""
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.popleft()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if name in known and (name, extras) not in seen:
            seen.add((name, extras))
            waiting.extend(_needed_by(name, extras))
    return {name for name, _ in seen}


def _needed_by(name: str, extras: frozenset[str]) -> list[Requirement]:
    """What a distribution needs on any platform; one that is not installed here is for another one."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return []
    needed = [Requirement(line) for line in lines]
    return [one for one in needed if one.marker is None or _is_asked_for(one.marker, extras)]


def _is_asked_for(marker: Marker, extras: frozenset[str]) -> bool:
    if "extra" not in str(marker):
        return True
    return any(marker.evaluate({"extra": extra}) for extra in extras)
