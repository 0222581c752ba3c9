"""Exchange rates and the base currency over REST."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.exchange_rates import operations, queries
from sales.exchange_rates.domain import ExchangeRate
from sales.exchange_rates.models import (
    CurrencySettingsIn,
    CurrencySettingsOut,
    RateIn,
    RateInForceOut,
    RateInForceQuery,
    RateOut,
    RatePatch,
    settings_shown,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.exchange_rates.read"
WRITE = "sales.exchange_rates.write"

exchange_rates = Routes("/v1/sales/exchange-rates", tag="exchange rates")
currency_settings = Routes("/v1/sales/currency-settings", tag="exchange rates")


@currency_settings.get("", permission=READ, returns=CurrencySettingsOut)
def get_currency_settings(call: Call[SalesTx]) -> Reply:
    """Get the currency that the tenant adds up in."""
    settings = call.read(queries.get_settings)
    return Reply(settings, version=settings["version"])


@currency_settings.put(
    "",
    permission=WRITE,
    body=CurrencySettingsIn,
    returns=CurrencySettingsOut,
    conditional=True,
    problems=(409,),
)
def choose_base_currency(call: Call[SalesTx], body: CurrencySettingsIn) -> Response:
    """Say which currency the tenant adds up in; it stays once something was valued in it."""
    return call.run(
        lambda tx: operations.choose_base_currency(tx, body.base_currency),
        lambda _tx, settings: Reply(settings_shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )


@exchange_rates.get("", permission=READ, listing=queries.RATES, returns=RateOut)
def list_exchange_rates(call: Call[SalesTx], listing: Listing) -> Reply:
    """List rates, the newest first unless asked otherwise."""
    return Reply(call.read(queries.list_rates, listing))


@exchange_rates.get(
    "/in-force", permission=READ, query=RateInForceQuery, returns=RateInForceOut, problems=(404,)
)
def get_rate_in_force(call: Call[SalesTx], query: RateInForceQuery) -> Reply:
    """Get what one unit of a currency is worth on a day, today unless another is named."""
    return Reply(call.read(queries.get_rate_in_force, query.currency, query.on))


@exchange_rates.post(
    "", permission=WRITE, body=RateIn, returns=RateOut, status=201, problems=(409,)
)
def enter_exchange_rate(call: Call[SalesTx], body: RateIn) -> Response:
    """Enter a rate into the base currency; it holds from its day until that of the next one."""

    def reply(_tx: SalesTx, rate: ExchangeRate) -> Reply:
        return Reply.created(f"{exchange_rates.prefix}/{rate.id}", shown(rate), rate.version)

    rate = Decimal(body.rate)
    return call.run(
        lambda tx: operations.enter_rate(tx, body.currency, rate, body.valid_from), reply
    )


@exchange_rates.get("/<uuid:rate_id>", permission=READ, returns=RateOut)
def get_exchange_rate(call: Call[SalesTx], rate_id: UUID) -> Reply:
    """Get a rate."""
    rate = call.read(queries.get_rate, rate_id)
    return Reply(rate, version=rate["version"])


@exchange_rates.patch("/<uuid:rate_id>", permission=WRITE, body=RatePatch, returns=RateOut)
def correct_exchange_rate(call: Call[SalesTx], body: RatePatch, rate_id: UUID) -> Response:
    """Correct a rate; what was valued by it stays as it was."""
    return call.run(
        lambda tx: operations.correct_rate(tx, rate_id, Decimal(body.rate)),
        lambda _tx, rate: Reply(shown(rate), version=rate.version),
    )


@exchange_rates.delete("/<uuid:rate_id>", permission=WRITE)
def remove_exchange_rate(call: Call[SalesTx], rate_id: UUID) -> Response:
    """Take a rate back: on its days the one before it holds."""
    return call.run(
        lambda tx: operations.remove_rate(tx, rate_id), lambda _tx, _rate: Reply.nothing()
    )
