"""What befell people, noted once however often it is told, with the facts on a real bus."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from chassis.context import Caller
from chassis.money import money
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.happenings.domain import Happening
from loyalty.happenings.storage import happening_of, happenings
from services.loyalty.tests.builders import Loyalty, delivered, order_line


def noted(loyalty: Loyalty, client: ApiClient) -> list[Happening]:
    """What is noted in the client's tenant, by time."""

    def read(tx: Any) -> list[Happening]:
        asked = sa.select(happenings).order_by(happenings.c.happened_at, happenings.c.id)
        return [happening_of(row) for row in tx.connection.execute(asked).mappings()]

    return loyalty.service.operations.run(Caller(client.tenant_id, "test"), read)


def test_a_delivery_that_is_told_three_times_is_noted_once(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    person, at = uuid4(), datetime(2031, 3, 4, 5, tzinfo=UTC)
    fact = delivered(
        person,
        "1250",
        at=at,
        placed_at=datetime(2031, 3, 1, tzinfo=UTC),
        lines=[order_line("1000"), order_line("250", "2", category="tea", sku="OOLONG")],
    )
    for _ in range(3):
        bus.say(fact, app.tenant_id, UUID(fact.order_id))
    eventually(lambda: noted(loyalty, app))
    eventually(bus.is_settled)
    (happening,) = noted(loyalty, app)
    assert (happening.kind, happening.key) == ("order_delivered", fact.delivery_id)
    assert (happening.person_id, happening.happened_at) == (person, at)
    assert happening.judged_at == datetime(2031, 3, 1, tzinfo=UTC)
    assert (happening.channel, happening.branch) == ("store", "Xinyi")
    assert happening.value == money("1250", "TWD")
    assert [(line.sku, line.category, str(line.total)) for line in happening.lines] == [
        ("BEANS", "coffee", "1000"),
        ("OOLONG", "tea", "250"),
    ]
    assert happening.properties == {"complete": True}


def test_what_is_told_of_one_tenant_is_not_noted_in_another(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    stranger = loyalty.app_client(loyalty.new_tenant())
    fact = delivered(uuid4(), "100")
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, UUID(fact.order_id))
    eventually(lambda: noted(loyalty, app))
    assert noted(loyalty, stranger) == []
