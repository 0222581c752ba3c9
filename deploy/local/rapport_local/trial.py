"""A platform of its own for tests and measurements, beside the one that somebody works with."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rapport_local.platform import Platform
from rapport_local.services import SERVICES, ServiceDefinition


@contextmanager
def running_platform(
    folder: Path, services: Sequence[ServiceDefinition] = SERVICES
) -> Iterator[Platform]:
    """A platform on free ports, with its state below `folder`, stopped afterwards.

    It is stopped also if this process is killed. `report.first_tenant` of the platform has the
    administrator's password.
    """
    platform = Platform(folder / "rapport", ports_from=0, services=services)
    with stopped_if_this_process_ends(platform.state.root):
        try:
            platform.up()
            yield platform
        finally:
            platform.down()


@contextmanager
def stopped_if_this_process_ends(state: Path) -> Iterator[None]:
    """Let another process wait for the end of this one, which closes its standard input."""
    down = [sys.executable, "-m", "rapport_local", "--state", str(state), "down"]
    guard = subprocess.Popen(
        ["/bin/sh", "-c", 'cat >/dev/null; exec "$@"', "guard", *down],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guard.kill()
        guard.communicate()
