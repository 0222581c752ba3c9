"""Which addresses a message may lead its reader to."""

from __future__ import annotations

import re

LONGEST_LINK = 2_000
LINKED_CHANNELS = frozenset({"push", "inbox"})
"""The channels that have a link beside their words; on all others it is one of the words."""

# A second slash, or what browsers take for one, would make a path the address of another host.
_FOLLOWABLE = re.compile(r"(?:https?://[^\s/\\]|/(?![/\\]))[^\x00-\x1f\x7f]*")


def may_be_followed(link: str) -> bool:
    """Whether it is an address of the web, or a path of the console, and runs nothing."""
    return len(link) <= LONGEST_LINK and _FOLLOWABLE.fullmatch(link) is not None
