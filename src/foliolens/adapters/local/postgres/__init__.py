"""A PostgreSQL server of our own on one machine: found, created, started, stopped and recovered.

`server` is the face; `watch` starts it again when it died; `startup` brings a server up on whatever the last
one left, `access` is how to reach it, `cluster` creates the data folder, `process` runs programs and ends
them, `launch` is the script in between, `binaries` finds the programs, `ownership` decides who owns and may
read what.
"""

from __future__ import annotations

from foliolens.adapters.local.postgres.access import recorded_url, running_url
from foliolens.adapters.local.postgres.binaries import binary
from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError
from foliolens.adapters.local.postgres.server import EmbeddedPostgres
from foliolens.adapters.local.postgres.watch import kept_running

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "binary",
    "kept_running",
    "recorded_url",
    "running_url",
]
