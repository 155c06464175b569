"""Run as a script: owns a server until killed.

    python owning_process.py FOLDER [ROWS]

Prints a line once the server is up and, if asked for, ROWS committed rows are in the table `facts`.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psycopg

from foliolens.adapters.local.postgres import EmbeddedPostgres

_BATCH = 50  # rows committed at a time


def main(folder: str, rows: str = "0") -> None:
    server = EmbeddedPostgres(Path(folder))
    server.start()
    if int(rows):
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS facts")
            connection.execute("CREATE TABLE facts (number int PRIMARY KEY)")
            for first in range(0, int(rows), _BATCH):
                last = min(first + _BATCH, int(rows)) - 1
                connection.execute(
                    "INSERT INTO facts SELECT generate_series(%s::int, %s::int)", [first, last]
                )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
