"""Gathers what a decision about a message needs from others: who and where, and the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from chassis.context import Caller
from chassis.domain import NotFound, Unavailable
from chassis.events.backoff import growing_delay
from chassis.sealing import CannotUnseal
from notifications.delivery.beginning import Ready
from notifications.delivery.permission import Resolved
from notifications.delivery.public_links import MessageLinks
from notifications.delivery.queue import Turn
from notifications.delivery.recipients import Addressee, Recipients
from notifications.delivery.taking_up import Plan, held_message
from notifications.delivery.wording import CannotWord, Templates, Wanted, Worded
from notifications.messages.domain import Failure, HeldBack, Order, Recipient, Wait
from notifications.secrecy import Secrecy
from notifications.transaction import NotificationsTx


class Settled(Exception):
    """It is clear already what becomes of the message now: nothing is sent."""

    def __init__(self, reason: HeldBack | Failure | Wait, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Preparing:
    """Whom to ask. `platform_mail` is whether the platform has a mail server of its own."""

    recipients: Recipients
    templates: Templates
    links: MessageLinks
    secrecy: Secrecy
    lease: timedelta
    platform_mail: bool

    def prepare(self, caller: Caller, turn: Turn, plan: Plan) -> Ready:
        """All that is needed. Raises `Settled`."""
        resolved, asked = self._resolved(caller, plan)
        there = self._where_written_from(caller, plan.order.recipient, resolved)
        if there is not resolved:
            # What is remembered of a person is what contacts has said.
            resolved, asked = there, False
        worded = plan.worded
        if worded is None and _may_be_read(resolved):
            worded = self._worded(caller, turn, plan.order, resolved)
        return Ready(
            resolved=resolved,
            asked=asked,
            worded=worded,
            order=plan.order,
            rules=plan.rules,
            platform_mail=self.platform_mail,
            lease=self.lease,
        )

    def _resolved(self, caller: Caller, plan: Plan) -> tuple[Resolved, bool]:
        order, recipient = plan.order, plan.order.recipient
        try:
            if recipient.person_id is None and recipient.address is not None:
                address = self._unsealed(caller, recipient.address)
                return Resolved(Addressee(None, address), promotional=False), False
            if recipient.user_id is not None:
                user = self.recipients.user(caller, recipient.user_id, order.channel)
                # Users are told by the tenant that they work for: nothing of that is promotional.
                return Resolved(user, promotional=False), False
            return self._person(caller, plan), True
        except NotFound:
            unknown = bool(order.purpose) and plan.purpose is None
            reason = HeldBack.PURPOSE_UNKNOWN if unknown else HeldBack.RECIPIENT_GONE
            raise Settled(reason) from None
        except Unavailable:
            return self._from_memory(plan), False

    def _person(self, caller: Caller, plan: Plan) -> Resolved:
        order, recipient = plan.order, plan.order.recipient
        if recipient.person_id is None:
            raise Settled(HeldBack.RECIPIENT_GONE)
        addressee = self.recipients.person(
            caller, recipient.person_id, order.channel, order.purpose, recipient.contact_point_id
        )
        if order.channel == "push":
            # Contacts knows no devices: the person's own id leads to them.
            addressee = replace(addressee, address=str(addressee.person_id), usable=True)
        return Resolved(addressee, promotional=addressee.promotional)

    def _where_written_from(
        self, caller: Caller, recipient: Recipient, resolved: Resolved
    ) -> Resolved:
        """A person at the address that they have written from, where that is another one.

        It goes by no contact point: whether contacts has it among the person's is not known.
        """
        if recipient.person_id is None or recipient.address is None:
            return resolved
        address = self._unsealed(caller, recipient.address)
        if address == resolved.addressee.address.lower():
            return resolved
        there = replace(resolved.addressee, address=address, contact_point_id="", usable=True)
        return replace(resolved, addressee=there)

    def _from_memory(self, plan: Plan) -> Resolved:
        """While contacts is away: what is transactional goes to a known address, the rest waits."""
        known = plan.purpose
        transactional = not plan.order.purpose or (known is not None and not known.promotional)
        if transactional and plan.remembered is not None:
            return Resolved(plan.remembered, promotional=False)
        raise Settled(Wait.CONTACTS_UNAVAILABLE)

    def _unsealed(self, caller: Caller, address: bytes) -> str:
        try:
            return self.secrecy.sealer.open(address, f"address:{caller.tenant_id}").decode()
        except CannotUnseal:
            raise Settled(HeldBack.NO_ADDRESS) from None

    def _worded(self, caller: Caller, turn: Turn, order: Order, resolved: Resolved) -> Worded:
        addressee = resolved.addressee
        if order.content is not None:
            return Worded(order.content, addressee.language)
        wanted = Wanted(
            order.template,
            order.channel,
            order.variables,
            addressee,
            self.links.for_templates(turn),
        )
        try:
            return self.templates.word(caller, wanted)
        except CannotWord as error:
            raise Settled(Failure.TEMPLATE_FAILED, error.message) from error


def _may_be_read(resolved: Resolved) -> bool:
    """Whether it is worth finding words: without an address or a consent nobody reads them."""
    addressee = resolved.addressee
    return bool(addressee.address) and (addressee.consented or not resolved.promotional)


def settle(tx: NotificationsTx, turn: Turn, settled: Settled, lease: timedelta) -> None:
    """Note what was clear before anything was decided."""
    message = held_message(tx, turn, lease)
    if message is None or not message.is_open:
        return
    now = tx.clock.now()
    match settled.reason:
        case HeldBack() as reason:
            message.hold_back(reason, now)
        case Failure() as reason:
            message.fail(reason, now, settled.detail)
        case Wait() as reason:
            seconds = growing_delay(message.failures + 1, first=2, most=60)
            message.wait(now + timedelta(seconds=seconds), reason, now, failed=True)
