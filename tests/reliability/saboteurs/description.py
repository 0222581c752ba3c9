"""Who a saboteur says that it is."""

from __future__ import annotations

from dataclasses import dataclass, fields

from chassis.description import Description
from contacts.description import DESCRIPTION


@dataclass(frozen=True, slots=True)
class Posing(Description):
    """A service's own description, but wired together elsewhere."""

    wired_in: str = ""

    @property
    def package(self) -> str:
        """Where `app` is."""
        return self.wired_in


def posing_as_contacts(wired_in: str) -> Posing:
    """Contacts, as far as its database, its streams and its callers can tell."""
    own = {field.name: getattr(DESCRIPTION, field.name) for field in fields(Description)}
    return Posing(**own, wired_in=wired_in)
