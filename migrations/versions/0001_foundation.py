"""Roles, users, portfolios, uploads, the job queue and idempotency keys."""

from alembic import op

revision = "0001"
down_revision = None

_ROLES = """
DO $$
DECLARE
    name text;
BEGIN
    -- Roles belong to the whole cluster: another database's migration may be creating them right now.
    FOREACH name IN ARRAY ARRAY['foliolens_app', 'foliolens_system'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', name, current_user);
        END IF;
    END LOOP;
END $$;
"""

_USERS = """
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    first_name text NOT NULL DEFAULT '',
    last_name text NOT NULL DEFAULT '',
    user_type text,
    investment_experience text,
    risk_tolerance text,
    marketing_consent boolean NOT NULL DEFAULT false,
    preferences jsonb NOT NULL DEFAULT '{}',
    sessions_revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION foliolens_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('foliolens.user_id', true), '')::uuid;

-- Binds the transaction to a user and says whether the caller's token still counts: one round trip.
CREATE FUNCTION foliolens_enter(user_id uuid, issued_at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    revoked_at timestamptz;
BEGIN
    PERFORM set_config('foliolens.user_id', user_id::text, true);
    SELECT users.sessions_revoked_at INTO revoked_at FROM users WHERE users.id = foliolens_enter.user_id;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    IF issued_at <= revoked_at THEN
        RETURN 'revoked';
    END IF;
    RETURN 'active';
END $$;
"""

_PORTFOLIOS = """
CREATE TABLE portfolios (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    total_value numeric(18, 2) NOT NULL CHECK (total_value > 0),
    currency char(3) NOT NULL DEFAULT 'USD',
    is_public boolean NOT NULL DEFAULT false,
    risk_profile text,
    investment_horizon text,
    version integer NOT NULL DEFAULT 1,
    holdings_count integer NOT NULL,
    risk_score numeric(3, 1),
    analysis_count bigint NOT NULL DEFAULT 0,
    last_analyzed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
-- One index for each order the list can be asked for; `id` makes every order total.
CREATE INDEX portfolios_by_created_at ON portfolios (user_id, created_at, id);
CREATE INDEX portfolios_by_updated_at ON portfolios (user_id, updated_at, id);
CREATE INDEX portfolios_by_name ON portfolios (user_id, name, id);
CREATE INDEX portfolios_by_total_value ON portfolios (user_id, total_value, id);

CREATE TABLE holdings (
    id uuid PRIMARY KEY,
    portfolio_id uuid NOT NULL REFERENCES portfolios ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    position integer NOT NULL,
    symbol text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    category text,
    sector text NOT NULL,
    region text NOT NULL,
    allocation numeric(5, 2) NOT NULL CHECK (allocation BETWEEN 0 AND 100),
    amount numeric(18, 2) NOT NULL CHECK (amount >= 0),
    shares numeric(22, 6),
    avg_price numeric(22, 6),
    expense_ratio numeric(9, 6),
    dividend_yield numeric(9, 6),
    risk_rating smallint,
    UNIQUE (portfolio_id, symbol)
);
CREATE INDEX holdings_by_user ON holdings (user_id);
"""

_UPLOADS = """
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    portfolio_id uuid REFERENCES portfolios ON DELETE SET NULL,
    creates_portfolio boolean NOT NULL,
    portfolio_name text,
    filename text NOT NULL,
    size bigint NOT NULL,
    content_type text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('replace', 'merge')),
    mapping jsonb NOT NULL DEFAULT '{}',
    validate_only boolean NOT NULL,
    override_rules boolean NOT NULL,
    declared_total numeric(18, 2),
    status text NOT NULL DEFAULT 'AWAITING_UPLOAD' CHECK (status IN (
        'AWAITING_UPLOAD', 'QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'EXPIRED', 'UNDONE')),
    progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    sha256 text,
    outcome jsonb NOT NULL DEFAULT '{}',
    rejected_csv bytea,
    snapshot jsonb,
    written_version integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    completed_at timestamptz
);
CREATE INDEX uploads_by_user ON uploads (user_id, created_at);
CREATE INDEX uploads_by_portfolio ON uploads (portfolio_id, sha256) WHERE status = 'COMPLETED';
CREATE INDEX uploads_to_expire ON uploads (expires_at) WHERE status = 'AWAITING_UPLOAD';
"""

_JOBS = """
CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    correlation_id text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_error text
);
CREATE INDEX jobs_ready ON jobs (greatest(run_at, coalesce(leased_until, run_at)), id);

CREATE TABLE dead_jobs (
    id bigint PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    correlation_id text NOT NULL,
    attempts integer NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    died_at timestamptz NOT NULL DEFAULT now()
);
"""

_IDEMPOTENCY = """
CREATE TABLE idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    response jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
"""

_RIGHTS = """
GRANT USAGE ON SCHEMA public TO foliolens_app, foliolens_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, portfolios, holdings, uploads, idempotency_keys
    TO foliolens_app, foliolens_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs, dead_jobs TO foliolens_system;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON users TO foliolens_app USING (id = foliolens_user()) WITH CHECK (id = foliolens_user());
CREATE POLICY everything ON users TO foliolens_system USING (true) WITH CHECK (true);

-- A stored answer is as private as what it is about; the scope of a signed-in user's key is the user's id.
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON idempotency_keys TO foliolens_app
    USING (scope = foliolens_user()::text) WITH CHECK (scope = foliolens_user()::text);
CREATE POLICY everything ON idempotency_keys TO foliolens_system USING (true) WITH CHECK (true);
"""

_USER_OWNED = ("portfolios", "holdings", "uploads")


def upgrade() -> None:
    for block in (_ROLES, _USERS, _PORTFOLIOS, _UPLOADS, _JOBS, _IDEMPOTENCY, _RIGHTS):
        op.execute(block)
    for table in _USER_OWNED:
        op.execute(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON {table} TO foliolens_app
                USING (user_id = foliolens_user()) WITH CHECK (user_id = foliolens_user());
            CREATE POLICY everything ON {table} TO foliolens_system USING (true) WITH CHECK (true);
            """
        )


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE idempotency_keys, dead_jobs, jobs, uploads, holdings, portfolios;
        DROP FUNCTION foliolens_enter(uuid, timestamptz);
        DROP TABLE users;
        DROP FUNCTION foliolens_user();
        """
    )
