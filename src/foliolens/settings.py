"""Settings: small typed groups, read from the environment (`FOLIOLENS_*`) and a `.env` file.

Nothing is read at import; `load_settings` is called once by each entry point.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, IPvAnyNetwork, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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


class _Group(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="FOLIOLENS_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        validate_default=False,
        defer_build=True,  # a process reads some of the groups, and each takes a millisecond to prepare
    )


def _split(values: dict[str, object], name: str) -> dict[str, object]:
    """Take a list that the environment separates by commas apart."""
    joined = values.get(name)
    if not isinstance(joined, str):
        return values
    return {**values, name: tuple(part.strip() for part in joined.split(",") if part.strip())}


class DatabaseSettings(_Group):
    """Where PostgreSQL is. Without `FOLIOLENS_DATABASE_URL` an embedded one is started."""

    database_url: str | None = None
    database_pool_size: int = Field(default=10, ge=1, le=200)
    database_timeout: float = Field(default=5.0, gt=0, description="Seconds to wait for a connection.")


class HttpSettings(_Group):
    """The address and the browser-facing rules."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        default=(), description="Whose `X-Forwarded-For` is believed: addresses and networks."
    )
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    max_in_flight: int = Field(
        default=200, ge=1, description="Requests under way in one process; the next ones are told 503."
    )
    max_connections: int = Field(
        default=4096, ge=1, description="Open connections of one process; the next ones wait for one."
    )
    log_format: Literal["auto", "json", "text"] = "auto"

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        return _split(_split(values, "cors_origins"), "trusted_proxies")


class AccountSettings(_Group):
    """Sign-in and tokens."""

    auto_confirm: bool = False
    access_token_seconds: int = Field(default=900, ge=60, le=86_400)
    refresh_token_days: int = Field(default=30, ge=1, le=365)
    code_minutes: int = Field(default=60, ge=1, le=24 * 60)


class AccessSettings(_Group):
    """Who may use market data, sentiment and prediction, which belong to nobody."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    anonymous_access: Literal["on", "off"] = "on"
    api_keys: Annotated[tuple[Annotated[SecretStr, Field(min_length=16)], ...], NoDecode] = ()

    @model_validator(mode="before")
    @classmethod
    def _split_keys(cls, values: dict[str, object]) -> dict[str, object]:
        return _split(values, "api_keys")


class LimitSettings(_Group):
    """Rate limits and soft limits."""

    rate_limits: Literal["on", "off"] = "on"
    rate_anonymous_per_minute: int = Field(default=100, ge=1)
    rate_user_per_hour: int = Field(default=1000, ge=1)
    rate_login_per_minute: int = Field(default=10, ge=1)
    max_portfolios: int = Field(default=1000, ge=1)
    max_holdings: int = Field(default=500, ge=1)
    max_shares: int = Field(default=20, ge=1, description="Links of one portfolio that work at one time.")


class UploadSettings(_Group):
    """Uploads and the jobs behind them."""

    upload_max_bytes: int = Field(default=10 * 1024 * 1024, ge=1)
    upload_expiry_minutes: int = Field(default=15, ge=1)
    job_lease_seconds: float = Field(default=30.0, gt=0)
    job_max_attempts: int = Field(default=5, ge=1)
    job_grace_seconds: float = Field(
        default=10.0, ge=0, description="For a job under way when the server stops; then it is handed back."
    )


def _physical_cores() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


_PERCENT = r"(100|[0-9]{1,2}(\.[0-9]+)?)"


class SentimentSettings(_Group):
    """Which model judges news, and how much of the machine it may take."""

    sentiment_model: Literal["finbert", "embedded"] | None = Field(
        default=None, description="Without it FinBERT where it was pulled, else the embedded model."
    )
    sentiment_fallback: Literal["embedded"] | None = None
    sentiment_rollout: str | None = Field(
        default=None,
        pattern=rf"^(finbert|embedded):{_PERCENT}$",
        description="`ENGINE:PERCENT` of the articles, by their `hash`, for another model.",
    )
    sentiment_threads: int = Field(default_factory=_physical_cores, ge=1, le=64)
    sentiment_waiting: int = Field(default=64, ge=0, le=1000, description="Requests that may wait.")
    sentiment_cache_entries: int = Field(default=20_000, ge=0, description="Sentences, 300 bytes each.")
    model_mirror: str = Field(default="https://huggingface.co", pattern="^https?://")


class PredictionSettings(_Group):
    """Which engine predicts, and how many may wait for it; a fit takes a core a few milliseconds."""

    prediction_engine: Literal["calibrated", "original"] = "calibrated"
    prediction_rollout: str | None = Field(
        default=None,
        pattern=rf"^(calibrated|original):{_PERCENT}$",
        description="`ENGINE:PERCENT` of the tickers for another engine, where a request names none.",
    )
    prediction_waiting: int = Field(default=64, ge=0, le=1000)


class InferenceSettings(_Group):
    """Where sentiments and predictions are computed."""

    inference_patience: float = Field(default=2.0, gt=0, le=60, description="Seconds to wait for a turn.")
    inference_socket: Path | None = Field(
        default=None, description="Of the inference process; `serve` tells its HTTP processes."
    )


class PriceSettings(_Group):
    """Stored prices and the nightly refresh of the symbols that are held."""

    price_refresh_per_minute: int = Field(
        default=5, ge=1, le=1000, description="Of 500 requests an hour, Tiingo's free tier, 300 at most."
    )
    price_cache_symbols: int = Field(default=1000, ge=1, description="Series in memory, some 20 kB each.")


def _usable_key(key: SecretStr | None) -> SecretStr | None:
    """An empty key is none; one with a blank or a line break inside could not be sent."""
    if key is None or not key.get_secret_value().strip():
        return None
    stripped = key.get_secret_value().strip()
    if not re.fullmatch(r"[!-~]+", stripped):
        raise ValueError("a key has no blanks and no characters beyond ASCII")
    return SecretStr(stripped)


_ProviderKey = Annotated[SecretStr | None, AfterValidator(_usable_key)]
_ProviderUrl = Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$")]


class MarketSettings(_Group):
    """The providers of market data: keys, plans, patience, and how long they are left alone when down."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    tiingo_api_key: _ProviderKey = None
    tiingo_url: _ProviderUrl = "https://api.tiingo.com"
    tiingo_quota_per_hour: int = Field(default=500, ge=0)
    polygon_api_key: _ProviderKey = None
    polygon_url: _ProviderUrl = "https://api.polygon.io"
    polygon_quota_per_minute: int = Field(default=5, ge=0)
    provider_attempts: int = Field(default=3, ge=1, le=10)
    provider_backoff: float = Field(default=0.1, ge=0, le=10, description="Seconds; the first pause at most.")
    provider_connect_seconds: float = Field(default=0.5, gt=0, le=60)
    provider_breaker_failures: int = Field(default=5, ge=1, description="In a row, to open the circuit.")
    provider_breaker_seconds: float = Field(default=30.0, gt=0, description="Until one call tries again.")
    market_seconds: float = Field(default=1.2, gt=0, le=60, description="A provider's time in a request.")
    market_background_seconds: float = Field(default=10.0, gt=0, le=600, description="... and in a job.")
    market_cache_bytes: int = Field(default=512 * 1024 * 1024, ge=0)


class RiskSettings(_Group):
    """What figures from prices refer to."""

    risk_free_rate: float = Field(default=0.0, gt=-1, le=1, description="A year, as a fraction.")
    benchmark: str = Field(default="SPY", pattern=r"^[A-Z0-9^][A-Z0-9.^=-]{0,19}$")


class TracingSettings(_Group):
    """Where traces are sent, if anywhere."""

    otlp_endpoint: str | None = Field(
        default=None, pattern="^https?://", description="A collector of OpenTelemetry's, over HTTP."
    )


class AwsDatabaseSettings(_Group):
    """PostgreSQL on RDS, which functions sign in to by IAM."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    database_host: str
    database_port: int = 5432
    database_name: str = "foliolens"
    database_login: str = "foliolens_login"


class AwsEdgeSettings(_Group):
    """What stands before the gateway."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    viewer_address_header: str | None = Field(
        default=None, description="Where CloudFront states the caller; only where nobody else gets through."
    )


class AwsStorageSettings(_Group):
    """Where uploaded files are."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    bucket: str


class AwsAccountSettings(_Group):
    """Where accounts are, and which function knows what the database holds of them."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    user_pool_id: str
    user_pool_client_id: str
    user_pool_keys_url: str | None = Field(default=None, description="Where Cognito is not the real one.")
    api_function: str
    device_secret: str


class AwsProviderSettings(_Group):
    """Where the keys of the providers of market data are, and which function judges their news."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    provider_secret: str
    sentiment_function: str


class AwsMetricSettings(_Group):
    """What CloudWatch files our metrics under."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    metrics_namespace: str = "FolioLens"


class AwsMigrationSettings(_Group):
    """What the migration's first function calls, and where it reads the owner's password."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    migrate_function: str
    database_secret: str


class AwsQueueSettings(_Group):
    """The queue of arrived files, and the one of those given up: their URLs, for an operator."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    queue: str
    dead_letters: str


class AwsTableSettings(_Group):
    """Where counters, caches and prices are."""

    model_config = SettingsConfigDict(env_prefix="FOLIOLENS_AWS_", frozen=True, extra="ignore")

    table: str


class Settings(BaseModel):
    """Everything a process needs to know, composed of the groups."""

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

    @model_validator(mode="after")
    def _refuse_unsafe_defaults(self) -> Self:
        if self.mode == "local":
            return self
        if self.limits.rate_limits == "off":
            raise ValueError("FOLIOLENS_RATE_LIMITS=off is for local tests only: remove it")
        if self.accounts.auto_confirm:
            raise ValueError("FOLIOLENS_AUTO_CONFIRM is for one machine only: remove it")
        return self


class _Root(_Group):
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
        pydantic.ValidationError: A value is malformed, or unsafe outside local mode.
    """
    root = _Root()
    return Settings(
        mode=root.mode,
        data=(data or root.data or default_data_folder(root.mode)).expanduser().absolute(),
        database=DatabaseSettings(),
        http=http or HttpSettings(),
        accounts=AccountSettings(),
        access=AccessSettings(),
        limits=LimitSettings(),
        uploads=UploadSettings(),
        sentiment=SentimentSettings(),
        prediction=PredictionSettings(),
        prices=PriceSettings(),
        inference=InferenceSettings(),
        market=MarketSettings(),
        risk=RiskSettings(),
        tracing=TracingSettings(),
    )
