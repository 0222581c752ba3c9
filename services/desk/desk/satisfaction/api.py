"""How content customers are, over REST."""

from __future__ import annotations

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.satisfaction import queries
from desk.satisfaction.models import SatisfactionOut, SatisfactionQuery
from desk.transaction import DeskTx

READ = "desk.satisfaction.read"

satisfaction = Routes("/v1/desk/satisfaction", tag="satisfaction")


@satisfaction.get(
    "", permission=READ, query=SatisfactionQuery, returns=SatisfactionOut, problems=(422,)
)
def get_satisfaction(call: Call[DeskTx], query: SatisfactionQuery) -> Reply:
    """Get how content customers are, or how many recommend the tenant; of tickets within reach."""
    return Reply(call.read(queries.satisfaction, query))
