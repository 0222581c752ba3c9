"""Makes a batch of letters a file that a mailing house prints as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.domain import Conflict
from notifications.letters.blocks import blocks_of
from notifications.letters.layout import Letter, pdf_of

MOST_PRINTED = 200
"""Letters in one file: whoever prints takes smaller batches than whoever reads lines."""
MOST_CHARACTERS = 1_000_000
"""Of HTML and text: some hundred pages, which are set in seconds."""


def as_pdf(letters: Sequence[Mapping[str, Any]]) -> bytes:
    """The letters of a batch, in its order, as one PDF; an outline has their ids.

    Raises `Conflict` when that are too many, `Unavailable` when too many others are being made.
    """
    size = sum(len(letter["html"] or letter["text"]) for letter in letters)
    if len(letters) > MOST_PRINTED or size > MOST_CHARACTERS:
        message = (
            f"At most {MOST_PRINTED} letters with {MOST_CHARACTERS:,} characters are printed at once:"
            " begin smaller batches."
        )
        raise Conflict(message, code="too_many_letters_to_print")
    return pdf_of([_letter(one) for one in letters])


def address_lines(name: str, address: str) -> tuple[str, ...]:
    """The lines of an address, with the name above where it is not among them."""
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    named = " ".join(name.split())
    if named and named not in lines:
        lines.insert(0, named)
    return tuple(lines)


def _letter(row: Mapping[str, Any]) -> Letter:
    return Letter(
        id=row["id"],
        sender=row["sender"],
        address=address_lines(row["name"], row["address"]),
        subject=row["subject"],
        blocks=blocks_of(row["html"], row["text"]),
    )
