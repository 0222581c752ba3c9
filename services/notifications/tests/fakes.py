"""Stand-ins for the services that notifications asks."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from chassis.context import Caller
from chassis.domain import NotFound, Unavailable
from notifications.delivery.recipients import Addressee, PersonConsent
from notifications.delivery.wording import CannotWord, Wanted, Worded
from notifications.messages.domain import Content
from notifications.rules.holders import Holders


class FakeRecipients:
    """People as the test says; `away` is contacts not answering."""

    def __init__(self) -> None:
        self.people: dict[UUID, Addressee] = {}
        self.users: dict[UUID, Addressee] = {}
        self.granted: set[tuple[UUID, str, str]] = set()
        self.purposes: dict[str, bool] = {"newsletter": True, "offers": True, "contract": False}
        self.archived: set[str] = set()
        self.merged: dict[UUID, UUID] = {}
        self.away = False
        self.asked = 0

    def know(self, addressee: Addressee) -> UUID:
        """Make a person known; gives the id."""
        assert addressee.person_id is not None
        self.people[addressee.person_id] = addressee
        return addressee.person_id

    def grant(self, person_id: UUID, purpose: str, channel: str = "email") -> None:
        """Have a person say yes."""
        self.granted.add((person_id, purpose, channel))

    def person(
        self, caller: Caller, person_id: UUID, channel: str, purpose: str, contact_point_id: str
    ) -> Addressee:
        """A person."""
        assert caller.tenant_id is not None
        self.asked += 1
        if self.away:
            raise Unavailable("contacts does not answer now.", code="peer_unavailable")
        found = self.people.get(self.merged.get(person_id, person_id))
        if found is None or (purpose and purpose not in self.purposes):
            raise NotFound.of("person", person_id)
        return replace(
            found,
            contact_point_id=contact_point_id or found.contact_point_id,
            consented=(found.person_id, purpose, channel) in self.granted,
            promotional=self.purposes.get(purpose, False),
            purpose_archived=purpose in self.archived,
        )

    def user(self, caller: Caller, user_id: UUID, channel: str) -> Addressee:
        """A user."""
        assert caller.tenant_id is not None
        if self.away:
            raise Unavailable("identity does not answer now.", code="peer_unavailable")
        if user_id not in self.users:
            raise NotFound.of("user", user_id)
        found = self.users[user_id]
        return found if channel == "email" else replace(found, address=str(user_id))

    def consents(self, caller: Caller, person_id: UUID) -> tuple[list[PersonConsent], str]:
        """What a person has said."""
        assert caller.tenant_id is not None
        if self.away:
            raise Unavailable("contacts does not answer now.", code="peer_unavailable")
        names = {"en": "Newsletter", "zh-Hant": "電子報"}
        return [
            PersonConsent(key, names, "email", (person_id, key, "email") in self.granted)
            for key, promotional in self.purposes.items()
            if promotional
        ], self.people[person_id].language

    def record_consent(
        self, caller: Caller, person_id: UUID, consent: PersonConsent, source: str, proof: str
    ) -> None:
        """Note what a person said."""
        assert caller.tenant_id is not None
        assert source
        assert proof
        if self.away:
            raise Unavailable("contacts does not answer now.", code="peer_unavailable")
        key = (person_id, consent.purpose, consent.channel)
        if consent.granted:
            self.granted.add(key)
        else:
            self.granted.discard(key)


class FakePermissionHolders:
    """Who holds which permission, as the test says; `away` is identity not answering."""

    def __init__(self) -> None:
        self.known: dict[tuple[UUID, str, UUID | None], list[UUID]] = {}
        self.away = False
        self.asked: list[Holders] = []

    def know(
        self, tenant_id: UUID, permission: str, *users: UUID, role_id: UUID | None = None
    ) -> None:
        """Have users hold a permission, and that role if one is named."""
        self.known[tenant_id, permission, role_id] = list(users)

    def of(self, tenant_id: UUID, holders: Holders) -> list[UUID]:
        """The users."""
        self.asked.append(holders)
        if self.away:
            raise Unavailable("identity does not answer now.", code="peer_unavailable")
        return self.known.get((tenant_id, holders.permission, holders.role_id), [])


class FakeTemplates:
    """Templates that say the variable `what` to the person by name."""

    def word(self, caller: Caller, wanted: Wanted) -> Worded:
        """The words."""
        assert caller.tenant_id is not None
        if wanted.template == "broken":
            raise CannotWord("variable what is missing")
        name, what = wanted.addressee.name, wanted.variables.get("what", "")
        links = wanted.links["unsubscribe_url"]
        return Worded(
            Content(f"{name}: {what}", f"Dear {name}, {what}. {links}", f"<p>{what}</p>"),
            wanted.addressee.language,
        )
