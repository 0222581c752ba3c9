"""The questions that notifications asks other services."""

from __future__ import annotations

from uuid import UUID

from chassis.access.peer import IdentityAccessSource
from chassis.context import Caller, service_caller
from chassis.domain import Conflict, IdFactory, NotFound, Unavailable
from chassis.rpc.client import Peer, Peers
from chassis.rpc.service_tokens import ServiceTokens
from notifications.delivery.recipients import Addressee, PersonConsent
from notifications.rules.holders import Holders
from notifications.settings import NotificationsSettings
from rapport.contacts.v1.consent_pb2 import ConsentState
from rapport.contacts.v1.contacts_service_pb2 import (
    GetRecipientRequest,
    GetRecipientResponse,
    ListConsentsRequest,
    RecordConsentRequest,
)
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub
from rapport.identity.v1.access_pb2 import Reach
from rapport.identity.v1.identity_service_pb2 import (
    GetAccessSnapshotRequest,
    GetUserRequest,
    ListAdministratorsRequest,
    ListPermissionHoldersRequest,
    ListUsersRequest,
    User,
    UserStatus,
)
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub


def identity_access(settings: NotificationsSettings, service: str) -> IdentityAccessSource:
    """Who may do what in a tenant, asked of identity when it is not known here yet."""
    peers = Peers(ServiceTokens.of(settings, service))
    identity = peers.at("identity", settings.identity_grpc)
    return IdentityAccessSource(identity, service, IdentityServiceStub, GetAccessSnapshotRequest)


_ANSWER_SECONDS = 2.0
_WITHIN_THE_PLATFORM = ("inbox", "push")
_UNUSABLE = ("bounced", "invalid")


class PeerRecipients:
    """People as contacts knows them, users as identity does; both asked in the service's own name."""

    def __init__(self, contacts: Peer, identity: Peer, ids: IdFactory) -> None:
        self._contacts = contacts
        self._identity = identity
        self._ids = ids

    def person(
        self, caller: Caller, person_id: UUID, channel: str, purpose: str, contact_point_id: str
    ) -> Addressee:
        """A person with the consent for the purpose. Raises `Unavailable`, `NotFound`."""
        request = GetRecipientRequest(
            person_id=str(person_id),
            channel=channel,
            purpose=purpose,
            contact_point_id=contact_point_id,
        )
        method = self._contacts.stub(ContactsServiceStub).GetRecipient
        return _addressee(self._contacts.ask(method, request, caller, _ANSWER_SECONDS))

    def user(self, caller: Caller, user_id: UUID, channel: str) -> Addressee:
        """A user, who has an e-mail address and the platform's own channels. Raises `Unavailable`, `NotFound`."""
        request = ListUsersRequest(user_ids=[str(user_id)])
        method = self._identity.stub(IdentityServiceStub).ListUsers
        for user in self._identity.ask(method, request, caller, _ANSWER_SECONDS).users:
            if user.status == UserStatus.USER_STATUS_DEACTIVATED:
                break
            return Addressee(
                None,
                _address_of(user, channel),
                name=user.name,
                language=user.locale,
                time_zone=user.time_zone,
            )
        raise NotFound.of("user", user_id)

    def consents(self, caller: Caller, person_id: UUID) -> tuple[list[PersonConsent], str]:
        """What a person has said about every purpose, and the person's language."""
        method = self._contacts.stub(ContactsServiceStub).ListConsents
        request = ListConsentsRequest(person_id=str(person_id))
        answer = self._contacts.ask(method, request, caller, _ANSWER_SECONDS)
        consents = [
            PersonConsent(
                one.purpose,
                dict(one.purpose_names),
                one.channel,
                granted=one.state == ConsentState.CONSENT_STATE_GRANTED,
            )
            for one in answer.consents
        ]
        return consents, answer.language

    def record_consent(
        self, caller: Caller, person_id: UUID, consent: PersonConsent, source: str, proof: str
    ) -> None:
        """Note what a person said, once however often the call is tried."""
        request = RecordConsentRequest(
            person_id=str(person_id),
            purpose=consent.purpose,
            channel=consent.channel,
            granted=consent.granted,
            source=source,
            proof=proof,
            idempotency_key=str(self._ids.new()),
        )
        method = self._contacts.stub(ContactsServiceStub).RecordConsent
        try:
            self._contacts.ask(method, request, caller, _ANSWER_SECONDS)
        except Conflict as refusal:
            if refusal.retry_after is None:
                raise
            raise Unavailable(refusal.message, code=refusal.code) from refusal


def _address_of(user: User, channel: str) -> str:
    if channel in _WITHIN_THE_PLATFORM:
        return user.user_id
    return user.email if channel == "email" else ""


def _addressee(answer: GetRecipientResponse) -> Addressee:
    person, point = answer.person, answer.contact_point
    found = answer.HasField("contact_point")
    return Addressee(
        UUID(person.person_id),
        point.address if found else "",
        contact_point_id=point.contact_point_id,
        usable=point.status not in _UNUSABLE,
        name=person.display_name,
        given_name=person.given_name,
        family_name=person.family_name,
        language=person.language,
        time_zone=person.time_zone,
        consented=answer.consent.state == ConsentState.CONSENT_STATE_GRANTED,
        promotional=answer.promotional,
        purpose_archived=answer.purpose_archived,
    )


def peer_recipients(
    settings: NotificationsSettings, service: str, ids: IdFactory
) -> PeerRecipients:
    """People and users, asked of the services that know them."""
    peers = Peers(ServiceTokens.of(settings, service))
    return PeerRecipients(
        peers.at("contacts", settings.contacts_grpc),
        peers.at("identity", settings.identity_grpc),
        ids,
    )


class IdentityUserRoles:
    """Which roles users have, as identity knows it."""

    def __init__(self, identity: Peer, service: str) -> None:
        self._identity = identity
        self._service = service

    def roles_of(self, tenant_id: UUID, user_id: UUID) -> tuple[list[UUID], int]:
        """The roles, and the version of the user that has them. Raises `Unavailable`."""
        method = self._identity.stub(IdentityServiceStub).GetUser
        asking = service_caller(self._service, tenant_id)
        request = GetUserRequest(user_id=str(user_id))
        user = self._identity.ask(method, request, asking, _ANSWER_SECONDS).user
        return [UUID(role_id) for role_id in user.role_ids], user.version


class IdentityAdministrators:
    """Who administers a tenant, as identity knows it."""

    def __init__(self, identity: Peer, service: str) -> None:
        self._identity = identity
        self._service = service

    def of(self, tenant_id: UUID) -> list[UUID]:
        """The administrators who may sign in. Raises `Unavailable`."""
        method = self._identity.stub(IdentityServiceStub).ListAdministrators
        asking = service_caller(self._service, tenant_id)
        answer = self._identity.ask(method, ListAdministratorsRequest(), asking, _ANSWER_SECONDS)
        return [UUID(user_id) for user_id in answer.user_ids]


class IdentityPermissionHolders:
    """Who holds a permission, as identity knows it."""

    def __init__(self, identity: Peer, service: str) -> None:
        self._identity = identity
        self._service = service

    def of(self, tenant_id: UUID, holders: Holders) -> list[UUID]:
        """Those of the holders who may sign in, at most 200. Raises `Unavailable`."""
        method = self._identity.stub(IdentityServiceStub).ListPermissionHolders
        asking = service_caller(self._service, tenant_id)
        request = ListPermissionHoldersRequest(
            permission=holders.permission,
            least_reach=Reach.Value(f"REACH_{holders.reach.upper()}"),
            role_id=None if holders.role_id is None else str(holders.role_id),
        )
        answer = self._identity.ask(method, request, asking, _ANSWER_SECONDS)
        return [UUID(user_id) for user_id in answer.user_ids]


def identity_permission_holders(
    settings: NotificationsSettings, service: str
) -> IdentityPermissionHolders:
    """Who holds a permission, asked of identity."""
    peers = Peers(ServiceTokens.of(settings, service))
    return IdentityPermissionHolders(peers.at("identity", settings.identity_grpc), service)


def identity_administrators(
    settings: NotificationsSettings, service: str
) -> IdentityAdministrators:
    """Who administers a tenant, asked of identity."""
    peers = Peers(ServiceTokens.of(settings, service))
    return IdentityAdministrators(peers.at("identity", settings.identity_grpc), service)


def identity_user_roles(settings: NotificationsSettings, service: str) -> IdentityUserRoles:
    """Which roles users have, asked of identity."""
    peers = Peers(ServiceTokens.of(settings, service))
    return IdentityUserRoles(peers.at("identity", settings.identity_grpc), service)
