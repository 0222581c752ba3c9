"""A ledger is opened with the entries that its transactions' rows hold, without looking for them."""

from alembic import op

revision = "0088"
down_revision = "0087"

# Locks first and reads then: each statement of a volatile function sees what was committed before it.
_OPEN = """
CREATE OR REPLACE FUNCTION ledger_open(asked uuid, cause_kind text, cause_key text, about_kind text,
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
            INTO about_entries, roots
            FROM unnest(about.accounts, about.amounts, about.lot_ids)
                WITH ORDINALITY AS e (account, points, lot_id, line)
            JOIN ledger_lots x ON x.tenant_id = tenant AND x.id = e.lot_id;
        SELECT coalesce(sum(points), 0), coalesce(bool_or(closes), false) INTO undone, closed
            FROM ledger_transactions WHERE tenant_id = tenant AND about_id = about.id;
        IF undone <> 0 THEN
            SELECT json_agg(json_build_array(e.account, coalesce(x.root_id, x.id), e.points))
                INTO about_after
                FROM ledger_transactions t
                CROSS JOIN LATERAL unnest(t.accounts, t.amounts, t.lot_ids)
                    AS e (account, points, lot_id)
                JOIN ledger_lots x ON x.tenant_id = t.tenant_id AND x.id = e.lot_id
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


def upgrade() -> None:
    """Replace the function; what it says stays as it was."""
    op.execute(_OPEN)
