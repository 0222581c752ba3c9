"""Goes through a customer's concern, and shows what comes of each step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deploy.demo.belonging.club import Club
from deploy.demo.serving import definitions as defined
from deploy.demo.serving.automation import Automation
from deploy.demo.serving.case import Case, these_days
from deploy.demo.serving.customer import sell_a_machine
from deploy.demo.serving.house import ARTICLES, DESK, ServiceHouse, open_desk
from deploy.demo.serving.post import Post
from deploy.demo.showing import Show

_QUESTION = "周小姐您好，請問每天都沖幾杯？"
_SOON = timedelta(seconds=2)


def show_a_desk(show: Show, club: Club, post: Post | None) -> None:
    """From a mail to what the customer says of the help, in a tenant that has a club.

    Without a mail server on this machine there is nothing to show.
    """
    show.step("An administrator sets up how owners of espresso machines are helped")
    if post is None:
        show.say(
            "left out       customers write mails, and here is no mail server of the platform's"
        )
        return
    house = open_desk(club.admin)
    _told_house(show, house)
    case = Case(house, sell_a_machine(club, post))
    _mail(show, case)
    _answer(show, case)
    _promise(show, case)
    _solution(show, case)
    _score(show, case)
    _figures(show, case)


def _told_house(show: Show, house: ServiceHouse) -> None:
    show.say("colleagues     Hui Chen, service manager; An Lin speaks Chinese, Bo Smith does not")
    show.say(f"mailbox        {house.mailbox}")
    show.say("routing        by tier and value, and to who speaks the language")
    show.say("service level  answered within 3 minutes, solved within 12 hours")


def _mail(show: Show, case: Case) -> None:
    show.step("A customer writes a mail; it finds its ticket, its machine and its agent")
    mail = case.write(*defined.FIRST_MAIL)
    ticket = case.opened(mail)
    case.ids["ticket"] = ticket["id"]
    machine = case.agent.get(f"{DESK}/assets/{ticket['asset_id']}")
    heard = case.decision(ticket["id"])["heard"]
    show.say(f"mail           {mail['Subject']}")
    show.say(f"ticket         {ticket['number']}, {ticket['priority']}")
    show.say(
        f"machine        {machine['product_sku']}, serial number {machine['serial_number']},"
        f" warranty until {machine['warranty_until']}"
    )
    show.say(f"customer       {heard['tier']}, {_money(heard['value'])} in twelve months")
    is_hers = ticket["assignee_id"] == case.house.chinese.id
    show.say(f"given to       {'An Lin, who speaks Chinese' if is_hers else 'somebody else'}")
    again = case.landed(case.write("Re: ", "我目前休假。", Auto_Submitted="auto-replied"))
    show.say(f"out of office  {again['outcome']}: machines are not answered")


def _answer(show: Show, case: Case) -> None:
    show.step("The agent answers by mail in time, and the clock waits for the customer")
    case.reply(_QUESTION, status="waiting_for_customer")
    clocks = case.clocks()
    first, solving = clocks["first_response"], clocks["resolution"]
    show.say(f"first answer   {first['state']} after {first['used_seconds']} s, due in 180 s")
    show.say(f"resolution     {solving['state']}, while the customer has the word")
    answer = case.owner.mail.answer(case.mail_about(_QUESTION), "每天大約四杯。")
    landed = case.landed(answer)
    same = "the same ticket" if landed["ticket_id"] == case.ids["ticket"] else "another one"
    show.say(f"answer         {landed['outcome']} by mail, {same}")
    show.say(f"resolution     {case.clocks()['resolution']['state']} again")


def _promise(show: Show, case: Case) -> None:
    show.step("Two calls are promised; one is made too late")
    late = case.broken(case.promise(_SOON))
    show.say(f"promised       a call within {_SOON.seconds} s: {late['status']}")
    case.keep(late)
    case.keep(case.promise(timedelta(hours=2)))
    told = case.promises_kept()
    show.say(f"kept           {told['percent']} %: {told['kept']} in time, {told['late']} late")


def _solution(show: Show, case: Case) -> None:
    show.step("An article solves it")
    found = case.agent.get(f"{DESK}/article-search", q="水垢")["items"]
    show.say(f"“水垢”         {found[0]['title']}")
    solved = case.solve()
    article = case.agent.get(f"{ARTICLES}/{solved['solved_by_article_id']}/link")
    show.say(f"sent           {article['url']}")
    show.say(f"ticket         {solved['status']}")


def _score(show: Show, case: Case) -> None:
    show.step("The customer is asked, is not content, and is called back")
    automation = Automation(case)
    automation.define()
    survey = case.survey()
    survey.look()
    survey.say(1, "水還是很小")
    show.say(f"by link        {case.house.admin.gateway}/p/desk/surveys/…")
    follow_up = case.followed_up()
    show.say(f"score          1 of 5, so {follow_up['number']} was opened: {follow_up['subject']}")
    asked = automation.ask_for_a_photo(follow_up["id"])
    show.say(f"macro          {', '.join(asked['tags'])}; {asked['status']}")
    notes = automation.go_in_circles(follow_up["id"])
    show.say(f"triggers       two call each other: {notes[0]}")


def _figures(show: Show, case: Case) -> None:
    show.step("All of it in one view, and in the reports")
    view = case.agent.get(f"{case.ticket}/agent-view")
    customer = view["customer"]
    show.say(
        f"agent's view   {view['conversation_count']} messages, {len(view['assets'])} machine,"
        f" {len(customer['sales']['recent_orders'])} order,"
        f" {customer['memberships'][0]['tier']['name']}, missing: {len(view['missing'])}"
    )
    for name in ("volume", "response", "resolution"):
        total = case.lead.get(f"{DESK}/reports/{name}", **these_days())["total"]
        told = ", ".join(f"{key} {value}" for key, value in total.items() if value)
        show.say(f"{name:<14} {told}")


def _money(amount: dict[str, Any]) -> str:
    return f"{amount['currency']} {amount['amount']}"
