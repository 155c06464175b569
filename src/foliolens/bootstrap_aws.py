"""The twin of `bootstrap` on AWS: what each Lambda function works with, built from its environment.

Every import sits inside the function that needs it: a function's package holds what it uses and no more, and
its cold start pays for nothing else.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from foliolens.accounts.access import Access
    from foliolens.accounts.auth_service import AuthService
    from foliolens.accounts.deletion import AccountDeletion
    from foliolens.accounts.records import AccountRecords
    from foliolens.accounts.service import AccountService
    from foliolens.accounts.web_session import WebSessions
    from foliolens.adapters.aws.dead_letters import DeadLetters, Reasons
    from foliolens.adapters.aws.emf_metrics import EmfMetrics
    from foliolens.adapters.aws.gateway_identity import GatewayIdentity
    from foliolens.adapters.aws.streamed_jobs import StreamedJobs
    from foliolens.adapters.aws.xray_tracing import XRayTracing
    from foliolens.comparison.service import ComparisonService
    from foliolens.kit.database import Database
    from foliolens.kit.jobs import Handler
    from foliolens.kit.readiness import Check
    from foliolens.market.news import NewsService
    from foliolens.market.outlook import OutlookService
    from foliolens.market.service import MarketService
    from foliolens.market.stored_prices import StoredPrices
    from foliolens.portfolios.service import PortfolioService
    from foliolens.ports.clock import Clock
    from foliolens.ports.market import NewsProvider, PriceProvider
    from foliolens.ports.rate_counter import RateCounter
    from foliolens.prediction.models import EngineName, Forecast, MarketDays
    from foliolens.rebalancing.service import RebalancingService
    from foliolens.sentiment.models import Verdict
    from foliolens.sentiment.service import Judge, SentimentService
    from foliolens.settings import MarketSettings, Settings
    from foliolens.sharing.service import SharingService
    from foliolens.sharing.viewing import LinkViewer
    from foliolens.uploads.processing import UploadProcessor
    from foliolens.uploads.service import UploadService

__all__ = [
    "ApiServices",
    "AuthServices",
    "MarketServices",
    "api_services",
    "auth_services",
    "dead_letters",
    "function_metrics",
    "function_tracing",
    "give_up_reasons",
    "log_key",
    "market_services",
    "predictions",
    "scheduled_tasks",
    "sentiment",
    "starts_from_snapshot",
    "upload_processor",
]


_PRICE_PROVIDER = "Tiingo"
"""What `Tiingo` calls itself: functions without a way to it know by this name who was asked."""

_MINUTES_BETWEEN_ROUNDS = 5  # as the rule in `infra/stacks/service.py` says
_ROUNDS_OF_FORGETTING = 10  # a thousand symbols a night; each round reads the whole table


@cache
def function_metrics() -> "EmfMetrics":
    """What this function counts, written after each invocation."""
    from foliolens.adapters.aws.emf_metrics import EmfMetrics  # noqa: PLC0415
    from foliolens.settings import AwsMetricSettings  # noqa: PLC0415

    return EmfMetrics(AwsMetricSettings.read().metrics_namespace)


@cache
def function_tracing() -> "XRayTracing":
    """What tells X-Ray where an invocation's time goes, if it is traced."""
    from foliolens.adapters.aws.xray_tracing import XRayTracing  # noqa: PLC0415

    return XRayTracing()


def log_key() -> bytes | None:
    """What users are hashed with in the log: the same for all functions that know users.

    None where the table does not answer: a log without users is better than no function.
    """
    from foliolens.adapters.aws import clients  # noqa: PLC0415
    from foliolens.adapters.aws.shared_secret import load_or_create_secret  # noqa: PLC0415
    from foliolens.errors import ServiceUnavailable  # noqa: PLC0415
    from foliolens.settings import AwsTableSettings  # noqa: PLC0415

    try:
        return load_or_create_secret(AwsTableSettings.read().table, "log-key")
    except (clients.dynamodb().exceptions.ClientError, ServiceUnavailable):
        return None


class ApiServices(Struct, frozen=True):
    """What `lambda_api` answers with; the names are those of `bootstrap.Services`."""

    settings: "Settings"
    identity: "GatewayIdentity"
    access: "Access"
    accounts: "AccountService"
    portfolios: "PortfolioService"
    rebalancing: "RebalancingService"
    comparison: "ComparisonService"
    uploads: "UploadService"
    sharing: "SharingService"
    link_viewer: "LinkViewer"
    records: "AccountRecords"
    rate_counter: "RateCounter"
    readiness: "Mapping[str, Check]"


def api_services() -> ApiServices:
    """Everything behind the routes on user data, connected."""
    from datetime import timedelta  # noqa: PLC0415

    database = _database()  # first: it connects while the rest is imported

    from foliolens.accounts.access import Access  # noqa: PLC0415
    from foliolens.accounts.database_records import DatabaseRecords  # noqa: PLC0415
    from foliolens.accounts.service import AccountService  # noqa: PLC0415
    from foliolens.adapters.aws import clients  # noqa: PLC0415
    from foliolens.adapters.aws.dynamodb_rate_counter import DynamoDbRateCounter  # noqa: PLC0415
    from foliolens.adapters.aws.ended_sessions import EndedSessions  # noqa: PLC0415
    from foliolens.adapters.aws.gateway_identity import GatewayIdentity  # noqa: PLC0415
    from foliolens.adapters.aws.s3_store import S3ObjectStore  # noqa: PLC0415
    from foliolens.adapters.aws.security_trail import SecurityTrail  # noqa: PLC0415
    from foliolens.comparison.service import ComparisonService  # noqa: PLC0415
    from foliolens.portfolios.service import PortfolioService  # noqa: PLC0415
    from foliolens.portfolios.stored import StoredPortfolios  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.rebalancing.service import RebalancingService  # noqa: PLC0415
    from foliolens.risk.market.conventions import Conventions  # noqa: PLC0415
    from foliolens.risk.service import RiskService  # noqa: PLC0415
    from foliolens.settings import AwsStorageSettings, AwsTableSettings, load_settings  # noqa: PLC0415
    from foliolens.sharing.service import SharingService  # noqa: PLC0415
    from foliolens.sharing.viewing import LinkViewer  # noqa: PLC0415
    from foliolens.uploads.models import object_key  # noqa: PLC0415
    from foliolens.uploads.service import UploadService  # noqa: PLC0415

    clients.dynamodb()  # now, while Lambda gives the start a whole core, not with the first request
    settings, clock, table = load_settings(), SystemClock(), AwsTableSettings.read().table
    if starts_from_snapshot():
        clients.s3()  # else made by the few requests that are about files
        _outlive_snapshot(database)
    identity = GatewayIdentity(EndedSessions(table).of, SecurityTrail(table, clock).of)
    objects = S3ObjectStore(AwsStorageSettings.read().bucket, clock)
    prices = _stored_prices(settings, table, clock)
    conventions = Conventions(settings.risk.benchmark, settings.risk.risk_free_rate)
    risk = RiskService(clock, prices, conventions)
    stored = StoredPortfolios(
        clock, max_portfolios=settings.limits.max_portfolios, metrics=function_metrics()
    )
    portfolios = PortfolioService(stored, clock, risk, max_holdings=settings.limits.max_holdings)
    accounts = AccountService(identity, database, clock)
    return ApiServices(
        settings=settings,
        identity=identity,
        access=Access(identity, database, accounts.welcome),
        accounts=accounts,
        portfolios=portfolios,
        rebalancing=RebalancingService(prices, clock, risk),
        comparison=ComparisonService(risk, prices, clock, conventions),
        uploads=UploadService(
            clock,
            objects,
            stored,
            max_bytes=settings.uploads.upload_max_bytes,
            expiry=timedelta(minutes=settings.uploads.upload_expiry_minutes),
            metrics=function_metrics(),
        ),
        sharing=SharingService(stored, clock, settings.limits.max_shares),
        link_viewer=LinkViewer(database, portfolios, clock),
        records=DatabaseRecords(database, objects, object_key),
        rate_counter=DynamoDbRateCounter(table, clock),
        readiness={"database": database.check},
    )


class AuthServices(Struct, frozen=True):
    """What `lambda_auth` answers with; the names are those of `bootstrap.Services`."""

    settings: "Settings"
    auth: "AuthService"
    web_sessions: "WebSessions"
    account_deletion: "AccountDeletion"
    rate_counter: "RateCounter"


def auth_services() -> AuthServices:
    """Everything behind the routes that Cognito answers."""
    from foliolens.accounts.auth_service import AuthService  # noqa: PLC0415
    from foliolens.accounts.deletion import AccountDeletion  # noqa: PLC0415
    from foliolens.accounts.known_devices import KnownDevices  # noqa: PLC0415
    from foliolens.accounts.remote_records import RemoteRecords  # noqa: PLC0415
    from foliolens.accounts.throttle import AccountThrottle  # noqa: PLC0415
    from foliolens.accounts.web_session import Replays, WebSessions  # noqa: PLC0415
    from foliolens.adapters.aws import clients  # noqa: PLC0415
    from foliolens.adapters.aws.cognito import CognitoIdentity  # noqa: PLC0415
    from foliolens.adapters.aws.dynamodb_rate_counter import DynamoDbRateCounter  # noqa: PLC0415
    from foliolens.adapters.aws.ended_sessions import EndedSessions  # noqa: PLC0415
    from foliolens.adapters.aws.invocation import FunctionCall  # noqa: PLC0415
    from foliolens.adapters.aws.security_trail import SecurityTrail  # noqa: PLC0415
    from foliolens.adapters.aws.sign_in_failures import SignInFailures  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.settings import AwsAccountSettings, AwsTableSettings, load_settings  # noqa: PLC0415

    # Now, while Lambda gives the start a whole core, not with the first request.
    clients.cognito()
    clients.dynamodb()
    clients.functions()
    settings, clock, table = load_settings(), SystemClock(), AwsTableSettings.read().table
    accounts = AwsAccountSettings.read()
    identity = CognitoIdentity(
        accounts.user_pool_id,
        accounts.user_pool_client_id,
        ended=EndedSessions(table),
        failures=SignInFailures(table, clock),
        trail=SecurityTrail(table, clock),
        clock=clock,
        keys_url=accounts.user_pool_keys_url,
    )
    rate_counter = DynamoDbRateCounter(table, clock)
    limited = settings.limits.rate_limits == "on"
    throttle = AccountThrottle(rate_counter, settings.limits.rate_login_per_minute if limited else None)
    records = RemoteRecords(FunctionCall(accounts.api_function))
    devices = KnownDevices(_device_key(accounts.device_parameter), clock)
    auth = AuthService(identity, records, throttle, devices, function_metrics())
    return AuthServices(
        settings=settings,
        auth=auth,
        web_sessions=WebSessions(Replays(auth.refresh), settings.accounts.refresh_token_days * 24 * 3600),
        account_deletion=AccountDeletion(
            identity=identity,
            records=records,
            throttle=throttle,
            forget_mails=lambda _: None,  # Cognito mails codes itself, and keeps none
        ),
        rate_counter=rate_counter,
    )


def _device_key(name: str) -> bytes:
    """What known devices are signed with; the first start of all makes it."""
    from secrets import token_urlsafe  # noqa: PLC0415

    from foliolens.adapters.aws.parameters import made_once  # noqa: PLC0415

    return made_once(name, token_urlsafe(48)).encode()


class MarketServices(Struct, frozen=True):
    """What `lambda_market` answers with; the names are those of `bootstrap.Services`."""

    settings: "Settings"
    identity: "GatewayIdentity"
    market: "MarketService"
    news: "NewsService"
    outlook: "OutlookService"
    rate_counter: "RateCounter"
    jobs: "StreamedJobs"
    handlers: "Mapping[str, Handler]"


def market_services() -> MarketServices:
    """Everything behind the routes of market data, with the providers' keys read once.

    `handlers` do the jobs that the table's stream tells of, by their kind.
    """
    from foliolens.adapters.aws import clients  # noqa: PLC0415
    from foliolens.adapters.aws.dynamodb_cache import DynamoDbCache  # noqa: PLC0415
    from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore  # noqa: PLC0415
    from foliolens.adapters.aws.dynamodb_rate_counter import DynamoDbRateCounter  # noqa: PLC0415
    from foliolens.adapters.aws.ended_sessions import EndedSessions  # noqa: PLC0415
    from foliolens.adapters.aws.gateway_identity import GatewayIdentity  # noqa: PLC0415
    from foliolens.adapters.aws.invocation import FunctionCall  # noqa: PLC0415
    from foliolens.adapters.aws.streamed_jobs import StreamedJobs  # noqa: PLC0415
    from foliolens.adapters.inference.thread import ThreadInference  # noqa: PLC0415
    from foliolens.kit.capacity import Capacity  # noqa: PLC0415
    from foliolens.kit.jobs import Handler  # noqa: PLC0415
    from foliolens.market.fetching import PriceFetching  # noqa: PLC0415
    from foliolens.market.news import NewsService  # noqa: PLC0415
    from foliolens.market.news_sentiment import JUDGE_NEWS, NewsSentiment  # noqa: PLC0415
    from foliolens.market.outlook import OutlookService  # noqa: PLC0415
    from foliolens.market.price_orders import FETCH_PRICES  # noqa: PLC0415
    from foliolens.market.provider_history import ProviderHistory  # noqa: PLC0415
    from foliolens.market.reading import Reader  # noqa: PLC0415
    from foliolens.market.service import MarketService  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.prediction.forecasting import timed_forecast  # noqa: PLC0415
    from foliolens.prediction.service import PredictionService  # noqa: PLC0415
    from foliolens.sentiment.cache import JudgementCache  # noqa: PLC0415
    from foliolens.sentiment.remote import RemoteJudge  # noqa: PLC0415
    from foliolens.sentiment.service import SentimentService  # noqa: PLC0415
    from foliolens.settings import (  # noqa: PLC0415
        AwsProviderSettings,
        AwsTableSettings,
        MarketSettings,
        load_settings,
    )

    clients.dynamodb()  # now, while Lambda gives the start a whole core
    clients.functions()
    settings, clock, table = load_settings(), SystemClock(), AwsTableSettings.read().table
    granted = AwsProviderSettings.read()
    keyed = MarketSettings.read(**_provider_keys(granted.provider_parameter))
    counter = DynamoDbRateCounter(table, clock)
    cache, store = DynamoDbCache(table, clock), DynamoDbPriceStore(table, clock)
    jobs = StreamedJobs(table, clock)
    reader = Reader(cache, clock, metrics=function_metrics())
    market = MarketService(
        _price_provider(keyed, clock, counter),
        reader,
        clock,
        seconds=keyed.market_seconds,
        background_seconds=keyed.market_background_seconds,
    )
    news = NewsService(_news_provider(keyed, clock, counter), reader, clock, seconds=keyed.market_seconds)
    fetching = PriceFetching(store, ProviderHistory(market, _PRICE_PROVIDER, clock), clock)
    # Lambda sends an environment one request at a time: nobody waits for a turn here.
    sentiment = SentimentService(
        RemoteJudge(FunctionCall(granted.sentiment_function)),
        JudgementCache(settings.sentiment.sentiment_cache_entries),
        Capacity("sentiments", concurrent=1, waiting=0, patience=1.0),
        metrics=function_metrics(),
    )
    prediction = PredictionService(
        settings.prediction,
        ThreadInference(timed_forecast(function_metrics())),
        Capacity("predictions", concurrent=1, waiting=0, patience=1.0),
    )
    news_sentiment = NewsSentiment(news, sentiment, cache, jobs, clock)
    return MarketServices(
        settings=settings,
        identity=GatewayIdentity(EndedSessions(table).of),
        market=market,
        news=news,
        outlook=OutlookService(
            _stored_prices(settings, table, clock), store, news_sentiment, prediction, clock
        ),
        rate_counter=counter,
        jobs=jobs,
        handlers={
            FETCH_PRICES: Handler(fetching.fetch, fetching.give_up),
            JUDGE_NEWS: Handler(news_sentiment.judge, news_sentiment.give_up),
        },
    )


def _stored_prices(settings: "Settings", table: str, clock: "Clock") -> "StoredPrices":
    """What DynamoDB holds of prices; what it misses is ordered of the function `market`."""
    from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore  # noqa: PLC0415
    from foliolens.adapters.aws.streamed_jobs import StreamedJobs  # noqa: PLC0415
    from foliolens.market.nightly_provider import NightlyProvider  # noqa: PLC0415
    from foliolens.market.price_orders import PriceOrders  # noqa: PLC0415
    from foliolens.market.series_cache import SeriesCache  # noqa: PLC0415
    from foliolens.market.stored_prices import StoredPrices  # noqa: PLC0415

    store = DynamoDbPriceStore(table, clock)
    return StoredPrices(
        store,
        NightlyProvider(_PRICE_PROVIDER),
        PriceOrders(store, StreamedJobs(table, clock), clock).request,
        clock,
        SeriesCache(settings.prices.price_cache_symbols),
        function_metrics(),
    )


def _provider_keys(name: str) -> dict[str, str]:
    """The keys of the providers, an empty one for a provider that is not to be asked."""
    from foliolens.adapters.aws.parameters import stated  # noqa: PLC0415
    from foliolens.kit import json  # noqa: PLC0415

    keys = json.decode(stated(name) or "{}")
    return {f"{provider}_api_key": keys.get(provider) or "" for provider in ("tiingo", "polygon")}


def _price_provider(market: "MarketSettings", clock: "Clock", counter: "RateCounter") -> "PriceProvider":
    from foliolens.adapters.providers.keyless import KeylessPrices  # noqa: PLC0415
    from foliolens.adapters.providers.manners import Manners  # noqa: PLC0415
    from foliolens.adapters.providers.tiingo import Tiingo  # noqa: PLC0415

    if market.tiingo_api_key is None:
        return KeylessPrices(_PRICE_PROVIDER, "the key `tiingo` of the secret of providers")
    manners = Manners.stated(market, market.tiingo_quota_per_hour, 3600)
    # Open for the life of the execution environment, which ends without a word.
    provider = Tiingo(
        market.tiingo_url, market.tiingo_api_key, manners, clock, counter, metrics=function_metrics()
    )
    return provider.__enter__()


def _news_provider(market: "MarketSettings", clock: "Clock", counter: "RateCounter") -> "NewsProvider":
    from foliolens.adapters.providers.keyless import KeylessNews  # noqa: PLC0415
    from foliolens.adapters.providers.manners import Manners  # noqa: PLC0415
    from foliolens.adapters.providers.polygon import Polygon  # noqa: PLC0415

    if market.polygon_api_key is None:
        return KeylessNews("Polygon", "the key `polygon` of the secret of providers")
    manners = Manners.stated(market, market.polygon_quota_per_minute, 60)
    provider = Polygon(
        market.polygon_url, market.polygon_api_key, manners, clock, counter, metrics=function_metrics()
    )
    return provider.__enter__()


def predictions() -> "Callable[[MarketDays, EngineName | None], Forecast]":
    """What `lambda_predict` answers with. Lambda sends an environment one request at a time: none waits."""
    from foliolens.prediction.forecasting import engine_for, timed_forecast  # noqa: PLC0415
    from foliolens.settings import PredictionSettings  # noqa: PLC0415

    settings, forecast = PredictionSettings.read(), timed_forecast(function_metrics())
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
        choice = EngineChoice(settings.sentiment, settings.data, model, function_metrics())
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
        function_metrics(),
    )


def upload_processor() -> "UploadProcessor":
    """What `lambda_uploads` turns files into portfolios with."""
    database = _database()  # first: it connects while the rest is imported

    from foliolens.adapters.aws import clients  # noqa: PLC0415
    from foliolens.adapters.aws.s3_store import S3ObjectStore  # noqa: PLC0415
    from foliolens.portfolios.stored import StoredPortfolios  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.settings import AwsStorageSettings, LimitSettings, UploadSettings  # noqa: PLC0415
    from foliolens.uploads.processing import UploadProcessor  # noqa: PLC0415

    clients.s3()  # now, while Lambda gives the start a whole core, not with the first message
    clock, limits = SystemClock(), LimitSettings.read()
    return UploadProcessor(
        database,
        S3ObjectStore(AwsStorageSettings.read().bucket, clock),
        StoredPortfolios(clock, max_portfolios=limits.max_portfolios, metrics=function_metrics()),
        clock,
        max_bytes=UploadSettings.read().upload_max_bytes,
        max_holdings=limits.max_holdings,
        metrics=function_metrics(),
    )


def give_up_reasons() -> "Reasons":
    """Where `lambda_uploads` keeps why a message was given up."""
    from foliolens.adapters.aws.dead_letters import Reasons  # noqa: PLC0415
    from foliolens.settings import AwsStorageSettings  # noqa: PLC0415

    return Reasons(AwsStorageSettings.read().bucket)


def dead_letters() -> "DeadLetters":
    """What an operator looks at and puts back, with an operator's credentials."""
    from foliolens.adapters.aws.dead_letters import DeadLetters  # noqa: PLC0415
    from foliolens.settings import AwsQueueSettings  # noqa: PLC0415

    settings = AwsQueueSettings.read()
    return DeadLetters(settings.dead_letters, settings.queue, give_up_reasons())


def scheduled_tasks() -> dict[str, dict[str, Callable[[], int]]]:
    """What `lambda_schedule` does, by the group that a rule asks for."""
    database = _database()  # first: it connects while the rest is imported

    from functools import partial  # noqa: PLC0415

    from foliolens.adapters.aws import clients  # noqa: PLC0415
    from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore  # noqa: PLC0415
    from foliolens.adapters.aws.s3_announcer import S3Announcer  # noqa: PLC0415
    from foliolens.adapters.aws.s3_store import S3ObjectStore  # noqa: PLC0415
    from foliolens.adapters.aws.streamed_jobs import StreamedJobs  # noqa: PLC0415
    from foliolens.kit.retention import forget_idempotency_keys  # noqa: PLC0415
    from foliolens.market.nightly_provider import NightlyProvider  # noqa: PLC0415
    from foliolens.market.price_orders import PriceOrders  # noqa: PLC0415
    from foliolens.market.price_refresh import PriceRefresh  # noqa: PLC0415
    from foliolens.portfolios.held_symbols import held_symbols  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.settings import AwsStorageSettings, AwsTableSettings, PriceSettings  # noqa: PLC0415
    from foliolens.sharing.retention import forget_expired_shares  # noqa: PLC0415
    from foliolens.uploads.retention import expire_overdue  # noqa: PLC0415

    clients.s3()
    clients.dynamodb()
    clock, bucket = SystemClock(), AwsStorageSettings.read().bucket
    announce = S3Announcer(bucket).announce
    table = AwsTableSettings.read().table
    store = DynamoDbPriceStore(table, clock)
    prices = PriceRefresh(
        store,
        NightlyProvider(_PRICE_PROVIDER),
        PriceOrders(store, StreamedJobs(table, clock), clock),
        clock,
        held_symbols=partial(held_symbols, database),
        ordered_a_round=PriceSettings.read().price_refresh_per_minute * _MINUTES_BETWEEN_ROUNDS,
    )
    return {
        "clean": {
            "expireUploads": partial(expire_overdue, database, S3ObjectStore(bucket, clock), announce, clock),
            "forgetIdempotencyKeys": partial(forget_idempotency_keys, database),
            "forgetExpiredShares": partial(forget_expired_shares, database, clock),
        },
        "refresh_prices": {"orderPrices": prices.refresh},
        "forget_prices": {"forgetPrices": partial(prices.forget, rounds=_ROUNDS_OF_FORGETTING)},
    }


def starts_from_snapshot() -> bool:
    """Whether this process is the one whose memory is kept, and from which others go on."""
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"


def _outlive_snapshot(database: "Database") -> None:
    """Carry no connection into a snapshot: who goes on from it would wait on one whose other end is gone.

    Nothing else in it must be fresh or unshared: tokens for the database are signed for each connection,
    botocore looks at the age of its credentials, ids come from the system, and of the time nothing is kept.
    `random` gives jitter only; it is seeded anew, lest all go on with the same pauses.
    """
    import random  # noqa: PLC0415

    from snapshot_restore_py import register_after_restore, register_before_snapshot  # noqa: PLC0415

    from foliolens.adapters.aws import clients  # noqa: PLC0415

    register_before_snapshot(clients.disconnect)
    register_after_restore(database.renew)
    register_after_restore(random.seed)


def _database() -> "Database":
    """One connection for the life of the execution environment, replaced when it turns out to be broken."""
    from foliolens.kit.database import Database  # noqa: PLC0415
    from foliolens.settings import AwsDatabaseSettings, DatabaseSettings  # noqa: PLC0415

    stated = DatabaseSettings.read()
    if stated.database_url is not None:
        url: str | Callable[[], str] = stated.database_url
    else:
        from foliolens.adapters.aws.rds import signed_in  # noqa: PLC0415

        url = signed_in(AwsDatabaseSettings.read())
    database = Database(url, pool_size=1, timeout=stated.database_timeout, tracing=function_tracing())
    database.open(wait=False)  # the start goes on meanwhile
    return database
