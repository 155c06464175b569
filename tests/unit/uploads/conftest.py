"""A desk for each test."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from foliolens.adapters.local.disk_store import DiskObjectStore
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.database import Database
from tests.clock import SetClock

from .desk import Desk


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    user_id = uuid4()
    with database.system() as transaction:
        transaction.execute("INSERT INTO users (id, email) VALUES (%s, 'ada@example.com')", (user_id,))
    queue = PostgresJobQueue(database, timedelta(minutes=5))
    return Desk(database, DiskObjectStore(tmp_path, b"secret"), queue, SetClock(), user_id)
