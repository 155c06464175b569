"""Users who upload files to S3, for the tests of the function that reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import httpx

from foliolens.adapters.aws.s3_store import S3ObjectStore
from foliolens.kit.database import Database
from foliolens.portfolios.stored import StoredPortfolios
from foliolens.ports.clock import SystemClock
from foliolens.uploads.schemas import NewPortfolioUpload, UploadView
from foliolens.uploads.service import UploadService

__all__ = ["CONTENT", "Investor", "new_investor"]

CONTENT = b"Symbol,Dollar Amount\nVTI,6000.00\nBND,4000.00\n"


@dataclass
class Investor:
    """A user who uploads files as a client does: asks, then sends a form to S3."""

    database: Database
    service: UploadService
    user_id: UUID

    def upload(self, content: bytes) -> UUID:
        body = NewPortfolioUpload(filename="a b+c.csv", size=len(content))
        with self.database.user(self.user_id) as transaction:
            ticket = self.service.request(transaction, self.user_id, None, body)
        sent = httpx.post(ticket.upload_url, data=ticket.fields, files={"file": content})
        assert sent.status_code == 204
        return ticket.upload_id

    def status(self, upload_id: UUID) -> UploadView:
        with self.database.user(self.user_id) as transaction:
            return self.service.status(transaction, self.user_id, upload_id)

    def portfolios(self) -> int:
        with self.database.user(self.user_id) as transaction:
            row = transaction.execute("SELECT count(*) AS n FROM portfolios").fetchone()
        assert row is not None
        return int(row["n"])


def new_investor(database: Database, bucket: str) -> Investor:
    """A user nobody has seen before, whose files go to a bucket of S3."""
    user_id = uuid4()
    with database.system() as transaction:
        transaction.execute(
            "INSERT INTO users (id, email) VALUES (%s, %s)", (user_id, f"{user_id}@example.com")
        )
    clock = SystemClock()
    return Investor(
        database,
        UploadService(
            clock,
            S3ObjectStore(bucket, clock),
            StoredPortfolios(clock, max_portfolios=10),
            max_bytes=1000,
            expiry=timedelta(minutes=15),
        ),
        user_id,
    )
