"""Post: letters are kept until a mailing house downloads them in a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from chassis.http.body import Body
from notifications.providers.port import (
    Accepted,
    Letters,
    Outcome,
    Outgoing,
    ProviderKind,
    Tools,
)


class MailingHouseSettings(Body):
    """The line above each address, to which letters go back; whoever may download letters is the house."""

    sender: Annotated[
        str, Field(max_length=150, pattern=r"^[^\r\n]*$", examples=["Acme, 1 Main St, Springfield"])
    ] = ""


class MailingHouseSecrets(Body):
    """None."""


class MailingHouse:
    """Keeps letters."""

    def __init__(self, letters: Letters, sender: str) -> None:
        self._letters = letters
        self._sender = sender

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Keep one letter; kept twice it is one."""
        hand_over()
        self._letters.put(outgoing, self._sender)
        return Accepted(outgoing.message_id.hex)


def _make(
    settings: MailingHouseSettings, secrets: MailingHouseSecrets, tools: Tools
) -> MailingHouse:
    del secrets
    return MailingHouse(tools.letters, settings.sender)


KIND = ProviderKind(
    key="mailing_house",
    channels=("post",),
    settings=MailingHouseSettings,
    secrets=MailingHouseSecrets,
    make=_make,
    deduplicates=True,
)
