"""Stand-ins for the services that sales asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from uuid import UUID, uuid4

from chassis.context import Caller
from chassis.domain import Conflict, Forbidden, NotFound, Unavailable, Violation
from sales.lead_conversions.domain import Customer, Found
from sales.lead_facts.domain import ConsentSaying
from sales.leads.domain import Lead
from sales.people.words import MOST_AT_ONCE, Words


@dataclass
class KnownPerson:
    """Somebody whom contacts knows."""

    id: UUID
    email: str = ""
    archived: bool = False
    company_ids: list[UUID] = field(default_factory=list)
    owner_id: UUID | None = None


class FakeCustomers:
    """People by their e-mail and companies by their name, as the test says.

    `away` is contacts not answering; with `fails_at` it stops answering at that question.
    """

    def __init__(self) -> None:
        self.people: dict[UUID, KnownPerson] = {}
        self.companies: dict[UUID, str] = {}
        self.entered: dict[tuple[str, UUID], UUID] = {}
        self.consents: list[tuple[UUID, ConsentSaying]] = []
        self.purposes = {"news"}
        self.away = False
        self.fails_at = ""
        self.forbidden = False
        self.asked: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self._lock = RLock()

    def know_person(
        self, email: str = "", *, archived: bool = False, owner_id: UUID | None = None
    ) -> UUID:
        """Make a person known."""
        person = KnownPerson(uuid4(), email, archived, owner_id=owner_id)
        self.people[person.id] = person
        return person.id

    def know_company(self, name: str) -> UUID:
        """Make a company known."""
        company_id = uuid4()
        self.companies[company_id] = name
        return company_id

    def person_of(
        self, caller: Caller, lead: Lead, owner_id: UUID | None, *, new: bool
    ) -> Customer:
        """The person with the lead's e-mail."""
        self._answer("person_of", caller)
        email = lead.details.email
        fits = {one.id: one.email for one in self.people.values() if email and one.email == email}

        def enter() -> UUID:
            assert owner_id is None or isinstance(owner_id, UUID)
            return self.know_person(email, owner_id=owner_id)

        return self._recognise("person", lead, {} if new else fits, enter)

    def company_of(
        self, caller: Caller, lead: Lead, owner_id: UUID | None, *, new: bool
    ) -> Customer:
        """The company of that name."""
        self._answer("company_of", caller)
        wanted = lead.details.company_name
        fits = {key: name for key, name in self.companies.items() if name == wanted}

        def enter() -> UUID:
            assert owner_id is None or isinstance(owner_id, UUID)
            return self.know_company(wanted)

        return self._recognise("company", lead, {} if new else fits, enter)

    def known_person(self, caller: Caller, person_id: UUID) -> UUID:
        """One of those who are known."""
        self._answer("known_person", caller)
        if person_id not in self.people:
            raise NotFound.of("person", person_id)
        if self.people[person_id].archived:
            raise Conflict("The person is archived; restore them first.", code="person_archived")
        return person_id

    def known_company(self, caller: Caller, company_id: UUID) -> UUID:
        """One of those that are known."""
        self._answer("known_company", caller)
        if company_id not in self.companies:
            raise NotFound.of("company", company_id)
        return company_id

    def owner_of(self, caller: Caller, person_id: UUID) -> UUID | None:
        """As the test says, or whoever the person was entered for."""
        self._answer("owner_of", caller)
        if person_id not in self.people:
            raise NotFound.of("person", person_id)
        return self.people[person_id].owner_id

    def employ(self, caller: Caller, person_id: UUID, company_id: UUID, title: str) -> None:
        """That somebody works somewhere, once."""
        self._answer("employ", caller)
        assert len(title) <= 100
        with self._lock:
            known = self.people[person_id].company_ids
            if company_id not in known:
                known.append(company_id)

    def pass_on(self, caller: Caller, person_id: UUID, lead_id: UUID, saying: ConsentSaying) -> str:
        """What was said."""
        self._answer("pass_on", caller)
        assert isinstance(lead_id, UUID)
        if saying.purpose not in self.purposes:
            return "purpose_unknown"
        with self._lock:
            if (person_id, saying) not in self.consents:
                self.consents.append((person_id, saying))
        return ""

    def _recognise(
        self, kind: str, lead: Lead, fits: dict[UUID, str], enter: Callable[[], UUID]
    ) -> Customer:
        with self._lock:
            known = self.entered.get((kind, lead.id))
            if known is not None:
                return Customer(known, Found.CREATED)
            if len(fits) == 1:
                return Customer(next(iter(fits)), Found.MATCHED)
            if fits:
                raise Conflict(
                    f"More than one {kind} may be meant.",
                    code="lead_ambiguous",
                    violations=tuple(
                        Violation(f"/{kind}_id", "candidate", f"{key}: {text}")
                        for key, text in fits.items()
                    ),
                )
            entered = self.entered[kind, lead.id] = enter()
            return Customer(entered, Found.CREATED)

    def _answer(self, question: str, caller: Caller) -> None:
        assert caller.tenant_id is not None
        self.asked.append(question)
        self.meanwhile()
        if self.away or self.fails_at == question:
            raise Unavailable("contacts does not answer now.", code="peer_unavailable")
        if self.forbidden:
            raise Forbidden("This needs the permission contacts.people.write.")


class FakeErasedPeople:
    """Erased people by an address and a number, as the test says; `away` is contacts not answering."""

    def __init__(self) -> None:
        self.known: dict[UUID, tuple[str, str]] = {}
        self.away = False
        self.asked: list[Words] = []

    def matches(self, _tenant_id: UUID, person_id: UUID, said: Sequence[Words]) -> Sequence[int]:
        """Words with the address or the number in them."""
        if self.away:
            raise Unavailable("contacts does not answer.", code="peer_unavailable")
        assert len(said) <= MOST_AT_ONCE
        self.asked += said
        email, phone = self.known.get(person_id, ("", ""))
        return [
            place
            for place, one in enumerate(said)
            if (email and email in (one.email.lower(), *one.text.lower().split()))
            or (phone and phone in (one.phone, *one.text.split()))
        ]
