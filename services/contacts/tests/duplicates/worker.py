"""A worker in a process of its own, for tests that kill it: looks for duplicates in steps of so many people."""

from __future__ import annotations

import json
import sys

from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import TestTokens
from chassis.work.job_runner import JobRunner
from contacts.app import build
from contacts.duplicates.finding import duplicate_jobs
from contacts.settings import ContactsSettings
from services.contacts.tests.fakes import FakeUsers


def main() -> None:
    """Do the next job; the settings come through standard input."""
    settings = ContactsSettings(**json.load(sys.stdin))
    keys = TestTokens().key_source()
    service = build(settings, keys=keys, access=FakeAccessSource(), users=FakeUsers())
    handlers = duplicate_jobs(service.operations, step=int(sys.argv[1]))
    JobRunner(service.database, "contacts", handlers, service.clock).run_next()
    service.stop()


if __name__ == "__main__":
    main()
