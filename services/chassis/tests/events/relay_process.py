"""Runs a relay in a process of its own, which a test may kill; settings come from the environment."""

from __future__ import annotations

import threading

from chassis.events.relay import Relay
from chassis.settings import ServiceSettings, load_settings
from chassis.storage.database import Database


def main() -> None:
    """Run until killed."""
    settings = load_settings(ServiceSettings)
    Relay(Database(settings, "shop"), settings, "shop").start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
