"""Which record a description means."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from contacts.recognition.rules import MOST_CANDIDATES, Likeness, Outcome, recognised

PERSON = (("email",), ("name", "phone"))
COMPANY = (("domain",), ("name",))


def like(*shared: str, differs: bool = False) -> Likeness:
    return Likeness(uuid4(), "Somebody", shared, differs)


def test_nothing_alike_is_nobody() -> None:
    assert recognised([], *PERSON) is None


def test_the_only_one_with_the_address_is_meant_whoever_else_has_the_number() -> None:
    mine, other = like("email"), like("name", "phone")
    found = recognised([other, mine], *PERSON)
    assert found is not None
    assert (found.outcome, found.record_id) == (Outcome.MATCHED, mine.id)
    assert (found.matched_on, found.candidates) == (("email",), (other,))


def test_of_several_with_the_address_the_one_of_that_name_is_meant() -> None:
    named, other = like("email", "name"), like("email")
    found = recognised([other, named], *PERSON)
    assert found is not None
    assert found.record_id == named.id


def test_two_of_that_name_with_the_address_are_for_somebody_to_decide() -> None:
    both = [like("email", "name"), like("email", "name")]
    found = recognised(both, *PERSON)
    assert found is not None
    assert (found.outcome, found.record_id) == (Outcome.AMBIGUOUS, None)
    assert list(found.candidates) == both


def test_a_number_alone_settles_nothing() -> None:
    found = recognised([like("phone")], *PERSON)
    assert found is not None
    assert found.outcome is Outcome.AMBIGUOUS


def test_a_company_of_the_same_name_with_another_domain_is_doubtful() -> None:
    found = recognised([like("name", differs=True)], *COMPANY)
    assert found is not None
    assert found.outcome is Outcome.AMBIGUOUS


_kinds = st.lists(st.sampled_from(["email", "name", "phone"]), min_size=1, unique=True)


@given(st.lists(_kinds, max_size=15), st.randoms())
def test_in_whatever_order_they_are_found_the_same_one_is_meant(
    kinds: list[list[str]], random: object
) -> None:
    found = [Likeness(UUID(int=i), "", tuple(sorted(each))) for i, each in enumerate(kinds)]
    once = recognised(found, *PERSON)
    random.shuffle(found)  # type: ignore[attr-defined]
    again = recognised(found, *PERSON)
    assert (once is None) == (again is None) == (not found)
    if once is not None and again is not None:
        assert (once.outcome, once.record_id) == (again.outcome, again.record_id)
        assert len(once.candidates) <= MOST_CANDIDATES
