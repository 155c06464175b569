"""The upload routes of the HTTP contract."""

from typing import Annotated
from urllib.parse import urljoin
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from foliolens.accounts.access import Caller, CurrentCaller
from foliolens.errors import (
    Conflict,
    FileValidationFailed,
    NotFound,
    PortfolioNotFound,
    UploadNotFound,
)
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors
from foliolens.kit.idempotency import Idempotency, Once
from foliolens.uploads.schemas import NewPortfolioUpload, UploadRequest, UploadTicketView, UploadView
from foliolens.uploads.service import UploadService

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["uploads"], route_class=ContractRoute)


async def _service(request: Request) -> UploadService:
    service: UploadService = request.app.state.uploads
    return service


Uploads = Annotated[UploadService, Depends(_service)]
UploadId = Annotated[UUID, Path(alias="uploadId")]


@router.post(
    "/portfolios/{portfolioId}/upload",
    status_code=201,
    responses=errors(*PRIVATE, *JSON_BODY, FileValidationFailed, PortfolioNotFound, Conflict),
)
def request_upload(
    portfolio_id: Annotated[UUID, Path(alias="portfolioId")],
    body: UploadRequest,
    request: Request,
    caller: CurrentCaller,
    uploads: Uploads,
    once: Idempotency,
) -> UploadTicketView:
    """Ask for a pre-signed request that sends a file into a portfolio."""
    return _ticket(portfolio_id, body, request, caller, uploads, once)


@router.post(
    "/uploads", status_code=201, responses=errors(*PRIVATE, *JSON_BODY, FileValidationFailed, Conflict)
)
def request_new_portfolio_upload(
    body: NewPortfolioUpload, request: Request, caller: CurrentCaller, uploads: Uploads, once: Idempotency
) -> UploadTicketView:
    """Ask for a pre-signed request that sends a file from which a new portfolio is created."""
    return _ticket(None, body, request, caller, uploads, once)


@router.get("/upload/{uploadId}/status", responses=errors(*PRIVATE, UploadNotFound))
def read_upload_status(upload_id: UploadId, caller: CurrentCaller, uploads: Uploads) -> UploadView:
    """How far an upload is, and what was found in its file."""
    with caller.transaction() as transaction:
        return uploads.status(transaction, caller.user_id, upload_id)


@router.post("/upload/{uploadId}/undo", responses=errors(*PRIVATE, UploadNotFound, Conflict))
def undo_upload(upload_id: UploadId, caller: CurrentCaller, uploads: Uploads) -> UploadView:
    """Put the portfolio back as it was before the upload."""
    with caller.transaction() as transaction:
        return uploads.undo(transaction, caller.user_id, upload_id)


@router.get(
    "/upload/{uploadId}/errors.csv",
    response_class=Response,
    responses={
        **errors(*PRIVATE, UploadNotFound, NotFound),
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The rejected rows."},
    },
)
def read_rejected_rows(upload_id: UploadId, caller: CurrentCaller, uploads: Uploads) -> Response:
    """The rejected rows as a file, each with its reason."""
    with caller.transaction() as transaction:
        content = uploads.rejected(transaction, caller.user_id, upload_id)
    return Response(
        content,
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="rejected-rows.csv"'},
    )


def _ticket(
    portfolio_id: UUID | None,
    body: UploadRequest,
    request: Request,
    caller: Caller,
    uploads: UploadService,
    once: Once,
) -> UploadTicketView:
    with caller.transaction() as transaction:
        ticket = once.run(
            transaction,
            str(caller.user_id),
            UploadTicketView,
            lambda: uploads.request(transaction, caller.user_id, portfolio_id, body),
        )
    # The local store signs paths, since it does not know under which address the client reaches it.
    base = request.app.state.public_url or str(request.base_url)
    return ticket.model_copy(update={"upload_url": urljoin(base, ticket.upload_url)})
