"""The twin of `bootstrap` on AWS: what each Lambda function works with, built from its environment.

Every import sits inside the function that needs it: a function's package holds what it uses and no more, and
its cold start pays for nothing else.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foliolens.kit.database import Database
    from foliolens.prediction.models import EngineName, Forecast, MarketDays
    from foliolens.sentiment.models import Verdict
    from foliolens.sentiment.service import Judge, SentimentService
    from foliolens.uploads.processing import UploadProcessor

__all__ = ["predictions", "sentiment", "upload_processor"]


def predictions() -> "Callable[[MarketDays, EngineName | None], Forecast]":
    """What `lambda_predict` answers with. Lambda sends an environment one request at a time: none waits."""
    from foliolens.prediction.service import engine_for, forecast  # noqa: PLC0415
    from foliolens.settings import PredictionSettings  # noqa: PLC0415

    settings = PredictionSettings()
    return lambda market, engine: forecast((engine or engine_for(market.ticker, settings), market))


def sentiment() -> "SentimentService":
    """What `lambda_sentiment` answers with, its model loaded; one request at a time, so in one thread."""
    from foliolens.kit.capacity import Capacity  # noqa: PLC0415
    from foliolens.kit.rollout import Rollout  # noqa: PLC0415
    from foliolens.sentiment.cache import JudgementCache  # noqa: PLC0415
    from foliolens.sentiment.choice import EngineChoice  # noqa: PLC0415
    from foliolens.sentiment.service import SentimentService  # noqa: PLC0415
    from foliolens.settings import load_settings  # noqa: PLC0415

    settings = load_settings()

    def judge(model: str | None = None) -> "Judge":
        choice = EngineChoice(settings.sentiment, settings.data, model)
        choice.engine()

        async def judge(sentences: Sequence[str]) -> "Verdict":
            return choice.judge(sentences)

        return judge

    rollout = Rollout.stated(settings.sentiment.sentiment_rollout)
    return SentimentService(
        judge(),
        JudgementCache(settings.sentiment.sentiment_cache_entries),
        Capacity("sentiments", concurrent=1, waiting=0, patience=1.0),
        None if rollout is None else (rollout, judge(rollout.engine)),
    )


def upload_processor() -> "UploadProcessor":
    """What `lambda_uploads` turns files into portfolios with."""
    from foliolens.adapters.aws import clients  # noqa: PLC0415
    from foliolens.adapters.aws.s3_store import S3ObjectStore  # noqa: PLC0415
    from foliolens.portfolios.service import PortfolioService  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.ports.prices import NoPrices  # noqa: PLC0415
    from foliolens.risk.market.conventions import Conventions  # noqa: PLC0415
    from foliolens.risk.service import RiskService  # noqa: PLC0415
    from foliolens.settings import AwsStorageSettings, LimitSettings, UploadSettings  # noqa: PLC0415
    from foliolens.uploads.processing import UploadProcessor  # noqa: PLC0415

    clients.s3()  # now, while Lambda gives the start a whole core, not with the first message
    clock, limits = SystemClock(), LimitSettings()
    return UploadProcessor(
        _database(),
        S3ObjectStore(AwsStorageSettings().bucket, clock),
        PortfolioService(
            clock,
            # A new portfolio is scored by long-run figures: nothing is worth waiting for while it is written.
            RiskService(clock, NoPrices(), Conventions()),
            max_portfolios=limits.max_portfolios,
            max_holdings=limits.max_holdings,
        ),
        clock,
        max_bytes=UploadSettings().upload_max_bytes,
        max_holdings=limits.max_holdings,
    )


def _database() -> "Database":
    """One connection for the life of the execution environment, replaced when it turns out to be broken."""
    from foliolens.kit.database import Database  # noqa: PLC0415
    from foliolens.settings import AwsDatabaseSettings, DatabaseSettings  # noqa: PLC0415

    stated = DatabaseSettings()
    if stated.database_url is not None:
        url: str | Callable[[], str] = stated.database_url
    else:
        from foliolens.adapters.aws.rds import signed_in  # noqa: PLC0415

        url = signed_in(AwsDatabaseSettings())
    database = Database(url, pool_size=1, timeout=stated.database_timeout)
    database.open()
    return database
