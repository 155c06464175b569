"""Failures to sign in are counted apart for strangers and for whoever has proved something already.

The version before reads and writes the strangers' columns only, which keep their names.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE identity.users"
        " ADD COLUMN known_failures integer NOT NULL DEFAULT 0,"
        " ADD COLUMN known_failed_at timestamptz,"
        " ADD COLUMN known_locked_until timestamptz"
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE identity.users"
        " DROP COLUMN known_failures, DROP COLUMN known_failed_at, DROP COLUMN known_locked_until"
    )
