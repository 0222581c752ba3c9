"""Where the platform keeps what: one folder, closed to others."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rapport_local.errors import PlatformError

_LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class StateFolder:
    """The paths below the state folder."""

    root: Path

    @property
    def secrets(self) -> Path:
        """Random passwords and keys."""
        return self.root / "secrets.json"

    @property
    def ports(self) -> Path:
        """Where everything listens."""
        return self.root / "platform.json"

    @property
    def operator(self) -> Path:
        """What the command `rapport` needs to know; closed to others."""
        return self.root / "operator.json"

    @property
    def first_tenant(self) -> Path:
        """Says that the first tenant was created."""
        return self.root / "first-tenant.json"

    @property
    def postgres(self) -> Path:
        """The database's files."""
        return self.root / "postgres"

    @property
    def nats(self) -> Path:
        """The broker's files."""
        return self.root / "nats"

    @property
    def gateway(self) -> Path:
        """The gateway's configuration for this machine."""
        return self.root / "gateway"

    def record(self, part: str) -> Path:
        """The process record of a part."""
        return self.root / "run" / f"{part}.json"

    def log(self, part: str) -> Path:
        """The log of a part."""
        return self.root / "logs" / f"{part}.log"

    def folder(self, name: str) -> Path:
        """A folder that a service keeps something in; created closed to others when needed."""
        path = self.root / name
        path.mkdir(mode=0o700, exist_ok=True, parents=True)
        return path

    def prepare(self) -> None:
        """Create the folders."""
        self.root.mkdir(parents=True, exist_ok=True)
        # Passers-by may not look in; PostgreSQL, run as another account by root, gets through nevertheless.
        for folder in (self.gateway, self.root / "run", self.root / "logs"):
            folder.mkdir(mode=0o700, exist_ok=True)

    def rotate_log(self, part: str) -> None:
        """Set a log aside that has grown large, and forget the one set aside before."""
        log = self.log(part)
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let only one `up` or `down` work at a time; raises `PlatformError` if another does."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PlatformError(
                    f"another command is starting or stopping the platform in {self.root}; wait until it is done"
                ) from None
            yield
