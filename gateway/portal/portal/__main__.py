"""Runs the portal: `python -m portal`, configured by environment variables."""

from __future__ import annotations

import sys

from granian import Granian
from granian.constants import Interfaces

from chassis.settings import WrongSettings
from chassis.telemetry.logs import configure_logging, granian_logging
from portal.settings import read_settings


def main() -> int:
    """Serve until a signal says to stop."""
    try:
        settings = read_settings()
    except WrongSettings as error:
        sys.stderr.write(f"portal: wrong settings\n{error}\n")
        return 2
    configure_logging("portal", settings.log_level)
    Granian(
        "portal.app:application",
        factory=True,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.http_threads,
        log_level=settings.log_level.lower(),  # type: ignore[arg-type]
        log_dictconfig=granian_logging(),
        log_access=False,
    ).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
