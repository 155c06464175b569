"""The shared cache of market data, claims to fill it, and rate windows that processes share."""

from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = """
CREATE TABLE cache_entries (
    key text PRIMARY KEY,
    value bytea NOT NULL,
    stored_at timestamptz NOT NULL,
    fresh_until timestamptz NOT NULL,
    keep_until timestamptz NOT NULL
);
-- Values come compressed.
ALTER TABLE cache_entries ALTER COLUMN value SET STORAGE EXTERNAL;
CREATE INDEX cache_entries_by_age ON cache_entries (keep_until);

-- Both are about moments: losing them in a crash of the database loses nothing.
CREATE UNLOGGED TABLE cache_claims (
    key text PRIMARY KEY,
    ends_at timestamptz NOT NULL
);
CREATE UNLOGGED TABLE rate_windows (
    key text NOT NULL,
    seconds integer NOT NULL,
    hits integer NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (key, seconds)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON cache_entries, cache_claims, rate_windows TO foliolens_system;
"""


def upgrade() -> None:
    op.execute(_TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE cache_entries, cache_claims, rate_windows")
