"""Post: letters are kept until a mailing house downloads them in a batch."""

from __future__ import annotations

from collections.abc import Callable

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
    """Nothing: whoever may download letters is the mailing house."""


class MailingHouseSecrets(Body):
    """None."""


class MailingHouse:
    """Keeps letters."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Keep one letter; kept twice it is one."""
        hand_over()
        self._letters.put(outgoing)
        return Accepted(outgoing.message_id.hex)


def _make(
    settings: MailingHouseSettings, secrets: MailingHouseSecrets, tools: Tools
) -> MailingHouse:
    del settings, secrets
    return MailingHouse(tools.letters)


KIND = ProviderKind(
    key="mailing_house",
    channels=("post",),
    settings=MailingHouseSettings,
    secrets=MailingHouseSecrets,
    make=_make,
    deduplicates=True,
)
