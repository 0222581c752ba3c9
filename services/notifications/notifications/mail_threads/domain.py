"""How a mail hangs together with others: the headers that keep a conversation in one place (RFC 5322)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chassis.domain import Invalid

MOST_REFERENCES = 50
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,480}>")
_SAID_BY_ITSELF = ("", "no", "auto-generated", "auto-replied")


@dataclass(frozen=True, slots=True)
class MailThread:
    """What is answered by a mail, and where answers to it go.

    `auto_submitted` is what RFC 3834 has it say; empty for what all transactional mail says.
    """

    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto_submitted: str = ""

    def require_sound(self) -> None:
        """Raises `Invalid` for what cannot stand in a header."""
        named = [*self.references, *([self.in_reply_to] if self.in_reply_to else [])]
        if len(named) > MOST_REFERENCES + 1 or not all(map(_MESSAGE_ID.fullmatch, named)):
            message = "What is answered is named by Message-IDs, with their angle brackets."
            raise Invalid.at("/mail/references", "not_a_message_id", message)
        if self.auto_submitted not in _SAID_BY_ITSELF:
            message = "It is no, auto-generated or auto-replied."
            raise Invalid.at("/mail/auto_submitted", "auto_submitted_unknown", message)
