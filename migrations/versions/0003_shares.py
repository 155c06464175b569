"""Links to portfolios, the counts of their views, and idempotency keys as hashes."""

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = """
CREATE TABLE shares (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    portfolio_id uuid NOT NULL REFERENCES portfolios ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    permissions text[] NOT NULL CHECK (
        permissions <@ ARRAY['view', 'analyze'] AND permissions @> ARRAY['view']),
    show_amounts boolean NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX shares_by_portfolio ON shares (portfolio_id, created_at);
CREATE INDEX shares_by_user ON shares (user_id);
CREATE INDEX shares_by_expiry ON shares (expires_at);

-- The views of a link, spread over several rows: those who open one link at the same time, each on a database
-- connection of their own, do not wait for each other.
CREATE TABLE share_views (
    share_id uuid NOT NULL REFERENCES shares ON DELETE CASCADE,
    slot smallint NOT NULL,
    views bigint NOT NULL,
    last_viewed_at timestamptz NOT NULL,
    PRIMARY KEY (share_id, slot)
);
"""

_RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON shares TO foliolens_app, foliolens_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON share_views TO foliolens_system;
GRANT SELECT ON share_views TO foliolens_app;

ALTER TABLE shares ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shares TO foliolens_app
    USING (user_id = foliolens_user()) WITH CHECK (user_id = foliolens_user());
CREATE POLICY everything ON shares TO foliolens_system USING (true) WITH CHECK (true);

ALTER TABLE share_views ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON share_views FOR SELECT TO foliolens_app
    USING (EXISTS (SELECT FROM shares WHERE shares.id = share_id AND shares.user_id = foliolens_user()));
CREATE POLICY everything ON share_views TO foliolens_system USING (true) WITH CHECK (true);
"""

# A stored answer may hold what becomes a secret only together with the client's key.
_HASHED_KEYS = "UPDATE idempotency_keys SET key = encode(sha256(convert_to(key, 'UTF8')), 'hex');"


def upgrade() -> None:
    for block in (_TABLES, _RIGHTS, _HASHED_KEYS):
        op.execute(block)


def downgrade() -> None:
    op.execute("DROP TABLE share_views, shares; DELETE FROM idempotency_keys;")
