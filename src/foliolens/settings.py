"""Settings: small typed groups, read from the environment (`FOLIOLENS_*`) and a `.env` file.

Nothing is read at import: `load_settings` is called once by each entry point, or a group's own `read`.
"""

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

from foliolens.environment import Group, Secret, SettingsError, listed

__all__ = [
    "AccessSettings",
    "AccountSettings",
    "AwsAccountSettings",
    "AwsDatabaseSettings",
    "AwsEdgeSettings",
    "AwsMetricSettings",
    "AwsMigrationSettings",
    "AwsProviderSettings",
    "AwsQueueSettings",
    "AwsStorageSettings",
    "AwsTableSettings",
    "DatabaseSettings",
    "HttpSettings",
    "InferenceSettings",
    "LimitSettings",
    "MarketSettings",
    "PredictionSettings",
    "PriceSettings",
    "RiskSettings",
    "SentimentSettings",
    "Settings",
    "TracingSettings",
    "UploadSettings",
    "default_data_folder",
    "load_settings",
]


class DatabaseSettings(Group, frozen=True):
    """Where PostgreSQL is. Without `FOLIOLENS_DATABASE_URL` an embedded one is started."""

    database_url: str | None = None
    database_pool_size: Annotated[int, Meta(ge=1, le=200)] = 10
    database_timeout: Annotated[float, Meta(gt=0, description="Seconds to wait for a connection.")] = 5.0


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part) for part in listed(text))
    except ValueError:
        raise ValueError("addresses and networks, like 10.0.0.0/8, separated by commas") from None


class HttpSettings(Group, frozen=True):
    """The address and the browser-facing rules."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    public_url: str | None = None
    cors_origins: Annotated[tuple[str, ...], listed] = ()
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        _networks,
        Meta(description="Whose `X-Forwarded-For` is believed: addresses and networks."),
    ] = ()
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 1024 * 1024
    max_in_flight: Annotated[
        int, Meta(ge=1, description="Requests under way in one process; the next ones are told 503.")
    ] = 200
    max_connections: Annotated[
        int, Meta(ge=1, description="Open connections of one process; the next ones wait for one.")
    ] = 4096
    log_format: Literal["auto", "json", "text"] = "auto"


class AccountSettings(Group, frozen=True):
    """Sign-in and tokens."""

    auto_confirm: bool = False
    access_token_seconds: Annotated[int, Meta(ge=60, le=86_400)] = 900
    refresh_token_days: Annotated[int, Meta(ge=1, le=365)] = 30
    code_minutes: Annotated[int, Meta(ge=1, le=24 * 60)] = 60


_SHORTEST_API_KEY = 16


def _api_keys(text: str) -> tuple[Secret, ...]:
    keys = listed(text)
    if any(len(key) < _SHORTEST_API_KEY for key in keys):
        raise ValueError(f"keys of {_SHORTEST_API_KEY} characters at least, separated by commas")
    return tuple(map(Secret, keys))


class AccessSettings(Group, frozen=True):
    """Who may use market data, sentiment and prediction, which belong to nobody."""

    anonymous_access: Literal["on", "off"] = "on"
    api_keys: Annotated[tuple[Secret, ...], _api_keys] = ()


class LimitSettings(Group, frozen=True):
    """Rate limits and soft limits."""

    rate_limits: Literal["on", "off"] = "on"
    rate_anonymous_per_minute: Annotated[int, Meta(ge=1)] = 100
    rate_user_per_hour: Annotated[int, Meta(ge=1)] = 1000
    rate_login_per_minute: Annotated[int, Meta(ge=1)] = 10
    max_portfolios: Annotated[int, Meta(ge=1)] = 1000
    max_holdings: Annotated[int, Meta(ge=1)] = 500
    max_shares: Annotated[int, Meta(ge=1, description="Links of one portfolio that work at one time.")] = 20


class UploadSettings(Group, frozen=True):
    """Uploads and the jobs behind them."""

    upload_max_bytes: Annotated[int, Meta(ge=1)] = 10 * 1024 * 1024
    upload_expiry_minutes: Annotated[int, Meta(ge=1)] = 15
    job_lease_seconds: Annotated[float, Meta(gt=0)] = 30.0
    job_max_attempts: Annotated[int, Meta(ge=1)] = 5
    job_grace_seconds: Annotated[
        float, Meta(ge=0, description="For a job under way when the server stops; then it is handed back.")
    ] = 10.0


def _physical_cores() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


_PERCENT = r"(100|[0-9]{1,2}(\.[0-9]+)?)\Z"
_ModelShare = Annotated[str, Meta(pattern=f"^(finbert|embedded):{_PERCENT}", examples=["finbert:25"])]
_EngineShare = Annotated[str, Meta(pattern=f"^(calibrated|original):{_PERCENT}", examples=["original:25"])]
_Address = Annotated[str, Meta(pattern="^https?://", examples=["https://example.com"])]


class SentimentSettings(Group, frozen=True):
    """Which model judges news, and how much of the machine it may take."""

    sentiment_model: Annotated[
        Literal["finbert", "embedded"] | None,
        Meta(description="Without it FinBERT where it was pulled, else the embedded model."),
    ] = None
    sentiment_fallback: Literal["embedded"] | None = None
    sentiment_rollout: Annotated[
        _ModelShare | None,
        Meta(description="`ENGINE:PERCENT` of the articles, by their `hash`, for another model."),
    ] = None
    sentiment_threads: Annotated[int, Meta(ge=1, le=64)] = field(default_factory=_physical_cores)
    sentiment_waiting: Annotated[int, Meta(ge=0, le=1000, description="Requests that may wait.")] = 64
    sentiment_cache_entries: Annotated[int, Meta(ge=0, description="Sentences, 300 bytes each.")] = 20_000
    model_mirror: _Address = "https://huggingface.co"


class PredictionSettings(Group, frozen=True):
    """Which engine predicts, and how many may wait for it; a fit takes a core a few milliseconds."""

    prediction_engine: Literal["calibrated", "original"] = "calibrated"
    prediction_rollout: Annotated[
        _EngineShare | None,
        Meta(description="`ENGINE:PERCENT` of the tickers for another engine, where a request names none."),
    ] = None
    prediction_waiting: Annotated[int, Meta(ge=0, le=1000)] = 64


class InferenceSettings(Group, frozen=True):
    """Where sentiments and predictions are computed."""

    inference_patience: Annotated[float, Meta(gt=0, le=60, description="Seconds to wait for a turn.")] = 2.0
    inference_socket: Annotated[
        Path | None, Meta(description="Of the inference process; `serve` tells its HTTP processes.")
    ] = None


class PriceSettings(Group, frozen=True):
    """Stored prices and the nightly refresh of the symbols that are held."""

    price_refresh_per_minute: Annotated[
        int, Meta(ge=1, le=1000, description="Of 500 requests an hour, Tiingo's free tier, 300 at most.")
    ] = 5
    price_cache_symbols: Annotated[int, Meta(ge=1, description="Series in memory, some 20 kB each.")] = 1000


def _provider_key(text: str) -> Secret | None:
    """An empty key is none; one with a blank or a line break inside could not be sent."""
    key = text.strip()
    if re.fullmatch(r"[!-~]*", key) is None:
        raise ValueError("a key without blanks and characters beyond ASCII")
    return Secret(key) if key else None


_ProviderKey = Annotated[Secret | None, _provider_key]
_ProviderUrl = Annotated[
    str, Meta(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?\Z", examples=["https://example.com/mirror"])
]


class MarketSettings(Group, frozen=True):
    """The providers of market data: keys, plans, patience, and how long they are left alone when down."""

    tiingo_api_key: _ProviderKey = None
    tiingo_url: _ProviderUrl = "https://api.tiingo.com"
    tiingo_quota_per_hour: Annotated[int, Meta(ge=0)] = 500
    polygon_api_key: _ProviderKey = None
    polygon_url: _ProviderUrl = "https://api.polygon.io"
    polygon_quota_per_minute: Annotated[int, Meta(ge=0)] = 5
    provider_attempts: Annotated[int, Meta(ge=1, le=10)] = 3
    provider_backoff: Annotated[float, Meta(ge=0, le=10, description="Seconds; the first pause at most.")] = (
        0.1
    )
    provider_connect_seconds: Annotated[float, Meta(gt=0, le=60)] = 0.5
    provider_breaker_failures: Annotated[int, Meta(ge=1, description="In a row, to open the circuit.")] = 5
    provider_breaker_seconds: Annotated[float, Meta(gt=0, description="Until one call tries again.")] = 30.0
    market_seconds: Annotated[float, Meta(gt=0, le=60, description="A provider's time in a request.")] = 1.2
    market_background_seconds: Annotated[float, Meta(gt=0, le=600, description="... and in a job.")] = 10.0
    market_cache_bytes: Annotated[int, Meta(ge=0)] = 512 * 1024 * 1024


class RiskSettings(Group, frozen=True):
    """What figures from prices refer to."""

    risk_free_rate: Annotated[float, Meta(gt=-1, le=1, description="A year, as a fraction.")] = 0.0
    benchmark: Annotated[str, Meta(pattern=r"^[A-Z0-9^][A-Z0-9.^=-]{0,19}\Z", examples=["VTI"])] = "SPY"


class TracingSettings(Group, frozen=True):
    """Where traces are sent, if anywhere."""

    otlp_endpoint: Annotated[
        _Address | None, Meta(description="A collector of OpenTelemetry's, over HTTP.")
    ] = None


class AwsDatabaseSettings(Group, frozen=True):
    """PostgreSQL on RDS, which functions sign in to by IAM."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    database_host: str
    database_port: int = 5432
    database_name: str = "foliolens"
    database_login: str = "foliolens_login"


class AwsEdgeSettings(Group, frozen=True):
    """What stands before the gateway."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    viewer_address_header: Annotated[
        str | None,
        Meta(description="Where CloudFront states the caller; only where nobody else gets through."),
    ] = None


class AwsStorageSettings(Group, frozen=True):
    """Where uploaded files are."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    bucket: str


class AwsAccountSettings(Group, frozen=True):
    """Where accounts are, and which function knows what the database holds of them."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    user_pool_id: str
    user_pool_client_id: str
    api_function: str
    device_parameter: str
    user_pool_keys_url: Annotated[str | None, Meta(description="Where Cognito is not the real one.")] = None


class AwsProviderSettings(Group, frozen=True):
    """Where the keys of the providers of market data are, and which function judges their news."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    provider_parameter: str
    sentiment_function: str


class AwsMetricSettings(Group, frozen=True):
    """What CloudWatch files our metrics under."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    metrics_namespace: str = "FolioLens"


class AwsMigrationSettings(Group, frozen=True):
    """What the migration's first function calls, and where it reads the owner's password."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    migrate_function: str
    database_secret: str


class AwsQueueSettings(Group, frozen=True):
    """The queue of arrived files, and the one of those given up: their URLs, for an operator."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    queue: str
    dead_letters: str


class AwsTableSettings(Group, frozen=True):
    """Where counters, caches and prices are."""

    prefix: ClassVar[str] = "FOLIOLENS_AWS_"

    table: str


class Settings(Struct, frozen=True, kw_only=True):
    """Everything a process needs to know, composed of the groups.

    Raises:
        SettingsError: It is not safe outside local mode.
    """

    mode: Literal["local", "aws"]
    data: Path
    database: DatabaseSettings
    http: HttpSettings
    accounts: AccountSettings
    access: AccessSettings
    limits: LimitSettings
    uploads: UploadSettings
    sentiment: SentimentSettings
    prediction: PredictionSettings
    prices: PriceSettings
    inference: InferenceSettings
    market: MarketSettings
    risk: RiskSettings
    tracing: TracingSettings

    def __post_init__(self) -> None:
        """Refuse what is not safe outside local mode."""
        if self.mode == "local":
            return
        if self.limits.rate_limits == "off":
            raise SettingsError("FOLIOLENS_RATE_LIMITS=off is for local tests only: remove it.")
        if self.accounts.auto_confirm:
            raise SettingsError("FOLIOLENS_AUTO_CONFIRM is for one machine only: remove it.")


class _Root(Group, frozen=True):
    mode: Literal["local", "aws"] = "local"
    data: Path | None = None


_WRITABLE_ON_LAMBDA = Path("/tmp/foliolens")  # noqa: S108 - an execution environment's own, and nobody else's


def default_data_folder(mode: Literal["local", "aws"]) -> Path:
    """The platform's place for application data of this user; on Lambda the one place that can be written."""
    if mode == "aws":
        return _WRITABLE_ON_LAMBDA
    from platformdirs import user_data_path  # noqa: PLC0415 - only the local mode needs it

    return user_data_path("foliolens", appauthor=False)


def load_settings(*, data: Path | None = None, http: HttpSettings | None = None) -> Settings:
    """Read the settings of this process.

    Args:
        data: The data folder, where the command line names one.
        http: The HTTP group, where the command line overrides it.

    Raises:
        SettingsError: A value is malformed, or unsafe outside local mode.
    """
    root = _Root.read()
    return Settings(
        mode=root.mode,
        data=(data or root.data or default_data_folder(root.mode)).expanduser().absolute(),
        database=DatabaseSettings.read(),
        http=http or HttpSettings.read(),
        accounts=AccountSettings.read(),
        access=AccessSettings.read(),
        limits=LimitSettings.read(),
        uploads=UploadSettings.read(),
        sentiment=SentimentSettings.read(),
        prediction=PredictionSettings.read(),
        prices=PriceSettings.read(),
        inference=InferenceSettings.read(),
        market=MarketSettings.read(),
        risk=RiskSettings.read(),
        tracing=TracingSettings.read(),
    )
