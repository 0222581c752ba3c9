"""Subscriptions over REST."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.subscriptions import operations, queries
from sales.subscriptions.domain import Subscription
from sales.subscriptions.models import (
    CancelIn,
    LinesIn,
    ListedSubscriptionOut,
    MovementsOut,
    OrderedIn,
    PauseIn,
    SubscriptionIn,
    SubscriptionOut,
    SubscriptionPatch,
    SubscriptionsOut,
    TerminateIn,
    lines_in,
    shown,
    wanted_in,
)
from sales.subscriptions.ordered import start_from_order
from sales.subscriptions.revenue import subscription_revenue
from sales.subscriptions.revenue_models import RevenueQuery, SubscriptionRevenueOut, asked_in
from sales.transaction import SalesTx

READ = "sales.subscriptions.read"
WRITE = "sales.subscriptions.write"
# Apart from what sellers may do to their own: it takes leave to let somebody off their contract.
TERMINATE = "sales.subscription_terminations.write"

subscriptions = Routes("/v1/sales/subscriptions", tag="subscriptions")


@subscriptions.get(
    "", permission=READ, listing=queries.SUBSCRIPTIONS, returns=ListedSubscriptionOut
)
def list_subscriptions(call: Call[SalesTx], listing: Listing) -> Reply:
    """List subscriptions, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_subscriptions, listing))


@subscriptions.post("", permission=WRITE, body=SubscriptionIn, returns=SubscriptionOut, status=201)
def start_subscription(call: Call[SalesTx], body: SubscriptionIn) -> Response:
    """Begin a subscription, today or on another day; its first term renews or ends by itself."""
    wanted = wanted_in(body)

    def reply(_tx: SalesTx, one: Subscription) -> Reply:
        return Reply.created(f"{subscriptions.prefix}/{one.id}", shown(one), one.version)

    return call.run(lambda tx: operations.start_subscription(tx, wanted), reply)


@subscriptions.post(
    "/from-order", permission=WRITE, body=OrderedIn, returns=SubscriptionsOut, problems=(404, 409)
)
def start_subscriptions_from_order(call: Call[SalesTx], body: OrderedIn) -> Response:
    """Begin what an order is about, once: one subscription for each kind of terms on it."""
    return call.run(
        lambda tx: start_from_order(tx, body.order_id, body.starts_on),
        lambda _tx, begun: Reply({"items": [shown(one) for one in begun]}),
    )


@subscriptions.get(
    "/revenue", permission=READ, query=RevenueQuery, returns=SubscriptionRevenueOut, problems=(422,)
)
def get_subscription_revenue(call: Call[SalesTx], query: RevenueQuery) -> Reply:
    """Get what subscriptions bring by the month, and what was won and lost of it, by periods."""
    return Reply(call.read(subscription_revenue, asked_in(query)))


@subscriptions.get("/<uuid:subscription_id>", permission=READ, returns=SubscriptionOut)
def get_subscription(call: Call[SalesTx], subscription_id: UUID) -> Reply:
    """Get a subscription."""
    found = call.read(queries.get_subscription, subscription_id)
    return Reply(found, version=found["version"])


@subscriptions.patch(
    "/<uuid:subscription_id>",
    permission=WRITE,
    body=SubscriptionPatch,
    returns=SubscriptionOut,
    problems=(409,),
)
def change_subscription(
    call: Call[SalesTx], body: SubscriptionPatch, subscription_id: UUID
) -> Response:
    """Change whose a subscription is, or its terms; another term moves its end and its reminders."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return _run(call, lambda tx: operations.change_subscription(tx, subscription_id, changes))


@subscriptions.get("/<uuid:subscription_id>/movements", permission=READ, returns=MovementsOut)
def list_subscription_movements(call: Call[SalesTx], subscription_id: UUID) -> Reply:
    """List how the revenue of a subscription moved, the first movement first."""
    return Reply(call.read(queries.list_movements, subscription_id))


@subscriptions.post(
    "/<uuid:subscription_id>/change",
    permission=WRITE,
    body=LinesIn,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def change_subscription_lines(
    call: Call[SalesTx], body: LinesIn, subscription_id: UUID
) -> Response:
    """Upgrade or downgrade a subscription, at once or from a later day of its term on."""
    lines = lines_in(body.lines)
    return _run(
        call, lambda tx: operations.change_lines(tx, subscription_id, lines, body.effective_on)
    )


@subscriptions.delete("/<uuid:subscription_id>/planned-change", permission=WRITE, problems=(409,))
def drop_planned_change(call: Call[SalesTx], subscription_id: UUID) -> Response:
    """Have a subscription stay as it is, whatever was planned."""
    return call.run(
        lambda tx: operations.drop_planned_change(tx, subscription_id),
        lambda _tx, _one: Reply.nothing(),
    )


@subscriptions.post(
    "/<uuid:subscription_id>/pause",
    permission=WRITE,
    body=PauseIn,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def pause_subscription(call: Call[SalesTx], body: PauseIn, subscription_id: UUID) -> Response:
    """Let a subscription rest from today on; its end moves by as many days as it rests."""
    return _run(
        call, lambda tx: operations.pause_subscription(tx, subscription_id, body.resumes_on)
    )


@subscriptions.post(
    "/<uuid:subscription_id>/resume",
    permission=WRITE,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def resume_subscription(call: Call[SalesTx], subscription_id: UUID) -> Response:
    """Have a subscription go on today that was paused."""
    return _run(call, lambda tx: operations.resume_subscription(tx, subscription_id))


@subscriptions.post(
    "/<uuid:subscription_id>/cancel",
    permission=WRITE,
    body=CancelIn,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def cancel_subscription(call: Call[SalesTx], body: CancelIn, subscription_id: UUID) -> Response:
    """Have a subscription end with its term; 409 names the last day when it is too late for notice."""
    return _run(
        call,
        lambda tx: operations.cancel_subscription(tx, subscription_id, body.reason, body.note),
    )


@subscriptions.post(
    "/<uuid:subscription_id>/terminate",
    permission=TERMINATE,
    body=TerminateIn,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def terminate_subscription(
    call: Call[SalesTx], body: TerminateIn, subscription_id: UUID
) -> Response:
    """Have a subscription end on a day, whatever notice was agreed on."""
    given = (body.reason, body.note, body.ends_on)
    return _run(call, lambda tx: operations.terminate_subscription(tx, subscription_id, *given))


@subscriptions.post(
    "/<uuid:subscription_id>/withdraw-cancellation",
    permission=WRITE,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def withdraw_subscription_cancellation(call: Call[SalesTx], subscription_id: UUID) -> Response:
    """Have a subscription go on that was cancelled and has not ended yet."""
    return _run(call, lambda tx: operations.withdraw_cancellation(tx, subscription_id))


@subscriptions.post(
    "/<uuid:subscription_id>/renew",
    permission=WRITE,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def renew_subscription(call: Call[SalesTx], subscription_id: UUID) -> Response:
    """Agree on the next term before this one is over."""
    return _run(call, lambda tx: operations.renew_subscription(tx, subscription_id))


@subscriptions.post(
    "/<uuid:subscription_id>/reactivate",
    permission=WRITE,
    returns=SubscriptionOut,
    conditional=True,
    problems=(409,),
)
def reactivate_subscription(call: Call[SalesTx], subscription_id: UUID) -> Response:
    """Take up again today a subscription that has ended, with a new term."""
    return _run(call, lambda tx: operations.reactivate_subscription(tx, subscription_id))


def _run(call: Call[SalesTx], operation: Callable[[SalesTx], Subscription]) -> Response:
    return call.run(operation, lambda _tx, one: Reply(shown(one), version=one.version))
