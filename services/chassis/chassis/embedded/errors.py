"""What can go wrong when an embedded server is started, in words that say what to do."""

from pathlib import Path


class EmbeddedServerError(RuntimeError):
    """An embedded server could not be installed, started or stopped."""


class PortTaken(EmbeddedServerError):
    """Another process listens where the server was told to listen."""

    def __init__(self, what: str, port: int) -> None:
        super().__init__(
            f"{what}: port {port} on 127.0.0.1 is taken by another process; stop it or choose another port"
        )
        self.port = port


class ServerDidNotStart(EmbeddedServerError):
    """The server process ended, or was not ready in time; carries the last lines of its log."""

    def __init__(self, what: str, reason: str, log_path: Path) -> None:
        self.last_lines = last_lines(log_path)
        super().__init__(f"{what} {reason}; the end of {log_path}:\n{self.last_lines}")


def last_lines(path: Path, count: int = 15, at_most_bytes: int = 16_384) -> str:
    """The end of a log file, or a remark that there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - at_most_bytes))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return "(no log was written)"
    return "\n".join(lines[-count:]) or "(the log is empty)"
