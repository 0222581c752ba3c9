"""Has a process stand back where processors are shared, among its session's processes and among sessions."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_PATIENCE = 10
"""Of 19: a process with it gets a tenth of what one without gets where both want a processor."""
_GROUP = Path("/proc/self/autogroup")


def let_others_go_first() -> None:
    """Have processors that are shared serve requests, relay and consumers before a job.

    Nobody waits for a job by the millisecond. It counts among the processes of one machine or one
    pod; between pods it is their requests for processors that count.
    """
    let_session_go_last(os.nice(_PATIENCE), _GROUP)


def let_session_go_last(niceness: int, group: Path) -> None:
    """Give the whole session a niceness, if it is the session of this process or its parent.

    Linux may share processors out between sessions first (`kernel.sched_autogroup_enabled`), and
    then the niceness of a process counts within its session only: every part of a platform has a
    session of its own, and so has every connection of PostgreSQL. `group` is where Linux takes
    what a session is to be among others; other systems have none, and need none.
    """
    is_ours = os.getsid(0) in (os.getpid(), os.getppid())
    if is_ours and group.exists():
        # Where it is not taken, a job is as quick as the others: no reason not to start.
        with suppress(OSError):
            group.write_text(str(niceness), encoding="ascii")
