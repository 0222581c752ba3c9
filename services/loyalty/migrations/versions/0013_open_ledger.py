"""How the service opens a member's ledger: locked, and with all that an operation needs to know."""

from alembic import op

revision = "0013"
down_revision = "0012"

# Locks first and reads then: each statement of a volatile function sees what was committed before it.
_OPEN = """
CREATE FUNCTION ledger_lot(l ledger_lots) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_array(l.id, coalesce(l.root_id, l.id), l.earning_id, l.earned_at, l.counts_from,
        l.expires_at, l.pending, l.available, l.reserved, l.redeemed, l.expired)
$$;
CREATE FUNCTION ledger_caused(tenant uuid, names uuid[], cause_kind text, cause_key text)
    RETURNS ledger_transactions LANGUAGE plpgsql STABLE AS $$
DECLARE
    t ledger_transactions;
BEGIN
    -- The first from there on by the unique key: asked for what equals it, the planner may prefer
    -- other keys while tables are young, and then read all that a member, or a tenant, has.
    FOR place IN 1 .. cardinality(names) LOOP
        SELECT * INTO t FROM ledger_transactions x
            WHERE (x.tenant_id, x.member_id, x.kind, x.key)
                >= (tenant, names[place], cause_kind, cause_key)
            ORDER BY x.tenant_id, x.member_id, x.kind, x.key LIMIT 1;
        IF t.tenant_id = tenant AND t.member_id = names[place]
            AND t.kind = cause_kind AND t.key = cause_key
        THEN
            RETURN t;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_open(asked uuid, cause_kind text, cause_key text, about_kind text,
    about_key text, need bigint, now_at timestamptz, follow boolean)
    RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    b ledger_balances;
    here uuid;
    ahead uuid;
    l ledger_lots;
    names uuid[];
    found_id uuid;
    about ledger_transactions;
    about_entries json;
    about_after json;
    undone bigint;
    closed boolean;
    roots uuid[];
    covered bigint := 0;
    lots json[] := '{}';
BEGIN
    SELECT * INTO b FROM ledger_balances
        WHERE tenant_id = tenant AND member_id = asked AND (moved_to IS NULL OR NOT follow)
        FOR UPDATE;
    IF NOT FOUND THEN
        -- The way to whoever holds the points is read without locks, and looked at again once its
        -- end is locked: who locked each step would meet those who have the end and name a step.
        LOOP
            here := asked;
            LOOP
                SELECT moved_to INTO ahead FROM ledger_balances
                    WHERE tenant_id = tenant AND member_id = here;
                IF NOT FOUND THEN
                    INSERT INTO ledger_balances (tenant_id, member_id, program_id)
                        SELECT tenant, id, program_id FROM members
                        WHERE tenant_id = tenant AND id = here
                        ON CONFLICT DO NOTHING;
                    IF NOT EXISTS (SELECT FROM members WHERE tenant_id = tenant AND id = here) THEN
                        RETURN NULL;
                    END IF;
                    CONTINUE;
                END IF;
                EXIT WHEN ahead IS NULL OR NOT follow;
                here := ahead;
            END LOOP;
            EXIT WHEN here = b.member_id;
            SELECT * INTO b FROM ledger_balances
                WHERE tenant_id = tenant AND member_id = here FOR UPDATE;
        END LOOP;
    END IF;
    names := b.member_id || b.family;
    found_id := (ledger_caused(tenant, names, cause_kind, cause_key)).id;
    IF found_id IS NULL AND about_kind IS NOT NULL THEN
        about := ledger_caused(tenant, names, about_kind, about_key);
        SELECT json_agg(json_build_array(e.account, coalesce(x.root_id, x.id), e.points)
                ORDER BY e.line), coalesce(array_agg(DISTINCT coalesce(x.root_id, x.id)), '{}')
            INTO about_entries, roots FROM ledger_entries e
            JOIN ledger_lots x ON x.tenant_id = e.tenant_id AND x.id = e.lot_id
            WHERE e.tenant_id = tenant AND e.transaction_id = about.id;
        SELECT coalesce(sum(points), 0), coalesce(bool_or(closes), false) INTO undone, closed
            FROM ledger_transactions WHERE tenant_id = tenant AND about_id = about.id;
        IF undone <> 0 THEN
            SELECT json_agg(json_build_array(e.account, coalesce(x.root_id, x.id), e.points))
                INTO about_after
                FROM ledger_transactions t
                JOIN ledger_entries e ON e.tenant_id = t.tenant_id AND e.transaction_id = t.id
                JOIN ledger_lots x ON x.tenant_id = e.tenant_id AND x.id = e.lot_id
                WHERE t.tenant_id = tenant AND t.about_id = about.id;
        END IF;
    END IF;

    -- The lots that the earlier transaction is about, debts, and as many others as are needed.
    IF roots <> '{}' THEN
        FOR l IN SELECT * FROM ledger_lots x WHERE x.tenant_id = tenant
            AND x.member_id = b.member_id AND (x.id = ANY (roots) OR x.root_id = ANY (roots))
            ORDER BY x.expires_at, x.earned_at, x.id
        LOOP
            lots := array_append(lots, ledger_lot(l));
            covered := covered + greatest(l.available, 0);
        END LOOP;
    END IF;
    IF need > covered OR b.available < 0 THEN
        FOR l IN SELECT * FROM ledger_lots x
            WHERE x.tenant_id = tenant AND x.member_id = b.member_id AND x.is_open
            ORDER BY x.expires_at, x.earned_at, x.id
        LOOP
            EXIT WHEN covered >= need AND b.available >= 0;
            IF (l.available < 0 OR (l.available > 0 AND covered < need))
                AND (roots IS NULL OR coalesce(l.root_id, l.id) <> ALL (roots))
            THEN
                lots := array_append(lots, ledger_lot(l));
                covered := covered + greatest(l.available, 0);
            END IF;
        END LOOP;
    END IF;
    RETURN (SELECT json_build_object('member_id', b.member_id, 'program_id', b.program_id,
            'person_id', m.person_id, 'status', m.status, 'number', b.number,
            'pending', b.pending, 'available', b.available, 'reserved', b.reserved,
            'last_at', b.last_at, 'idle_at', b.idle_at, 'moved_to', b.moved_to,
            'overdue', (b.idle_at <= now_at AND b.available > 0)
                OR EXISTS (SELECT FROM ledger_lots x WHERE x.tenant_id = tenant
                    AND x.member_id = b.member_id AND x.is_open AND x.expires_at <= now_at
                    AND x.available > 0)
                OR (b.pending > 0 AND EXISTS (SELECT FROM ledger_lots x WHERE x.tenant_id = tenant
                    AND x.member_id = b.member_id AND x.pending > 0 AND x.counts_from <= now_at)),
            'found', found_id, 'lots', lots, 'program_status', p.status,
            'redeem_until', p.redeem_until, 'time_zone', p.time_zone, 'policies', p.policies::text,
            'own_zone', (SELECT f.time_zone FROM profiles f
                WHERE f.tenant_id = tenant AND f.person_id = m.person_id),
            'wake_at', (SELECT due_at FROM timers WHERE tenant_id = tenant
                AND kind = 'points_due' AND key = b.member_id::text),
            'about', CASE WHEN about.id IS NOT NULL THEN json_build_object('id', about.id,
                'member_id', about.member_id, 'points', about.points, 'entries', about_entries,
                'after', about_after, 'undone', undone, 'closed', closed) END)
        FROM members m, programs p
        WHERE m.tenant_id = tenant AND m.id = b.member_id
            AND p.tenant_id = tenant AND p.id = b.program_id);
END $$;
"""

_JOIN = """
CREATE FUNCTION ledger_join(one uuid, other uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
    UPDATE ledger_balances b SET family = b.family || one || a.family
        FROM ledger_balances a
        WHERE a.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
            AND a.member_id = one AND a.moved_to IS NULL AND a.program_id = b.program_id
            AND b.tenant_id = a.tenant_id AND b.member_id = other AND b.moved_to IS NULL;
    UPDATE ledger_balances a SET moved_to = other
        WHERE a.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
            AND a.member_id = one AND a.moved_to IS NULL;
$$;
CREATE FUNCTION ledger_part(one uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
    WITH RECURSIVE chain AS (
        SELECT a.tenant_id, a.moved_to AS id, one || a.family AS parted FROM ledger_balances a
            WHERE a.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
                AND a.member_id = one AND a.moved_to IS NOT NULL
        UNION ALL
        SELECT b.tenant_id, b.moved_to, c.parted FROM chain c JOIN ledger_balances b
            ON b.tenant_id = c.tenant_id AND b.member_id = c.id AND b.moved_to IS NOT NULL
    )
    UPDATE ledger_balances b
        SET family = ARRAY(SELECT x FROM unnest(b.family) x WHERE x <> ALL (c.parted))
        FROM chain c WHERE b.tenant_id = c.tenant_id AND b.member_id = c.id;
    UPDATE ledger_balances a SET moved_to = NULL
        WHERE a.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
            AND a.member_id = one;
$$;
"""

_INNER = "ledger_caused(uuid, uuid[], text, text)"
_FUNCTIONS = (
    "ledger_open(uuid, text, text, text, text, bigint, timestamptz, boolean)",
    "ledger_join(uuid, uuid)",
    "ledger_part(uuid)",
)


def upgrade() -> None:
    """Create the functions that the service's login may call."""
    for statements in (_OPEN, _JOIN):
        op.execute(statements)
    op.execute(f"REVOKE ALL ON FUNCTION {_INNER} FROM PUBLIC")
    for function in _FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "loyalty_runtime"')
