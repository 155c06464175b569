"""The local identity store: accounts, sessions, codes, MFA challenges, signing keys, security events."""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
CREATE SCHEMA identity;

CREATE TABLE identity.users (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash text NOT NULL,
    attributes jsonb NOT NULL,
    operator boolean NOT NULL DEFAULT false,
    confirmed_at timestamptz,
    totp_secret text,
    totp_pending text,
    totp_last_step bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    failed_at timestamptz,
    locked_until timestamptz,
    sessions_revoked_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX users_unconfirmed ON identity.users (created_at) WHERE confirmed_at IS NULL;

-- A session is a family of refresh tokens: each use replaces one by the next.
CREATE TABLE identity.sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text
);
CREATE INDEX sessions_by_user ON identity.sessions (user_id, created_at);
CREATE INDEX sessions_by_expiry ON identity.sessions (expires_at);

CREATE TABLE identity.refresh_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES identity.sessions ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_tokens_by_session ON identity.refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_expiry ON identity.refresh_tokens (expires_at);

-- At most one code for each purpose; it stays after it expired to remember when it was sent.
CREATE TABLE identity.codes (
    user_id uuid NOT NULL REFERENCES identity.users ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirm', 'reset')),
    salt bytea NOT NULL,
    code_hash bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    sent integer NOT NULL DEFAULT 1,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, purpose)
);

CREATE TABLE identity.mfa_challenges (
    session_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users ON DELETE CASCADE,
    tries integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX mfa_challenges_by_user ON identity.mfa_challenges (user_id);
CREATE INDEX mfa_challenges_by_expiry ON identity.mfa_challenges (expires_at);

CREATE TABLE identity.signing_keys (
    kid text PRIMARY KEY,
    private_pem text NOT NULL,
    created_at timestamptz NOT NULL,
    retires_at timestamptz
);

CREATE TABLE identity.security_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid REFERENCES identity.users ON DELETE CASCADE,
    event text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX security_events_by_user ON identity.security_events (user_id, at);
CREATE INDEX security_events_by_age ON identity.security_events (at);

GRANT USAGE ON SCHEMA identity TO foliolens_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA identity TO foliolens_system;
"""


def upgrade() -> None:
    op.execute(_TABLES)


def downgrade() -> None:
    op.execute("DROP SCHEMA identity CASCADE")
