"""Uploads in the HTTP contract."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, WithJsonSchema

from foliolens.kit.schema import PLAIN_TEXT, WHOLE, DecimalNumber, RequestModel, ResponseModel
from foliolens.uploads.models import CSV_TYPES, UploadMode, UploadStatus

__all__ = [
    "ColumnView",
    "NewPortfolioUpload",
    "Preview",
    "PreviewHolding",
    "RowCounts",
    "RowProblem",
    "UploadRequest",
    "UploadTicketView",
    "UploadView",
]

_DeclaredTotal = Annotated[
    DecimalNumber,
    Field(ge=Decimal("0.01"), lt=10**13),
    WithJsonSchema({"type": "number", "minimum": 0.01, "exclusiveMaximum": 10**13}),
]
_MappingText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN_TEXT)]

_Mapping = Annotated[
    dict[_MappingText, _MappingText],
    Field(max_length=200, json_schema_extra={"additionalProperties": False}),  # keys are texts as well
]


class UploadRequest(RequestModel):
    """What the client is about to send, and how to read it."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=PLAIN_TEXT)]
    size: Annotated[int, Field(ge=1, le=2**53, description="Exact size of the file in bytes."), WHOLE]
    content_type: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100),
        Field(json_schema_extra={"enum": sorted(CSV_TYPES)}),
    ] = "text/csv"
    mapping: _Mapping | None = Field(
        default=None,
        description="Column header to field, and number formats where the file leaves them open.",
    )
    mode: UploadMode = "replace"
    validate_only: bool = Field(default=False, description="Read and check the file; change nothing.")
    override_rules: bool = Field(
        default=False, description="The owner confirmed: business rules become warnings."
    )
    total_value: _DeclaredTotal | None = Field(
        default=None,
        description="Value of the portfolio; needed where the file has percentages only.",
    )


class NewPortfolioUpload(UploadRequest):
    """An upload that creates the portfolio it is read into."""

    portfolio_name: (
        Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN_TEXT)] | None
    ) = Field(default=None, description="Name of the new portfolio; the file's name by default.")


class UploadTicketView(ResponseModel):
    """Where and how to send the file: exactly this method, URL, headers and size."""

    upload_id: UUID
    upload_url: str
    method: Literal["PUT", "POST"]
    headers: dict[str, str]
    fields: dict[str, str]
    expires_at: datetime
    max_bytes: int


class RowCounts(ResponseModel):
    """What became of the file's rows."""

    total: int = 0
    imported: int = 0
    skipped: int = 0
    duplicates: int = 0
    errors: int = 0


class RowProblem(ResponseModel):
    """One error or warning: where, what, and how to mend it."""

    line: int | None = Field(default=None, description="1-based line of the file; none for the whole file.")
    column: str | None = None
    value: str | None = None
    code: str
    message: str
    suggestion: str | None = None


class ColumnView(ResponseModel):
    """How one column of the file was understood."""

    header: str
    field: str | None
    number_format: str | None
    samples: list[str]


class PreviewHolding(ResponseModel):
    """One holding the file would import."""

    symbol: str
    name: str
    type: str
    allocation_percentage: DecimalNumber
    dollar_amount: DecimalNumber
    shares: DecimalNumber | None


class Preview(ResponseModel):
    """What the file holds, as we read it."""

    total_value: DecimalNumber | None
    currency: str | None
    encoding: str | None
    delimiter: str | None
    columns: list[ColumnView]
    assets: list[PreviewHolding]


class UploadView(ResponseModel):
    """The state of an upload."""

    upload_id: UUID
    status: UploadStatus
    progress: Annotated[int, Field(ge=0, le=100)]
    filename: str
    mode: UploadMode
    validate_only: bool
    rows: RowCounts
    errors: list[RowProblem]
    warnings: list[RowProblem]
    portfolio_id: UUID | None
    preview: Preview | None
    created_at: datetime
    completed_at: datetime | None
