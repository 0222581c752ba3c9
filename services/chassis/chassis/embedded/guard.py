"""Ends throw-away servers when the process that started them is gone, however it went.

Run as a script: `guard.py <descriptor> <pid> <identity> <signal>`. The descriptor is the reading end of a pipe whose
writing end only the starting process holds; end of file means that this process has ended. A test run that is killed
with SIGKILL thus leaves no database behind.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from chassis.embedded.processes import ProcessRecord, stop_process


class Guard:
    """A watching process beside one server; `release` (or the end of this process) lets it end."""

    def __init__(self, server: ProcessRecord, signal_number: int) -> None:
        """Watch over `server`, which gets `signal_number` if this process ends without stopping it."""
        reading_end, self._writing_end = os.pipe()
        command = [sys.executable, "-m", "chassis.embedded.guard"]
        try:
            self._process = subprocess.Popen(
                [
                    *command,
                    str(reading_end),
                    str(server.pid),
                    server.identity,
                    str(int(signal_number)),
                ],
                pass_fds=[reading_end],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=Path(__file__).parents[2],
            )
        finally:
            os.close(reading_end)

    def release(self) -> None:
        """The server was stopped in order: let the guard go."""
        os.close(self._writing_end)
        self._process.wait()


def watch(descriptor: int, server: ProcessRecord, signal_number: int) -> None:
    """Wait for the end of the starting process, then stop the server if it still runs."""
    while os.read(descriptor, 1):
        pass
    stop_process(server, [(signal_number, 10.0)])


if __name__ == "__main__":
    # A terminal's Ctrl-C is for the tests; the guard ends with them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch(int(sys.argv[1]), ProcessRecord(int(sys.argv[2]), sys.argv[3]), int(sys.argv[4]))
