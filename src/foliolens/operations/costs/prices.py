"""The list prices that a bill is made of, and the file they stand in."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

__all__ = ["FreeTier", "ListPrices", "list_prices"]


class _Priced(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", allow_inf_nan=False
    )


class FreeTier(_Priced):
    """What AWS gives each account every month for nothing, without an end."""

    function_gb_seconds: float = Field(ge=0)
    function_requests: float = Field(ge=0)
    log_gb: float = Field(ge=0)
    metrics: float = Field(ge=0)
    alarms: float = Field(ge=0)
    dashboards: float = Field(ge=0)
    traces: float = Field(ge=0)
    edge_requests: float = Field(ge=0)
    edge_functions: float = Field(ge=0)
    edge_gb: float = Field(ge=0)


class ListPrices(_Priced):
    """US dollars, without taxes and discounts; a month's price where nothing else is named.

    `..._million` is for a million, `..._gb_second` for a gigabyte of memory and a second of arm64. `edge_...`
    is CloudFront, through which all answers go; what the gateway hands to it costs nothing.
    """

    as_of: date
    region: str
    source: str
    function_gb_second: float = Field(ge=0)
    function_provisioned_gb_second: float = Field(ge=0)
    function_requests_million: float = Field(ge=0)
    snapshot_cached_gb_second: float = Field(ge=0)
    snapshot_restored_gb: float = Field(ge=0)
    gateway_requests_million: float = Field(ge=0)
    firewall: float = Field(ge=0)
    firewall_rule: float = Field(ge=0)
    firewall_requests_million: float = Field(ge=0)
    table_writes_million: float = Field(ge=0)
    table_reads_million: float = Field(ge=0)
    log_gb: float = Field(ge=0)
    metric: float = Field(ge=0)
    alarm: float = Field(ge=0)
    dashboard: float = Field(ge=0)
    traces_million: float = Field(ge=0)
    key: float = Field(ge=0)
    secret: float = Field(ge=0)
    image_gb: float = Field(ge=0)
    edge_requests_million: float = Field(ge=0)
    edge_functions_million: float = Field(ge=0)
    edge_gb: float = Field(ge=0)
    database_instance_hour: float = Field(ge=0)
    database_instance_gb: float = Field(ge=0)
    database_capacity_hour: float = Field(ge=0)
    database_cluster_gb: float = Field(ge=0)
    free: FreeTier


def list_prices(path: Path | None = None) -> ListPrices:
    """The prices of a file; those that come with the installation where none is named.

    Raises:
        OSError: The file cannot be read.
        pydantic.ValidationError: It does not hold the prices.
    """
    return ListPrices.model_validate_json((path or Path(__file__).with_name("list-prices.json")).read_bytes())
