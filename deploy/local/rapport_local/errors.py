"""What stops the local platform, in one line that says what is wrong and what to do."""


class PlatformError(RuntimeError):
    """Something is in the way; the message says what, and what to do."""


class PortsTaken(PlatformError):
    """Other programs listen where parts of the platform should."""

    def __init__(self, clashes: list[str]) -> None:
        super().__init__(
            f"{'; '.join(clashes)}. Stop what listens there, or use other ports: PORTS_FROM=28000 make up"
        )


class PartDied(PlatformError):
    """A part's process ended while the platform was waiting for it."""

    def __init__(self, part: str, how: str, log: str) -> None:
        super().__init__(f"{part} {how}; `make logs SVC={part}` shows its log, which ends:\n{log}")
