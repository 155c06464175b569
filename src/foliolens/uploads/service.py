"""What a client does with uploads: ask for one, follow it, undo it, fetch the rejected rows."""

from datetime import timedelta
from pathlib import PurePath
from uuid import UUID, uuid4

from foliolens.errors import Conflict, FieldProblem, FileValidationFailed, NotFound, UploadNotFound
from foliolens.holdings.models import IssueCode
from foliolens.kit.database import Transaction
from foliolens.portfolios.stored import StoredPortfolios
from foliolens.ports.clock import Clock
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.ports.object_store import ObjectStore
from foliolens.uploads import store
from foliolens.uploads.models import CSV_TYPES, Upload, UploadStatus, object_key
from foliolens.uploads.schemas import (
    NewPortfolioUpload,
    Preview,
    RowCounts,
    RowProblem,
    UploadRequest,
    UploadTicketView,
    UploadView,
)
from foliolens.uploads.snapshot import restore_snapshot

__all__ = ["UploadService"]


class UploadService:
    """The client's side of uploads.

    Args:
        clock: Decides what has expired.
        objects: Signs the request that sends the file.
        portfolios: Puts a portfolio back.
        max_bytes: Largest file.
        expiry: How long the signed request is good for.
        metrics: Count what was accepted.
    """

    def __init__(
        self,
        clock: Clock,
        objects: ObjectStore,
        portfolios: StoredPortfolios,
        *,
        max_bytes: int,
        expiry: timedelta,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._clock = clock
        self._objects = objects
        self._portfolios = portfolios
        self._max_bytes = max_bytes
        self._expiry = expiry
        self._metrics = metrics

    def request(
        self, transaction: Transaction, user_id: UUID, portfolio_id: UUID | None, body: UploadRequest
    ) -> UploadTicketView:
        """Create an upload and sign the request that sends its file.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
            FileValidationFailed: The file is too large or of a type that is no CSV.
        """
        self._refuse_unfit(body)
        if portfolio_id is not None:
            self._portfolios.require(transaction, user_id, portfolio_id)
        upload_id = uuid4()
        now = self._clock.now()
        expires_at = now + self._expiry
        content_type = _media_type(body.content_type)
        store.insert_upload(
            transaction,
            upload_id=upload_id,
            user_id=user_id,
            portfolio_id=portfolio_id,
            portfolio_name=_name_for(body) if portfolio_id is None else None,
            filename=body.filename,
            size=body.size,
            content_type=content_type,
            mode=body.mode,
            mapping=body.mapping or {},
            validate_only=body.validate_only,
            override_rules=body.override_rules,
            declared_total=body.total_value,
            created_at=now,
            expires_at=expires_at,
        )
        ticket = self._objects.sign_upload(
            object_key(user_id, upload_id), size=body.size, content_type=content_type, expires_at=expires_at
        )
        self._metrics.happened("upload-accepted")
        return UploadTicketView(
            upload_id=upload_id,
            upload_url=ticket.url,
            method=ticket.method,
            headers=dict(ticket.headers),
            fields=dict(ticket.fields),
            expires_at=ticket.expires_at,
            max_bytes=self._max_bytes,
        )

    def status(self, transaction: Transaction, user_id: UUID, upload_id: UUID) -> UploadView:
        """The state of an upload.

        Raises:
            UploadNotFound: The user has no such upload.
        """
        arrived = self._objects.exists(object_key(user_id, upload_id))
        # Read after that look: a file that is gone by now was processed, and the row says how that ended.
        upload = store.read_upload(transaction, user_id, upload_id)
        if upload is None:
            raise UploadNotFound
        return self._view(upload, arrived=arrived)

    def undo(self, transaction: Transaction, user_id: UUID, upload_id: UUID) -> UploadView:
        """Put the portfolio back as it was before the upload; undoing twice changes nothing more.

        Raises:
            UploadNotFound: The user has no such upload.
            Conflict: Nothing was imported, or the portfolio changed since.
        """
        upload = store.lock_upload(transaction, user_id, upload_id)
        if upload is None:
            raise UploadNotFound
        if upload.status == "UNDONE":
            return self._view(upload)
        if upload.status != "COMPLETED" or upload.written_version is None:
            raise Conflict("This upload changed no portfolio, so there is nothing to undo.")
        if upload.portfolio_id is None:
            raise Conflict("The portfolio of this upload was deleted.")
        portfolio = self._portfolios.lock(transaction, user_id, upload.portfolio_id)
        if portfolio.version != upload.written_version:
            raise Conflict("The portfolio changed after this upload: undoing it would lose those changes.")
        if upload.snapshot is None:
            self._forget_created(transaction, upload)
        else:
            fields, holdings = restore_snapshot(upload.snapshot)
            self._portfolios.replace(transaction, user_id, upload.portfolio_id, fields, holdings)
        store.mark_undone(transaction, upload)
        return self.status(transaction, user_id, upload_id)

    def rejected(self, transaction: Transaction, user_id: UUID, upload_id: UUID) -> bytes:
        """The rejected rows as a CSV file.

        Raises:
            UploadNotFound: The user has no such upload.
            NotFound: No row was rejected.
        """
        if store.read_upload(transaction, user_id, upload_id) is None:
            raise UploadNotFound
        content = store.read_rejected(transaction, user_id, upload_id)
        if content is None:
            raise NotFound("No row of this upload was rejected.")
        return content

    def _forget_created(self, transaction: Transaction, upload: Upload) -> None:
        if upload.portfolio_id is not None:
            store.detach(transaction, upload)
            self._portfolios.delete(transaction, upload.user_id, upload.portfolio_id)

    def _refuse_unfit(self, body: UploadRequest) -> None:
        problems = []
        if body.size > self._max_bytes:
            problems.append(
                FieldProblem(
                    field="size",
                    code=IssueCode.FILE_TOO_LARGE.value,
                    message=f"The file has {body.size:,} bytes, {self._max_bytes:,} are allowed:"
                    " export fewer columns or split it.",
                )
            )
        if _media_type(body.content_type) not in CSV_TYPES:
            problems.append(
                FieldProblem(
                    field="contentType",
                    code=IssueCode.NOT_CSV.value,
                    message=f"Files of this type are not read: save it as CSV. Accepted types are"
                    f" {', '.join(sorted(CSV_TYPES))}.",
                )
            )
        if problems:
            raise FileValidationFailed(" ".join(problem["message"] for problem in problems), details=problems)

    def _view(self, upload: Upload, *, arrived: bool = False) -> UploadView:
        outcome = upload.outcome
        return UploadView(
            upload_id=upload.id,
            status=self._shown_status(upload, arrived=arrived),
            progress=upload.progress,
            filename=upload.filename,
            mode=upload.mode,
            validate_only=upload.validate_only,
            rows=RowCounts.model_validate(outcome.get("rows", {})),
            errors=[RowProblem.model_validate(item) for item in outcome.get("errors", [])],
            warnings=[RowProblem.model_validate(item) for item in outcome.get("warnings", [])],
            portfolio_id=upload.portfolio_id,
            preview=Preview.model_validate(outcome["preview"]) if outcome.get("preview") else None,
            created_at=upload.created_at,
            completed_at=upload.completed_at,
        )

    def _shown_status(self, upload: Upload, *, arrived: bool) -> UploadStatus:
        """The stored status, refined by what no transaction of ours records: the file's arrival and time."""
        if upload.status != "AWAITING_UPLOAD":
            return upload.status
        if arrived:
            return "QUEUED"
        return "EXPIRED" if upload.expires_at < self._clock.now() else "AWAITING_UPLOAD"


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _name_for(body: UploadRequest) -> str:
    if isinstance(body, NewPortfolioUpload) and body.portfolio_name:
        return body.portfolio_name
    return PurePath(body.filename).stem.strip()[:200] or "Portfolio"
