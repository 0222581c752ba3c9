"""How soon the platform is there, and what it takes while nobody calls."""

from __future__ import annotations

import psutil

from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject


def measure(subject: Subject) -> Figures:
    """From `up` to all healthy, as the platform itself has timed it, and resident memory."""
    report = subject.platform.report
    if report is None:
        raise RuntimeError("the platform was not started here")
    yield Figure("make up to all healthy", report.seconds, "s", reach=20, at_most=True)
    yield Figure(
        "resident memory, idle", _resident(subject) / 2**20, "MiB", reach=1536, at_most=True
    )


def _resident(subject: Subject) -> int:
    """Memory of all the platform's processes; what they share is counted once."""
    total = 0
    for part in subject.platform.parts.values():
        record = part.process()
        if record is None:
            continue
        top = psutil.Process(record.pid)
        for process in [top, *top.children(recursive=True)]:
            total += process.memory_full_info().pss
    return total
