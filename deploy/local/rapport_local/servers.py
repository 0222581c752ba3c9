"""PostgreSQL and NATS as parts of the platform."""

from dataclasses import dataclass
from typing import Protocol

from chassis.embedded.processes import ProcessRecord
from rapport_local.state import StateFolder


class Server(Protocol):
    """What both embedded servers offer."""

    @property
    def process(self) -> ProcessRecord | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


@dataclass
class ServerPart:
    """An embedded server; once started it is ready, because its `start` waits."""

    name: str
    address: str
    server: Server
    state: StateFolder

    def process(self) -> ProcessRecord | None:
        """The running process, or None."""
        return self.server.process

    def start(self) -> None:
        """Start the server if it does not run, and wait until it answers."""
        if self.process() is None:
            self.state.rotate_log(self.name)
        self.server.start()

    def clear_away(self) -> None:
        """Nothing: their processes end with the first of them."""

    def not_ready_because(self) -> str | None:
        """None while it runs."""
        return None if self.process() else "it is not running"

    def stop(self) -> None:
        """Let it write what it has, and stop."""
        self.server.stop()

    def kill(self) -> None:
        """Crash it, as a test of what follows."""
        self.server.kill()
