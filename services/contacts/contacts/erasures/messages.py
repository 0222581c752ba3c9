"""What other services say of words whose author they do not know, from protobuf."""

from __future__ import annotations

from chassis.domain import Invalid
from contacts.erasures.traces import Words
from rapport.contacts.v1 import contacts_service_pb2 as messages

MOST_WORDS = 500
"""How many may be asked about at once."""
MOST_OF_A_KIND = 20
LONGEST_TEXT = 20_000
LONGEST = 500
"""Characters of what is no text."""


def words_in(request: messages.MatchErasedPersonRequest) -> list[Words]:
    """What is asked about. Raises `Invalid` for too much of it."""
    if len(request.words) > MOST_WORDS:
        raise Invalid.at("words", "too_many", f"words: at most {MOST_WORDS}.")
    return [_words(place, one) for place, one in enumerate(request.words)]


def _words(place: int, one: messages.WordsOfSomebody) -> Words:
    for field, given in (("emails", one.emails), ("phones", one.phones)):
        if len(given) > MOST_OF_A_KIND:
            message = f"{field}: at most {MOST_OF_A_KIND}."
            raise Invalid.at(f"words/{place}/{field}", "too_many", message)
    short = (one.given_name, one.family_name, one.country, *one.emails, *one.phones)
    if len(one.text) > LONGEST_TEXT or any(len(text) > LONGEST for text in short):
        message = f"A text has at most {LONGEST_TEXT} characters, all else {LONGEST}."
        raise Invalid.at(f"words/{place}", "too_long", message)
    return Words(
        given_name=one.given_name,
        family_name=one.family_name,
        emails=tuple(one.emails),
        phones=tuple(one.phones),
        country=one.country,
        text=one.text,
    )
