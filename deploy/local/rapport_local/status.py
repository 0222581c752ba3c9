"""What runs, where, and how much memory it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from chassis.embedded.processes import ProcessRecord
from rapport_local.errors import PartDied
from rapport_local.parts import Part
from rapport_local.platform import Platform


@dataclass(frozen=True)
class PartStatus:
    """One line of the table."""

    part: str
    state: str
    """`ready`, `not ready` or `stopped`."""
    pid: int | None
    address: str
    memory_bytes: int
    """Of the process and all that it started; memory shared among them counts once."""
    reason: str | None = None


def platform_status(platform: Platform) -> list[PartStatus]:
    """The state of each part; empty if there is no platform."""
    return [part_status(part) for part in platform.parts.values()] if platform.exists else []


def what_to_do(parts: Sequence[PartStatus]) -> list[str]:
    """What is wrong and what to do, a line for each part that is not ready; one line if nothing runs."""
    if all(part.state == "stopped" for part in parts):
        return ["Nothing runs; `make up` starts it."]
    return [
        f"{part.part} does not run: `make logs SVC={part.part}` shows how it ended, `make up` starts it."
        if part.state == "stopped"
        else f"{part.part} is not ready: {part.reason}"
        for part in parts
        if part.state != "ready"
    ]


def part_status(part: Part) -> PartStatus:
    """The state of one part."""
    record = part.process()
    if record is None:
        return PartStatus(part.name, "stopped", None, part.address, 0)
    try:
        reason = part.not_ready_because()
    except PartDied:
        return PartStatus(part.name, "stopped", None, part.address, 0)
    state = "ready" if reason is None else "not ready"
    return PartStatus(part.name, state, record.pid, part.address, memory_of(record), reason)


def memory_of(record: ProcessRecord) -> int:
    """Bytes of main memory that would be free again without the process and its children."""
    try:
        process = psutil.Process(record.pid)
        return sum(_own_memory(member) for member in (process, *process.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def _own_memory(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        # Each process's share of what several use: only Linux knows it.
        return int(getattr(full, "pss", full.uss))
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return _resident_memory(process)


def _resident_memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
