"""How loyalty keeps codes that are as good as money: sealed, so that a backup gives none away."""

from __future__ import annotations

from chassis.sealing import Sealer
from loyalty.settings import LoyaltySettings


class Secrecy:
    """What seals and opens codes, as the settings give it."""

    def __init__(self, settings: LoyaltySettings) -> None:
        self.sealer = Sealer(settings.sealing_secrets)
