"""The points ledger: what is written is never changed, and the database itself does the sums."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0010"
down_revision = "0020"

_TABLES = """
CREATE TABLE ledger_transactions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    number bigint,
    lines integer,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    reference text NOT NULL,
    points bigint NOT NULL,
    short bigint NOT NULL,
    about_id uuid,
    closes boolean NOT NULL,
    active boolean NOT NULL,
    idle_at timestamptz,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT ledger_once UNIQUE (tenant_id, member_id, kind, key),
    CONSTRAINT ledger_numbered UNIQUE (tenant_id, member_id, number),
    CONSTRAINT ledger_nothing_moved CHECK ((lines IS NULL) = (number IS NULL)),
    CONSTRAINT ledger_two_lines CHECK (lines >= 2)
);
CREATE UNIQUE INDEX ledger_closed_once ON ledger_transactions (tenant_id, about_id) WHERE closes;
CREATE INDEX ledger_about ON ledger_transactions (tenant_id, about_id) WHERE about_id IS NOT NULL;
CREATE INDEX ledger_in_time ON ledger_transactions USING brin (at);
CREATE TABLE ledger_entries (
    tenant_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    line integer NOT NULL,
    account text COLLATE "C" NOT NULL,
    points bigint NOT NULL,
    lot_id uuid NOT NULL,
    opens boolean NOT NULL,
    root_id uuid,
    earning_id uuid,
    earned_at timestamptz,
    counts_from timestamptz,
    expires_at timestamptz,
    PRIMARY KEY (tenant_id, transaction_id, line),
    CONSTRAINT ledger_accounts CHECK (account IN
        ('issued', 'pending', 'available', 'reserved', 'redeemed', 'expired', 'reversed')),
    CONSTRAINT ledger_something CHECK (points <> 0),
    CONSTRAINT ledger_lines CHECK (line >= 1),
    CONSTRAINT ledger_lots_are_issued CHECK (NOT opens OR account = 'issued')
);
ALTER TABLE ledger_transactions ADD CONSTRAINT ledger_whole
    FOREIGN KEY (tenant_id, id, lines) REFERENCES ledger_entries DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE ledger_balances (
    tenant_id uuid NOT NULL,
    member_id uuid NOT NULL,
    program_id uuid NOT NULL,
    number bigint NOT NULL DEFAULT 0,
    issued bigint NOT NULL DEFAULT 0,
    pending bigint NOT NULL DEFAULT 0,
    available bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    redeemed bigint NOT NULL DEFAULT 0,
    expired bigint NOT NULL DEFAULT 0,
    reversed bigint NOT NULL DEFAULT 0,
    last_at timestamptz,
    idle_at timestamptz,
    moved_to uuid,
    family uuid[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, member_id),
    CONSTRAINT ledger_balanced CHECK
        (issued + pending + available + reserved + redeemed + expired + reversed = 0),
    CONSTRAINT ledger_balance_there CHECK
        (pending >= 0 AND reserved >= 0 AND redeemed >= 0 AND expired >= 0 AND reversed >= 0)
);
CREATE INDEX ledger_balances_of_program ON ledger_balances (tenant_id, program_id);
CREATE TABLE ledger_lots (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    earning_id uuid NOT NULL,
    root_id uuid,
    earned_at timestamptz NOT NULL,
    counts_from timestamptz,
    expires_at timestamptz,
    points bigint NOT NULL,
    pending bigint NOT NULL,
    available bigint NOT NULL,
    reserved bigint NOT NULL,
    redeemed bigint NOT NULL,
    expired bigint NOT NULL,
    reversed bigint NOT NULL,
    is_open boolean GENERATED ALWAYS AS (pending > 0 OR available <> 0 OR reserved > 0) STORED,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT ledger_lot_there CHECK
        (pending >= 0 AND reserved >= 0 AND redeemed >= 0 AND expired >= 0 AND reversed >= 0)
);
CREATE INDEX ledger_lots_open ON ledger_lots (tenant_id, member_id, expires_at, earned_at, id)
    WHERE is_open;
CREATE INDEX ledger_lots_pending ON ledger_lots (tenant_id, member_id, counts_from)
    WHERE pending > 0;
CREATE INDEX ledger_lots_moved ON ledger_lots (tenant_id, root_id) WHERE root_id IS NOT NULL;
"""

_NEVER_CHANGED = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what the points ledger says is never changed: % of %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_never_changed';
END $$;
CREATE TRIGGER ledger_transactions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""

# Runs as the owner, since nobody else may write balances and lots. What it raises are violations of
# constraints by name, as those of the tables are. The plans are made once: planning costs more than
# all the rest.
_APPLY = """
CREATE FUNCTION ledger_apply() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    t record;
    left_with bigint;
    changed bigint;
    below bigint;
BEGIN
    FOR t IN
        SELECT e.*, h.id, h.member_id, h.program_id, h.number, h.lines, h.at, h.active, h.idle_at
        FROM (SELECT tenant_id, transaction_id, sum(points) AS total, count(*) AS found,
                count(*) FILTER (WHERE opens) AS opened, count(DISTINCT lot_id) AS lots,
                any_value(lot_id) AS lot_id,
                coalesce(sum(points) FILTER (WHERE account = 'issued'), 0) AS issued,
                coalesce(sum(points) FILTER (WHERE account = 'pending'), 0) AS pending,
                coalesce(sum(points) FILTER (WHERE account = 'available'), 0) AS available,
                coalesce(sum(points) FILTER (WHERE account = 'reserved'), 0) AS reserved,
                coalesce(sum(points) FILTER (WHERE account = 'redeemed'), 0) AS redeemed,
                coalesce(sum(points) FILTER (WHERE account = 'expired'), 0) AS expired,
                coalesce(sum(points) FILTER (WHERE account = 'reversed'), 0) AS reversed
            FROM fresh GROUP BY tenant_id, transaction_id) e
        LEFT JOIN ledger_transactions h ON h.tenant_id = e.tenant_id AND h.id = e.transaction_id
        ORDER BY h.number
    LOOP
        IF t.id IS NULL OR t.lines IS DISTINCT FROM t.found OR t.total <> 0 THEN
            RAISE EXCEPTION 'entries of the points ledger are not whole, or do not sum to zero'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
        END IF;

        UPDATE ledger_balances SET issued = issued + t.issued, pending = pending + t.pending,
            available = available + t.available, reserved = reserved + t.reserved,
            redeemed = redeemed + t.redeemed, expired = expired + t.expired,
            reversed = reversed + t.reversed, number = t.number, last_at = t.at,
            idle_at = CASE WHEN t.active THEN t.idle_at ELSE idle_at END
        WHERE tenant_id = t.tenant_id AND member_id = t.member_id
            AND program_id IS NOT DISTINCT FROM t.program_id -- not a way to find the row
            AND number + 1 = t.number AND (last_at IS NULL OR last_at <= t.at)
        RETURNING available INTO left_with;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a transaction of the points ledger is not the next of its member'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_in_turn';
        END IF;

        below := 0;
        IF t.lots = 1 AND t.opened = 1 THEN -- as nearly always: the lot's sums are the transaction's
            INSERT INTO ledger_lots (tenant_id, id, program_id, member_id, earning_id, root_id,
                earned_at, counts_from, expires_at, points, pending, available, reserved, redeemed,
                expired, reversed)
            SELECT t.tenant_id, o.lot_id, t.program_id, t.member_id, coalesce(o.earning_id, t.id),
                o.root_id, coalesce(o.earned_at, t.at), o.counts_from, o.expires_at, -o.points,
                t.pending, t.available, t.reserved, t.redeemed, t.expired, t.reversed
            FROM fresh o WHERE o.opens AND o.tenant_id = t.tenant_id AND o.transaction_id = t.id;
        ELSIF t.opened > 0 THEN
            INSERT INTO ledger_lots (tenant_id, id, program_id, member_id, earning_id, root_id,
                earned_at, counts_from, expires_at, points, pending, available, reserved, redeemed,
                expired, reversed)
            SELECT t.tenant_id, o.lot_id, t.program_id, t.member_id, coalesce(o.earning_id, t.id),
                o.root_id, coalesce(o.earned_at, t.at), o.counts_from, o.expires_at, -o.points,
                d.pending, d.available, d.reserved, d.redeemed, d.expired, d.reversed
            FROM fresh o CROSS JOIN LATERAL (SELECT
                    coalesce(sum(points) FILTER (WHERE account = 'pending'), 0) AS pending,
                    coalesce(sum(points) FILTER (WHERE account = 'available'), 0) AS available,
                    coalesce(sum(points) FILTER (WHERE account = 'reserved'), 0) AS reserved,
                    coalesce(sum(points) FILTER (WHERE account = 'redeemed'), 0) AS redeemed,
                    coalesce(sum(points) FILTER (WHERE account = 'expired'), 0) AS expired,
                    coalesce(sum(points) FILTER (WHERE account = 'reversed'), 0) AS reversed
                FROM fresh f WHERE f.tenant_id = o.tenant_id
                    AND f.transaction_id = o.transaction_id AND f.lot_id = o.lot_id) d
            WHERE o.opens AND o.tenant_id = t.tenant_id AND o.transaction_id = t.id;
        END IF;
        IF t.lots = 1 AND t.opened = 0 THEN
            UPDATE ledger_lots SET pending = pending + t.pending,
                available = available + t.available, reserved = reserved + t.reserved,
                redeemed = redeemed + t.redeemed, expired = expired + t.expired,
                reversed = reversed + t.reversed
            WHERE tenant_id = t.tenant_id AND id = t.lot_id AND member_id = t.member_id
            RETURNING 1, (available < 0)::int INTO changed, below;
        ELSIF t.lots > t.opened THEN
            WITH changes AS (
                UPDATE ledger_lots l SET pending = l.pending + d.pending,
                    available = l.available + d.available, reserved = l.reserved + d.reserved,
                    redeemed = l.redeemed + d.redeemed, expired = l.expired + d.expired,
                    reversed = l.reversed + d.reversed
                FROM (SELECT lot_id,
                        coalesce(sum(points) FILTER (WHERE account = 'pending'), 0) AS pending,
                        coalesce(sum(points) FILTER (WHERE account = 'available'), 0) AS available,
                        coalesce(sum(points) FILTER (WHERE account = 'reserved'), 0) AS reserved,
                        coalesce(sum(points) FILTER (WHERE account = 'redeemed'), 0) AS redeemed,
                        coalesce(sum(points) FILTER (WHERE account = 'expired'), 0) AS expired,
                        coalesce(sum(points) FILTER (WHERE account = 'reversed'), 0) AS reversed
                    FROM fresh WHERE tenant_id = t.tenant_id AND transaction_id = t.id
                    GROUP BY lot_id HAVING NOT bool_or(opens)) d
                WHERE l.tenant_id = t.tenant_id AND l.id = d.lot_id AND l.member_id = t.member_id
                RETURNING l.available
            )
            SELECT count(*), count(*) FILTER (WHERE available < 0) INTO changed, below FROM changes;
        END IF;
        IF t.lots > t.opened AND changed IS DISTINCT FROM t.lots - t.opened THEN
            RAISE EXCEPTION 'entries of the points ledger name lots that the member does not have'
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_lots_of_member';
        END IF;
        IF below > 0 OR left_with < 0 THEN
            PERFORM ledger_check_debts(t.tenant_id, t.id, t.available < 0);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_check_debts(tenant uuid, transaction uuid, taken boolean) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Points are owed by members of programs that say so, and by nobody else.
    IF taken AND EXISTS (SELECT FROM ledger_transactions t
        JOIN ledger_balances b ON b.tenant_id = t.tenant_id AND b.member_id = t.member_id
        JOIN programs p ON p.tenant_id = t.tenant_id AND p.id = t.program_id
        WHERE t.tenant_id = tenant AND t.id = transaction AND b.available < 0
            AND t.kind NOT IN ('merge', 'unmerge')
            AND p.policies #>> '{refunds,when_spent}' <> 'owe')
    THEN
        RAISE EXCEPTION 'a member has fewer points available than none'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_available_there';
    END IF;
    -- A lot is below zero by no more than its member: while others have points, they make up for it.
    IF EXISTS (SELECT FROM ledger_transactions t
        JOIN ledger_balances b ON b.tenant_id = t.tenant_id AND b.member_id = t.member_id
        JOIN ledger_entries e ON e.tenant_id = t.tenant_id AND e.transaction_id = t.id
        JOIN ledger_lots l ON l.tenant_id = e.tenant_id AND l.id = e.lot_id
        WHERE t.tenant_id = tenant AND t.id = transaction AND l.available < least(0, b.available))
    THEN
        RAISE EXCEPTION 'more points are taken from a lot than it has'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_lot_overdrawn';
    END IF;
END $$;
CREATE TRIGGER ledger_entries_apply AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply();
"""


def upgrade() -> None:
    """Create the ledger's tables, and what keeps them right."""
    for statements in (_TABLES, _NEVER_CHANGED, _APPLY):
        op.execute(statements)
    for table in ("ledger_transactions", "ledger_entries"):
        protect(table, may="SELECT, INSERT")
    for table in ("ledger_balances", "ledger_lots"):
        protect(table, may="SELECT")
    op.execute("REVOKE ALL ON FUNCTION ledger_check_debts(uuid, uuid, boolean) FROM PUBLIC")
