"""What members earned and why, and what a rule would have given, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.work.jobs_api import Job, job_accepted
from loyalty.earning import queries, simulating, simulation_jobs
from loyalty.earning.models import EarningOut
from loyalty.earning.simulation_models import DraftIn, RangeIn, SimulationOut, range_in
from loyalty.earning_rules.models import terms_in
from loyalty.transaction import LoyaltyTx

READ = "loyalty.earnings.read"
SIMULATE = "loyalty.earning_rules.simulate"

member_earnings = Routes("/v1/loyalty/members", tag="earnings")
earning_simulations = Routes("/v1/loyalty/earning-rules", tag="earning-rules")


@member_earnings.get(
    "/<uuid:member_id>/earnings", permission=READ, listing=queries.EARNINGS, returns=EarningOut
)
def list_member_earnings(call: Call[LoyaltyTx], listing: Listing, member_id: UUID) -> Reply:
    """List what rules gave a member and why, or why not; the latest first."""
    return Reply(call.read(queries.list_earnings, listing, member_id))


@earning_simulations.post(
    "/<uuid:earning_rule_id>/simulate",
    permission=SIMULATE,
    body=RangeIn,
    returns=SimulationOut,
)
def simulate_earning_rule(call: Call[LoyaltyTx], body: RangeIn, earning_rule_id: UUID) -> Reply:
    """See what a rule, as it is written, would have given for what happened; nothing changes."""
    return Reply(call.read(simulating.simulate_rule, earning_rule_id, range_in(body)))


@earning_simulations.post(
    "/simulate", permission=SIMULATE, body=DraftIn, returns=SimulationOut, problems=(404,)
)
def simulate_draft(call: Call[LoyaltyTx], body: DraftIn) -> Reply:
    """See what a rule that is not even a draft would have given for what happened."""
    terms = terms_in(body.rule)
    return Reply(call.read(simulating.simulate_draft, body.program_id, terms, range_in(body)))


@earning_simulations.post(
    "/<uuid:earning_rule_id>/simulations",
    permission=SIMULATE,
    body=RangeIn,
    returns=Job,
    status=202,
)
def start_earning_rule_simulation(
    call: Call[LoyaltyTx], body: RangeIn, earning_rule_id: UUID
) -> Response:
    """Have a job try a rule, as it is written now, on up to 500,000 happenings of ten years."""
    span = range_in(body)
    return call.run(
        lambda tx: simulation_jobs.start_simulation(tx, earning_rule_id, span), _accepted
    )


@earning_simulations.post(
    "/simulations",
    permission=SIMULATE,
    body=DraftIn,
    returns=Job,
    status=202,
    problems=(404,),
)
def start_draft_simulation(call: Call[LoyaltyTx], body: DraftIn) -> Response:
    """Have a job try a rule that is not even a draft on up to 500,000 happenings of ten years."""
    terms, span = terms_in(body.rule), range_in(body)
    return call.run(
        lambda tx: simulation_jobs.start_draft_simulation(tx, body.program_id, terms, span),
        _accepted,
    )


def _accepted(tx: LoyaltyTx, job_id: UUID) -> Reply:
    return job_accepted(tx, "loyalty", job_id)
