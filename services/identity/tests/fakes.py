"""Stand-ins for what is outside of identity."""

from __future__ import annotations

from identity.mail import Mail


class FakeMailer:
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.is_away = False

    def send(self, mail: Mail) -> None:
        """Keep it."""
        self.sent.append(mail)

    def deliver(self, mail: Mail) -> bool:
        """Keep it, unless mail cannot be sent now."""
        if not self.is_away:
            self.send(mail)
        return not self.is_away

    def to(self, address: str) -> list[Mail]:
        """What went to an address, oldest first."""
        return [mail for mail in self.sent if mail.to == address]
