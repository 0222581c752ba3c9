"""Says in words what is wrong with the fields of a form."""

from __future__ import annotations

from chassis.domain import Invalid
from identity.pages.words import Words


def said(error: Invalid | None, words: Words, length: int) -> dict[str, str]:
    """What is wrong with which field, in the reader's language."""
    if error is None:
        return {}
    return {
        violation.pointer.lstrip("/"): (
            words(violation.code, length=length) if violation.code in words else violation.message
        )
        for violation in error.violations
    }
