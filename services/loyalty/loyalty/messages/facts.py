"""Wishes for messages to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import moment
from loyalty.messages.domain import MessageAsked
from rapport.loyalty.requests.v1.send_message_pb2 import SendMessage


def _asked(fact: MessageAsked) -> SendMessage:
    message = SendMessage()
    request = message.request
    request.request_id = str(fact.request_id)
    request.person_id = str(fact.person_id)
    request.template = fact.template
    request.purpose = fact.purpose
    request.variables.update(
        {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in fact.variables.items()
        }
    )
    if fact.expires_at is not None:
        request.expires_at.CopyFrom(moment(fact.expires_at))
    return message


MESSAGE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {MessageAsked: _asked}
