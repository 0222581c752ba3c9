"""Facts about win-backs to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import moment, money_or_none
from loyalty.win_backs import domain
from rapport.loyalty.events.v1 import win_back_events_pb2 as events


def _defined(fact: domain.WinBackDefined) -> events.WinBackDefined:
    return events.WinBackDefined(win_back_id=str(fact.win_back_id), program_id=str(fact.program_id))


def _changed(fact: domain.WinBackChanged) -> events.WinBackChanged:
    return events.WinBackChanged(win_back_id=str(fact.win_back_id))


def _begun(fact: domain.WinBackBegun) -> events.WinBackBegun:
    return events.WinBackBegun(win_back_id=str(fact.win_back_id))


def _ended(fact: domain.WinBackEnded) -> events.WinBackEnded:
    return events.WinBackEnded(win_back_id=str(fact.win_back_id))


def _sent(fact: domain.WinBackSent) -> events.WinBackSent:
    return events.WinBackSent(
        offer_id=str(fact.offer_id),
        win_back_id=str(fact.win_back_id),
        person_id=str(fact.person_id),
        member_id=str(fact.member_id),
        kind=fact.kind,
        sent_at=moment(fact.sent_at),
        counts_until=moment(fact.counts_until),
        coupon_id="" if fact.coupon_id is None else str(fact.coupon_id),
    )


def _won(fact: domain.WinBackWon) -> events.WinBackWon:
    return events.WinBackWon(
        offer_id=str(fact.offer_id),
        win_back_id=str(fact.win_back_id),
        person_id=str(fact.person_id),
        won_at=moment(fact.won_at),
        revenue=money_or_none(fact.revenue),
    )


WIN_BACK_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.WinBackDefined: _defined,
    domain.WinBackChanged: _changed,
    domain.WinBackBegun: _begun,
    domain.WinBackEnded: _ended,
    domain.WinBackSent: _sent,
    domain.WinBackWon: _won,
}
