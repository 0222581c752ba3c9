"""Apps that come with the platform: they belong to no tenant, and users of every tenant may use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from identity.clients.domain import OPENID_SCOPES, ClientDetails, GrantType

COMMAND_LINE: Final = "rapport-cli"

PLATFORM_APPS: Final[Mapping[str, ClientDetails]] = {
    COMMAND_LINE: ClientDetails(
        name="Rapport CLI",
        grant_types=frozenset(GrantType) - {GrantType.CLIENT_CREDENTIALS},
        redirect_uris=("http://127.0.0.1/callback",),
        scopes=OPENID_SCOPES | {"*"},
    )
}
"""By client id. They are public: whoever has the program has all that is in it."""
