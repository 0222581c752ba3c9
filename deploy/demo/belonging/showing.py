"""Goes through what befalls members of a club, and shows what comes of each step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from deploy.demo.belonging import definitions as defined
from deploy.demo.belonging.club import Club, open_club
from deploy.demo.belonging.membership import Membership
from deploy.demo.belonging.winning_back import COUPONS, WinningBack
from deploy.demo.external_app import ExternalApp
from deploy.demo.retaining.feeding import feed_purchases
from deploy.demo.showing import Show

CUSTOMERS = 100
"""Of the record shop's 2,357: so many are entered within some seconds."""
_SOON = timedelta(seconds=15)
_SHOWN = 5


def show_a_club(show: Show, admin: ExternalApp) -> Club:
    """From a delivered order to a win-back, in the administrator's tenant; gives the club."""
    show.step("An administrator opens a club")
    club = open_club(admin)
    _told_club(show, club)
    life = Membership(club)
    _points(show, life)
    _reward(show, life)
    _friend(show, life)
    _expiry(show, life)
    _drifting(show, club)
    _birthday(show, life)
    _ledger(show, life)
    return club


def _told_club(show: Show, club: Club) -> None:
    show.say(f"program        {defined.PROGRAM['name']}, a point is worth 0.1 {defined.CURRENCY}")
    show.say("rule           a point for every 10 TWD delivered; they count after seven days")
    show.say("tiers          Regular; Gold from 5,000 TWD within twelve months")
    show.say("reward         a cup for 300 points, two in stock")
    show.say(f"birthday       88 points at {club.celebrates_at:%H:%M} UTC, so that it can be seen")


def _points(show: Show, life: Membership) -> None:
    show.step("Orders are delivered: points, once for each, and a higher tier")
    life.enter("mei", "美", "林")
    member = life.join("mei")
    life.ids["member"] = member["id"]
    show.say(f"member         林美, {member['number']}")
    life.buy("mei", "4000", days_ago=10)
    life.has("available", 400)
    life.buy("mei", "1250")
    balances = life.has("pending", 125)["balances"]
    show.say(f"ten days ago   4,000 TWD: {balances['available']} points, which count by now")
    show.say(f"today          1,250 TWD: {balances['pending']} points, which wait for seven days")
    show.say(f"tier           {life.is_in('gold')['tier']['name']['en']}")


def _reward(show: Show, life: Membership) -> None:
    show.step("A reward is reserved, and collected with a one-time code")
    held = life.reserve()
    show.say(f"reserved       {held['reward_name']['en']} for {held['points']} points")
    show.say(f"code           {held['code']}")
    collected = life.collect(held["code"])
    show.say(f"collected      in {defined.BRANCH}: {collected.json['state']}")
    again = life.collect(held["code"])
    show.say(f"once more      {again.status}: {again.json['detail']}")


def _friend(show: Show, life: Membership) -> None:
    show.step("A friend comes by a personal code; both get something with the first delivery")
    life.enter("friend", "志明", "陳")
    referral = life.recommend("friend")
    show.say(f"code           {referral['code']}")
    life.buy("friend", "500")
    balances = life.has("available", 300)["balances"]
    show.say(f"林美           200 points more: {balances['available']}")
    show.say("陳志明         100 points, and a member since the first delivery")


def _expiry(show: Show, life: Membership) -> None:
    show.step("Points that end soon: their holder is told, and then they expire")
    soon = datetime.now(UTC) + _SOON
    life.give(60, soon + timedelta(days=30))
    life.give(50, soon)
    show.say("given          60 points for thirty days, and 50 for some seconds")
    life.has("expired", 50)
    show.say(f"told           of the 60, by mail: {life.admin.gateway}/docs/mail")
    show.say("expired        50 points")


def _drifting(show: Show, club: Club) -> None:
    show.step("Real customers of a record shop (CDNOW, 1997/98) buy; some drift away")
    today = datetime.now(UTC).date()
    back = WinningBack(club)
    fed = feed_purchases(club.admin, today=today, customers=CUSTOMERS, meet=back.join)
    show.say(f"customers      {len(fed.people)}, {fed.orders} orders, the last one yesterday")
    back.define()
    back.counted(len(fed.people))
    away = back.away()
    show.say(f"away           {len(away)} of them, for example")
    rows = (
        (f"  {one['person_id'][:8]}", one["state"], one["cycle_days"], one["last_bought_at"][:10])
        for one in away[:_SHOWN]
    )
    show.table(("", "", "#expected days", "last bought"), rows)
    back.begin()
    coupon = back.coupon()
    basket = back.purchase(coupon, "900", "till-1")
    used = club.admin.post(f"{COUPONS}/redeem", basket)
    off = used["discount"]
    show.say(f"win-back       a coupon; used at once by one: {off['amount']} {off['currency']} off")
    result = back.result()
    show.say(
        f"compared       {result['offered']['customers']} were offered it,"
        f" {result['held_out']['customers']} held out to compare with"
    )


def _birthday(show: Show, life: Membership) -> None:
    show.step("The birthday, on the member's own clock")
    show.say(f"gift           {life.celebrated()['points']} points")


def _ledger(show: Show, life: Membership) -> None:
    show.step("Every point is explained, and all of them sum to zero")
    entries = life.admin.get(f"{life.member}/ledger")["items"]
    show.table(
        ("", "#points", "#free then", "because of"),
        (
            (f"  {one['at'][:19]}", one["points"], one["balances_after"]["available"], one["kind"])
            for one in reversed(entries)
        ),
    )
    recount = life.admin.get("/v1/loyalty/ledger/recount", program_id=life.club.ids["program"])
    show.say(
        f"recount        {recount['entries']} entries of {recount['members']} members:"
        f" {'all is right' if recount['is_right'] else 'something differs'}"
    )
