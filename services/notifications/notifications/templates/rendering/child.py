"""The process in which templates are compiled and rendered, one after the other.

Whoever writes a template decides what runs here. So the process has no secrets (an empty
environment, one socket), little memory, and little time: a timer raises an error where the template
stands, and the kernel kills the process when that does not help. It ends when its service does.
"""

from __future__ import annotations

import resource
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from notifications.templates.rendering.frames import Broken, receive_frame, send_frame
from notifications.templates.rendering.messages import Finding
from notifications.templates.rendering.workshop import OutOfTime, Workshop

MEMORY = 256 * 1024 * 1024
CPU_SECONDS = 1.0
"""How long one template may take; some hundred times what a long one does."""
_KILLED_AFTER = 2
"""So many seconds of processor time later the kernel ends the process."""
LONGEST_JOB = 8 * 1024 * 1024
_DEEPEST = 600


def main() -> None:
    """Take jobs from standard input, a socket, until the service closes it."""
    connection = socket.socket(fileno=0)
    _give_up_what_is_not_needed()
    workshop = Workshop()
    signal.signal(signal.SIGPROF, workshop.out_of_time)
    while True:
        try:
            job = receive_frame(connection, LONGEST_JOB)
        except Broken:
            return
        answer = _answered(workshop, job)
        send_frame(connection, answer)
        if answer.get("last"):
            return


def _give_up_what_is_not_needed() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(_DEEPEST)


def _answered(workshop: Workshop, job: Mapping[str, Any]) -> dict[str, Any]:
    """The result or the findings; `last` when the process is better replaced."""
    _allow_time()
    try:
        with workshop.timed(CPU_SECONDS):
            return workshop.work(job)
    except OutOfTime:
        line, part = workshop.line_of_interruption, workshop.part
        message = f"takes more than {CPU_SECONDS:g} s"
        return _failed(Finding(part, "too_long", message, line))
    except MemoryError:
        message = f"takes more than {MEMORY // 2**20} MiB of memory"
        return {**_failed(Finding(workshop.part, "too_much_memory", message)), "last": True}
    except RecursionError:
        return _failed(Finding(workshop.part, "too_deep", "is nested too deeply, or calls itself"))


def _failed(finding: Finding) -> dict[str, Any]:
    return {"findings": [asdict(finding)]}


def _allow_time() -> None:
    """Have the kernel end the process some time after the job has used what it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(time.process_time() + CPU_SECONDS) + _KILLED_AFTER
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if __name__ == "__main__":
    main()
