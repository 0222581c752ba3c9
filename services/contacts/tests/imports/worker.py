"""A worker in a process of its own, for tests that kill it or measure it: does one job, tells its peak memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import TestTokens
from chassis.work.job_runner import JobRunner
from contacts.app import build
from contacts.imports.jobs import import_jobs
from contacts.settings import ContactsSettings
from services.contacts.tests.fakes import FakeUsers


def peak_memory() -> int:
    """The most bytes that were resident; of this process alone, unlike what `resource` says."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the system does not tell the peak of memory")


def main() -> None:
    """Do the next job; the settings come through standard input."""
    settings = ContactsSettings(**json.load(sys.stdin))
    users = FakeUsers()
    keys = TestTokens().key_source()
    service = build(settings, keys=keys, access=FakeAccessSource(), users=users)
    handlers = import_jobs(service.operations, users, service.clock, batch=int(sys.argv[1]))
    JobRunner(service.database, "contacts", handlers, service.clock).run_next()
    service.stop()
    sys.stdout.write(f"{peak_memory()}\n")


if __name__ == "__main__":
    main()
