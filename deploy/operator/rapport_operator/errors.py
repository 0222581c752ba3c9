"""What is in an operator's way, and the exit codes that programs look at."""

from __future__ import annotations

DONE = 0
FAILED = 1
"""What was asked for could not be done; the message says why."""
ATTENTION = 3
"""It was done, and what was found needs somebody: 2 is a wrong command line."""


class OperatorError(Exception):
    """What was asked for cannot be done; the message says what and where, for people."""
