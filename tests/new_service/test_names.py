"""What a service and its resource may be called, and what is refused with a reason before anything is written."""

from __future__ import annotations

import pytest

from deploy.tools.service_words import ServiceWords, WrongWord, plural_of

from .checkout import Checkout


@pytest.mark.parametrize(
    ("given", "service", "thing", "things"),
    [
        (("billing",), "billing", "item", "items"),
        (("projects",), "projects", "project", "projects"),
        (("access2",), "access2", "item", "items"),
        (("desk", "ticket"), "desk", "ticket", "tickets"),
        (("field", "work_order"), "field", "work_order", "work_orders"),
        (("law", "party", "parties"), "law", "party", "parties"),
        (("herd", "ox", "oxen"), "herd", "ox", "oxen"),
    ],
)
def test_a_resource_is_named_after_its_service_or_as_it_is_said(
    given: tuple[str, ...], service: str, thing: str, things: str
) -> None:
    words = ServiceWords.of(*given)
    assert (words.service, words.thing, words.things) == (service, thing, things)


@pytest.mark.parametrize(
    ("noun", "plural"),
    [("key", "keys"), ("policy", "policies"), ("box", "boxes"), ("branch", "branches")],
)
def test_a_plural_follows_the_rules_of_english(noun: str, plural: str) -> None:
    assert plural_of(noun) == plural


def test_every_form_of_a_name_of_two_words_is_made() -> None:
    forms = ServiceWords.of("field", "item_order").in_templates
    assert (forms["Thing"], forms["Things"], forms["THINGS"]) == (
        "ItemOrder",
        "ItemOrders",
        "ITEM_ORDERS",
    )
    assert (forms["path"], forms["a_thing"]) == ("item-orders", "an item order")


@pytest.mark.parametrize(
    "service", ["", "x", "Billing", "bill-ing", "2fast", "bill ing", "../etc", "b" * 31, "計費"]
)
def test_a_name_that_is_no_word_is_refused(service: str) -> None:
    with pytest.raises(WrongWord, match="is no name of a service"):
        ServiceWords.of(service)


@pytest.mark.parametrize("service", ["class", "calendar", "email"])
def test_a_word_of_python_is_refused(service: str) -> None:
    with pytest.raises(WrongWord, match="a word of Python's own"):
        ServiceWords.of(service)


@pytest.mark.parametrize("service", ["gateway", "provisioner", "common"])
def test_the_name_of_a_part_of_the_platform_is_refused(service: str) -> None:
    with pytest.raises(WrongWord, match="a part of the platform"):
        ServiceWords.of(service)


@pytest.mark.parametrize("thing", ["Invoice", "in-voice", "_x", "x_", "x" * 31])
def test_a_resource_that_is_no_word_is_refused(thing: str) -> None:
    with pytest.raises(WrongWord, match="is no name of a resource"):
        ServiceWords.of("billing", thing)


@pytest.mark.parametrize("thing", ["fact", "person", "class"])
def test_a_resource_with_the_name_of_something_else_is_refused(thing: str) -> None:
    with pytest.raises(WrongWord, match="means something else"):
        ServiceWords.of("billing", thing)


def test_one_and_several_have_different_names() -> None:
    with pytest.raises(WrongWord, match="what several are called"):
        ServiceWords.of("farm", "sheep", "sheep")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("billing", "'billing' is taken: there is services/billing already; nothing was changed"),
        (
            "contacts",
            "'contacts' is taken: there is services/contacts already; nothing was changed",
        ),
        ("flask", "'flask' is what another package is called"),
        ("deploy", "'deploy' is what another package is called"),
        ("Billing", "'Billing' is no name of a service"),
        ("barter company", "company_id means something else already: RESOURCE=… names another"),
    ],
)
def test_a_name_that_is_taken_is_refused_and_nothing_is_changed(
    checkout: Checkout, words: str, reason: str
) -> None:
    before = checkout.changes()
    answer = checkout.run("deploy.tools.new_service", *words.split())
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"new-service: {reason}")
    assert answer.stderr.count("\n") == 1
    assert checkout.changes() == before
