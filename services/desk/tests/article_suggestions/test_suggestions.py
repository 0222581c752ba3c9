"""Which articles may help with a ticket (DE-7)."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.client import ApiClient
from services.desk.tests.builders import TICKETS, Desk, good, open_ticket, refused
from services.desk.tests.conversing import hear
from services.desk.tests.knowing import ASSETS, article, published


def suggested(client: ApiClient, ticket_id: str, **query: str) -> list[str]:
    """The keys of what may help, the likest first."""
    path = f"{TICKETS}/{ticket_id}/suggested-articles"
    return [each["key"] for each in good(client.get(path, query_string=query))["items"]]


def test_what_is_like_the_ticket_is_suggested(app: ApiClient) -> None:
    published(app, "leak", title="What to do when the machine leaks", visibility="internal")
    published(app, "beans", title="Which beans to choose")
    article(app, "draft", title="The machine leaks")
    ticket = open_ticket(app, subject="My machine is leaking")
    assert suggested(app, ticket["id"]) == ["leak"]


def test_what_the_customer_has_said_counts_as_well(app: ApiClient) -> None:
    published(app, "milk", title="清潔奶泡器", language="zh-Hant")
    ticket = open_ticket(app, subject="請問")
    assert suggested(app, ticket["id"]) == []
    good(hear(app, ticket, text="我的奶泡器打不出奶泡"))
    assert suggested(app, ticket["id"]) == ["milk"]


def test_what_is_about_the_product_counts_for_more(app: ApiClient) -> None:
    published(app, "a-other", title="Descaling the machine")
    published(app, "b-about", title="Descaling the machine", product_skus=["X-100"])
    plain = open_ticket(app, subject="Descaling")
    about = open_ticket(app, subject="Descaling", product_sku="X-100")
    assert suggested(app, plain["id"], page_size="1") == ["a-other"]
    assert suggested(app, about["id"], page_size="1") == ["b-about"]


def test_a_ticket_out_of_reach_suggests_nothing(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    path = f"{TICKETS}/{ticket['id']}/suggested-articles"
    assert desk.app_client(desk.new_tenant()).get(path).status_code == 404
    assert app.tenant_id is not None
    own = desk.user_client(app.tenant_id, {"desk.tickets.read": "own"})
    assert own.get(path).status_code == 404
    assert refused(desk.anonymous().get(path)) == (401, "token_missing")


def test_a_ticket_is_about_the_only_thing_that_the_customer_has_of_a_product(
    app: ApiClient,
) -> None:
    person = str(uuid4())
    said = {"product_sku": "X-100", "name": "Machine", "person_id": person}
    asset = good(app.post(ASSETS, said))
    ticket = open_ticket(app, person_id=person, product_sku="X-100")
    assert ticket["asset_id"] == asset["id"]
    assert open_ticket(app, person_id=person, product_sku="Y")["asset_id"] is None
    assert open_ticket(app, product_sku="X-100")["asset_id"] is None
