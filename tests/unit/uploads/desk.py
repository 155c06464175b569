"""Uploads below HTTP: a clock that stands still, one user, real storage, queue and database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from foliolens.adapters.local.disk_store import DiskObjectStore
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.database import Database
from foliolens.portfolios.stored import StoredPortfolios
from foliolens.uploads.models import object_key
from foliolens.uploads.processing import OBJECT_CREATED, UploadProcessor
from foliolens.uploads.retention import expire_overdue
from foliolens.uploads.schemas import NewPortfolioUpload
from foliolens.uploads.service import UploadService
from tests.clock import SetClock

CONTENT = b"Symbol,Dollar Amount\nVTI,6000.00\nBND,4000.00\n"
NO_WAIT = timedelta(0)


@dataclass
class Desk:
    """One user's uploads, with everything they need."""

    database: Database
    objects: DiskObjectStore
    queue: PostgresJobQueue
    clock: SetClock
    user_id: UUID

    def __post_init__(self) -> None:
        self.portfolios = StoredPortfolios(self.clock, max_portfolios=10)
        self.service = UploadService(
            self.clock, self.objects, self.portfolios, max_bytes=1000, expiry=timedelta(minutes=15)
        )
        self.processor = UploadProcessor(
            self.database, self.objects, self.portfolios, self.clock, max_bytes=1000, max_holdings=500
        )

    def ask(self) -> UUID:
        body = NewPortfolioUpload(filename="a.csv", size=len(CONTENT))
        with self.database.user(self.user_id) as transaction:
            return self.service.request(transaction, self.user_id, None, body).upload_id

    def store_without_announcing(self, upload_id: UUID) -> None:
        """What a crash between storing a file and announcing it leaves behind."""
        partial = self.objects.partial_file()
        partial.write_bytes(CONTENT)
        self.objects.publish(partial, object_key(self.user_id, upload_id))

    def status(self, upload_id: UUID) -> str:
        with self.database.user(self.user_id) as transaction:
            return self.service.status(transaction, self.user_id, upload_id).status

    def clean_up(self) -> int:
        def announce(key: str) -> None:
            self.queue.send(OBJECT_CREATED, {"key": key}, "retention")

        return expire_overdue(self.database, self.objects, announce, self.clock)

    def work(self) -> None:
        while (job := self.queue.receive(NO_WAIT)) is not None:
            assert job.kind == OBJECT_CREATED
            self.processor.process(job.payload)
            self.queue.complete(job)
