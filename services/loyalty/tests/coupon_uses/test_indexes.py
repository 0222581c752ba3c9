"""What a till's questions are answered by, as the runtime login may read it (LO-6, LO-7)."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from chassis.testing.harness import TestDatabase

COUPON = "SELECT id FROM coupons WHERE tenant_id = %(t)s AND digest = ANY(%(digests)s::bytea[])"
GIFT = "SELECT id FROM redemptions WHERE tenant_id = %(t)s AND code_digest = '\\x01'::bytea"
OF_PERSON = (
    "SELECT count(*) FROM coupon_uses WHERE tenant_id = %(t)s AND person_id = %(t)s"
    " AND pool_id = %(t)s AND rolled_back_at IS NULL"
)
OF_ORDER = "SELECT id FROM coupon_uses WHERE tenant_id = %(t)s AND order_reference = 'A-1'"
HAD = (
    "SELECT sum(quantity) FROM redemptions WHERE tenant_id = %(t)s AND member_id = %(t)s"
    " AND reward_id = %(t)s AND reserved_at >= now()"
)

COUPONS = (
    "INSERT INTO coupons SELECT %(t)s, gen_random_uuid(), 1, %(t)s, NULL, sha256(n::text::bytea),"
    " '', '', NULL, 'open', 0, 1, NULL, NULL, NULL, NULL, NULL, now(), now()"
    " FROM generate_series(1, 5000) n"
)
USES = (
    "INSERT INTO coupon_uses SELECT %(t)s, gen_random_uuid(), 1, %(t)s, gen_random_uuid(), '',"
    " gen_random_uuid(), NULL, 'R-' || n, '', '', 'TWD', 1, 1, '[]', 0, NULL, false, now(), NULL, ''"
    " FROM generate_series(1, 5000) n"
)
REDEMPTIONS = (
    "INSERT INTO redemptions SELECT %(t)s, gen_random_uuid(), 1, %(t)s, %(t)s,"
    " gen_random_uuid(), NULL, '{}', 1, 1, 'collect', '', NULL, 'reserved', sha256(n::text::bytea),"
    " NULL, '', '', 100, 0, now(), NULL, NULL, NULL FROM generate_series(1, 5000) n"
)


@pytest.mark.parametrize(
    ("query", "index", "condition"),
    [
        (COUPON, "coupons_code_once", "digest = ANY"),
        (GIFT, "redemptions_code_once", "code_digest ="),
        (OF_PERSON, "coupon_uses_of_person", "pool_id ="),
        (OF_ORDER, "coupon_uses_of_order", "order_reference ="),
        (HAD, "redemptions_of_member", "reward_id ="),
    ],
    ids=["coupon", "gift", "uses of a person", "uses of an order", "pieces of a member"],
)
def test_a_question_is_answered_by_its_index(
    database: TestDatabase, query: str, index: str, condition: str
) -> None:
    tenant = uuid4()
    with psycopg.connect(database.admin_url) as connection:
        # Enough rows, of nothing in particular, for the planner to choose as it would at work.
        connection.execute("SET session_replication_role = replica")
        for statement in (COUPONS, USES, REDEMPTIONS):
            connection.execute(statement, {"t": tenant})
        connection.execute("ANALYZE coupons, coupon_uses, redemptions")
        connection.execute("SET ROLE loyalty_runtime")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
        about = {"t": tenant, "digests": [b"\x01", b"\x02"]}
        rows = connection.execute(f"EXPLAIN {query}", about).fetchall()
        connection.rollback()
    plan = [line for (line,) in rows]
    assert any(f"using {index} on" in line for line in plan), plan
    assert any("Index Cond" in line and condition in line for line in plan), plan
