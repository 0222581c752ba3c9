"""What an address on each channel has to look like where a sender gives one."""

from __future__ import annotations

import re

from chassis.domain import Invalid
from notifications.providers.mail import is_address

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f]")


def check_address(channel: str, address: str, pointer: str) -> None:
    """Raise `Invalid` for what cannot be an address on this channel."""
    if channel == "email":
        good, wanted = is_address(address.strip()), "an e-mail address"
    elif channel == "sms":
        good, wanted = bool(_NUMBER.fullmatch(address.strip())), "a number such as +886912345678"
    elif channel == "post":
        good, wanted = 5 <= len(address.strip()) <= 1000, "a postal address"
    else:
        short = 0 < len(address.strip()) <= 500
        good, wanted = short and not _BREAKS.search(address), "one line of text"
    if not good:
        raise Invalid.at(pointer, "not_an_address", f"On this channel it has to be {wanted}.")
