"""Daily prices by symbol and day, what is known of asking for them, and queues by name."""

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE SEQUENCE price_versions;

CREATE TABLE price_symbols (
    symbol text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0,
    last_day date,
    source text,
    held_at timestamptz,
    queued_at timestamptz,
    asked_of text,
    asked_at timestamptz,
    failure text CHECK (failure IN ('UNKNOWN_SYMBOL', 'PROVIDER_ERROR')),
    failures integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    -- Prices come with their version, day and source, or there are none.
    CHECK ((version > 0) = (last_day IS NOT NULL) AND (version > 0) = (source IS NOT NULL))
);
CREATE INDEX price_symbols_held ON price_symbols (held_at, asked_at NULLS FIRST);

CREATE TABLE daily_prices (
    symbol text NOT NULL REFERENCES price_symbols ON DELETE CASCADE,
    day date NOT NULL,
    open numeric CHECK (open > 0 AND open < 1e12), -- NaN is greater than every number
    high numeric CHECK (high > 0 AND high < 1e12),
    low numeric CHECK (low > 0 AND low < 1e12),
    close numeric NOT NULL CHECK (close > 0 AND close < 1e12),
    adjusted_close numeric NOT NULL CHECK (adjusted_close > 0 AND adjusted_close < 1e12),
    volume bigint CHECK (volume >= 0),
    PRIMARY KEY (symbol, day)
);

-- Prices are no user's: every request may read them, background work alone writes them.
GRANT SELECT ON price_symbols, daily_prices TO foliolens_app, foliolens_system;
GRANT INSERT, UPDATE, DELETE ON price_symbols, daily_prices TO foliolens_system;
GRANT USAGE ON SEQUENCE price_versions TO foliolens_system;
"""

_QUEUES = """
-- Prices wait in a queue of their own, so that no upload waits for a provider.
ALTER TABLE jobs ADD COLUMN queue text NOT NULL DEFAULT 'work';
ALTER TABLE dead_jobs ADD COLUMN queue text NOT NULL DEFAULT 'work';
DROP INDEX jobs_ready;
CREATE INDEX jobs_ready ON jobs (queue, greatest(run_at, coalesce(leased_until, run_at)), id);
"""


def upgrade() -> None:
    op.execute(_TABLES)
    op.execute(_QUEUES)


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE daily_prices, price_symbols;
        DROP SEQUENCE price_versions;
        DELETE FROM jobs WHERE queue <> 'work';
        DELETE FROM dead_jobs WHERE queue <> 'work';
        DROP INDEX jobs_ready;
        ALTER TABLE jobs DROP COLUMN queue;
        ALTER TABLE dead_jobs DROP COLUMN queue;
        CREATE INDEX jobs_ready ON jobs (greatest(run_at, coalesce(leased_until, run_at)), id);
        """
    )
