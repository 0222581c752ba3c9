"""Typing into the list of people finds whom one means, and shows it best first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

from .conftest import PEOPLE, enter, people_found

Contacts = ServiceHarness[ContactsTx]
READ = "contacts.people.read"


@pytest.fixture(scope="module")
def crowd(contacts: Contacts) -> ApiClient:
    """An app in a tenant of people of many scripts."""
    app = contacts.app_client(contacts.new_tenant())
    enter(app, "王小明", "wang.xm@gmail.com", "+886912345678")
    enter(app, "王大明", "ming@acme.com.tw", "+886922000111")
    enter(app, "Mary Wang", "mary@acme.com.tw", "+12025550199")
    enter(app, "Mary Jane Watson", "mj.watson.sales@bugle.com", "+886933222111")
    enter(app, "José Núñez")
    enter(app, "Christopher Johnson")
    enter(app, "Wangari Maathai")
    enter(app, "山田 太郎")
    enter(app, "ﾀﾅｶ ﾕｳｺ")
    enter(app, "김철수")
    enter(app, "Xiao-Ming Chen")
    enter(app, "Sean O'Brien")
    return app


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("mar", ["Mary Wang", "Mary Jane Watson"]),
        ("wang", ["Mary Wang", "Wangari Maathai", "王小明"]),
        ("watson mary", ["Mary Jane Watson"]),
        ("jane wat mary", ["Mary Jane Watson"]),
        ("ma wa", ["Wangari Maathai", "Mary Jane Watson", "Mary Wang"]),
        ("jose nunez", ["José Núñez"]),
        ("NÚÑEZ", ["José Núñez"]),
        ("ｍａｒｙ ｗａｎｇ", ["Mary Wang"]),  # noqa: RUF001 - full-width on purpose
        ("xiaoming", ["Xiao-Ming Chen"]),
        ("obrien", ["Sean O'Brien"]),
        ("o'brien", ["Sean O'Brien"]),
        ("小明", ["王小明"]),
        ("明", ["王大明", "王小明"]),
        ("王 明", ["王大明", "王小明"]),
        ("小明 王", ["王小明"]),
        ("太郎", ["山田 太郎"]),
        ("山田太郎", ["山田 太郎"]),
        ("たなか", ["ﾀﾅｶ ﾕｳｺ"]),
        ("ユウコ", ["ﾀﾅｶ ﾕｳｺ"]),
        ("철수", ["김철수"]),
        ("wang.x", ["王小明"]),
        ("wangxm@gmail.com", ["王小明"]),
        ("wang.xm@g", ["王小明"]),
        ("@acme", ["王大明", "Mary Wang"]),
        ("bugle", ["Mary Jane Watson"]),
        ("sales", ["Mary Jane Watson"]),
        ("0912345678", ["王小明"]),
        ("0912-345", ["王小明"]),
        ("５６７８", ["王小明"]),  # noqa: RUF001 - likewise
        ("345 678", ["王小明"]),
        ("+886 912", ["王小明"]),
        ("00886912", ["王小明"]),
        ("(202) 555-0199", ["Mary Wang"]),
        ("小明 0912", ["王小明"]),
        ("小明 678", ["王小明"]),
        ("小明 0922", []),
        ("mary @acme", ["Mary Wang"]),
        ("jonhson", ["Christopher Johnson"]),
        ("crhistohper", ["Christopher Johnson"]),
        ("chirst", ["Christopher Johnson"]),
        ("christopher jonhson", ["Christopher Johnson"]),
        ("wtason mary", ["Mary Jane Watson"]),
        ("jhonson crhistopher", ["Christopher Johnson"]),
        ("wtason 111", ["Mary Jane Watson"]),
        ("wtason 999", []),
        ("nobody", []),
        ("!?", []),
        ("%", []),
    ],
)
def test_typing_finds_whom_one_means(crowd: ApiClient, typed: str, names: list[str]) -> None:
    assert people_found(crowd, typed) == names


def test_another_tenants_people_are_not_found(contacts: Contacts, crowd: ApiClient) -> None:
    stranger = contacts.app_client(contacts.new_tenant())
    for typed in ("wang", "小明", "5678", "@acme", "jonhson", "mary 199"):
        assert people_found(stranger, typed) == []
    assert people_found(crowd, "小明") == ["王小明"]


@pytest.mark.parametrize("typed", ["小明", "明", "shiaoming", "5678", "王 5678", "ming@", "王 明"])
def test_only_what_is_within_reach_is_found(contacts: Contacts, typed: str) -> None:
    tenant, mine, theirs = contacts.new_tenant(), uuid4(), uuid4()
    app = contacts.app_client(tenant)
    user = contacts.user_client(tenant, {READ: "own"}, user_id=mine)
    for owner, name in ((mine, "王小明 Xiaoming"), (theirs, "王大明 Xiaoming"), (None, "王明")):
        more = {"owner_id": str(owner)} if owner else {}
        enter(app, name, f"ming@{uuid4().hex}.dev", "+886912345678", **more)
    assert people_found(user, typed) == ["王小明 Xiaoming"]
    assert len(people_found(app, typed)) > 1 or typed == "小明"


def test_what_is_found_goes_by_the_filters_of_the_list(app: ApiClient) -> None:
    enter(app, "Mary Wang", tags=["vip"], lifecycle_stage="customer")
    enter(app, "Mary Chen", lifecycle_stage="customer")
    enter(app, "Mary Lin", tags=["vip"])
    assert people_found(app, "mary", "&lifecycle_stage=customer") == ["Mary Chen", "Mary Wang"]
    assert people_found(app, "mary", "&lifecycle_stage[in]=customer,lead&tag=vip") == [
        "Mary Lin",
        "Mary Wang",
    ]
    assert people_found(app, "mray", "&tag=vip") == ["Mary Lin", "Mary Wang"]
    assert people_found(app, "wang mary", "&tag=vip&archived=false") == ["Mary Wang"]


def test_what_is_found_goes_by_custom_fields_too(app: ApiClient) -> None:
    field = {"object": "person", "key": "colour", "type": "text", "label": {"en": "Colour"}}
    assert app.post("/v1/contacts/custom-fields", field).status_code == 201
    enter(app, "Mary Wang", custom_fields={"colour": "red"})
    enter(app, "Mary Chen", custom_fields={"colour": "blue"})
    assert people_found(app, "mary", "&custom.colour=red") == ["Mary Wang"]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("sort=full_name", "sort"),
        ("count=true", "count"),
        ("archived=any", "archived"),
        ("archived=true", "archived"),
    ],
)
def test_what_does_not_go_with_a_search_is_refused(app: ApiClient, more: str, named: str) -> None:
    response = app.get(f"{PEOPLE}?q=mary&{more}")
    assert response.status_code == 400
    assert response.json["errors"][0]["pointer"] == named


def test_pages_follow_each_other_and_end_with_the_best_hundred(app: ApiClient) -> None:
    items = [{"full_name": f"Mary {n:03}"} for n in range(130)]
    assert app.post(f"{PEOPLE}/batch", {"items": items}).json["succeeded"] == 130
    names: list[str] = []
    address = f"{PEOPLE}?q=mary&page_size=40"
    page = app.get(address).json
    while page["next_page_token"]:
        names += [person["full_name"] for person in page["items"]]
        page = app.get(f"{address}&page_token={page['next_page_token']}").json
    names += [person["full_name"] for person in page["items"]]
    assert names == [f"Mary {n:03}" for n in range(100)]


def test_a_page_is_in_step_with_writes(app: ApiClient) -> None:
    for name in ("Mary Chen", "Mary Lin", "Mary Wang"):
        enter(app, name)
    page = app.get(f"{PEOPLE}?q=mary&page_size=1").json
    enter(app, "Mary Abe")
    rest = app.get(f"{PEOPLE}?q=mary&page_token={page['next_page_token']}&page_size=1")
    assert [person["full_name"] for person in rest.json["items"]] == ["Mary Lin"]


def test_a_changed_name_address_or_number_is_found_and_the_old_one_is_not(app: ApiClient) -> None:
    person = enter(app, "Mary Wang", "mary@bugle.com", "+886912345678")
    change = {
        "full_name": "Maria Watson",
        "emails": [{"address": "mary.x.watson@planet.com"}],
        "phones": [{"number": "+886912345999"}],
    }
    assert app.patch(f"{PEOPLE}/{person}", change).status_code == 200
    for typed in ("wang", "mary w", "bugle", "5678", "0912345678"):
        assert people_found(app, typed) == []
    for typed in ("maria", "watson m", "planet", "5999", "0912345999", "mraia", "mary.x"):
        assert people_found(app, typed) == ["Maria Watson"]


def test_the_archived_are_not_found_until_they_are_restored(app: ApiClient) -> None:
    person = enter(app, "Mary Wang", "mary@bugle.com", "+886912345678")
    typed = ("mary", "wang mary", "bugle", "5678", "+886912345678", "mary@bugle.com", "mray")
    assert app.delete(f"{PEOPLE}/{person}").status_code == 204
    assert [people_found(app, text) for text in typed] == [[]] * len(typed)
    assert app.post(f"{PEOPLE}/{person}/restore").status_code == 200
    assert [people_found(app, text) for text in typed] == [["Mary Wang"]] * len(typed)


def test_people_of_a_batch_and_of_an_upsert_are_found(app: ApiClient) -> None:
    items = [{"full_name": f"Zacharias {n}"} for n in range(30)]
    assert app.post(f"{PEOPLE}/batch", {"items": items}).json["failed"] == 0
    assert len(people_found(app, "zacharias")) == 30
    assert len(people_found(app, "zahcarias")) == 30
    assert app.put(f"{PEOPLE}/by-external-id/erp/1", {"full_name": "Zoe Li"}).status_code == 201
    assert app.put(f"{PEOPLE}/by-external-id/erp/1", {"full_name": "Zoë Lu"}).status_code == 200
    assert (people_found(app, "zoe l"), people_found(app, "li")) == (["Zoë Lu"], [])


def test_many_who_enter_the_same_new_words_at_once_do_not_wait_for_each_other(
    contacts: Contacts, app: ApiClient
) -> None:
    words = ["Alexandra", "Bartholomew", "Constantine", "Desdemona", "Evangeline"]
    orders = [words[n:] + words[:n] for n in range(5)] + [words[::-1]]

    def batch(order: list[str]) -> int:
        client = ApiClient(contacts.app, app.token)
        items = [{"full_name": f"{word} {n}"} for n in range(10) for word in order]
        status: int = client.post(f"{PEOPLE}/batch", {"items": items}).status_code
        return status

    with ThreadPoolExecutor(len(orders)) as pool:
        assert list(pool.map(batch, orders)) == [200] * len(orders)
    for word in words:
        assert len(people_found(app, word, "&page_size=200")) == 60
        assert len(people_found(app, word[0] + word[2:], "&page_size=200")) == 60


def test_a_wrong_page_token_is_refused(app: ApiClient) -> None:
    enter(app, "Mary Wang")
    enter(app, "Mary Chen")
    token = app.get(f"{PEOPLE}?q=mary&page_size=1").json["next_page_token"]
    assert app.get(f"{PEOPLE}?q=wang&page_token={token}").status_code == 400
