"""The only place that chooses adapters: settings in, services out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from starlette.types import ASGIApp

from foliolens.accounts.access import Access
from foliolens.accounts.auth_service import AuthService
from foliolens.accounts.database_records import DatabaseRecords
from foliolens.accounts.deletion import AccountDeletion
from foliolens.accounts.known_devices import KnownDevices
from foliolens.accounts.service import AccountService
from foliolens.accounts.throttle import AccountThrottle
from foliolens.accounts.web_session import Replays, WebSessions
from foliolens.adapters.inference.client import ProcessInference, state
from foliolens.adapters.inference.thread import ThreadInference
from foliolens.adapters.local.disk_store import DiskObjectStore, load_or_create_secret
from foliolens.adapters.local.heartbeats import Heartbeats
from foliolens.adapters.local.identity import LocalIdentity
from foliolens.adapters.local.object_receiver import ObjectReceiver
from foliolens.adapters.local.outbox import Outbox
from foliolens.adapters.local.postgres import EmbeddedPostgres, kept_running, recorded_url, running_url
from foliolens.adapters.local.postgres_cache import PostgresCache
from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.adapters.local.postgres_rate_counter import PostgresRateCounter
from foliolens.adapters.local.prometheus_metrics import PrometheusMetrics
from foliolens.adapters.local.shared_rate_counter import SharedRateCounter
from foliolens.adapters.providers.keyless import KeylessNews
from foliolens.adapters.providers.manners import Manners
from foliolens.comparison.service import ComparisonService
from foliolens.errors import ServiceUnavailable
from foliolens.kit.capacity import Capacity
from foliolens.kit.database import Database
from foliolens.kit.jobs import Handler, Workload
from foliolens.kit.readiness import Check, check_workers
from foliolens.kit.retention import forget_dead_letters, forget_idempotency_keys
from foliolens.kit.rollout import Rollout
from foliolens.market.fetching import PriceFetching
from foliolens.market.local_prices import LocalPrices
from foliolens.market.news import NewsService
from foliolens.market.news_sentiment import JUDGE_NEWS, NewsSentiment
from foliolens.market.outlook import OutlookService
from foliolens.market.price_folder import PriceFolder
from foliolens.market.price_orders import FETCH_PRICES, PriceOrders
from foliolens.market.price_refresh import PriceRefresh
from foliolens.market.provider_history import ProviderHistory
from foliolens.market.reading import Reader
from foliolens.market.series_cache import SeriesCache
from foliolens.market.service import MarketService
from foliolens.market.stored_prices import StoredPrices
from foliolens.operations.service import OperationsService
from foliolens.portfolios.held_symbols import held_symbols
from foliolens.portfolios.service import PortfolioService
from foliolens.portfolios.stored import StoredPortfolios
from foliolens.ports.clock import Clock, SystemClock
from foliolens.ports.inference import Inference
from foliolens.ports.job_queue import JobQueue
from foliolens.ports.market import NewsProvider, PriceProvider
from foliolens.ports.metrics import Metrics, ServerMetrics
from foliolens.ports.prices import PriceReader, PriceStore
from foliolens.ports.rate_counter import RateCounter
from foliolens.ports.tracing import NO_TRACING, Tracing
from foliolens.prediction.forecasting import PREDICTION, timed_forecast
from foliolens.prediction.service import PredictionService
from foliolens.rebalancing.service import RebalancingService
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.service import RiskService
from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.choice import ROLLED_OUT, SENTIMENT, EngineChoice
from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.service import Judge, SentimentService
from foliolens.settings import MarketSettings, Settings
from foliolens.sharing.retention import forget_expired_shares
from foliolens.sharing.service import SharingService
from foliolens.sharing.viewing import LinkViewer
from foliolens.uploads.models import object_key
from foliolens.uploads.processing import OBJECT_CREATED, UploadProcessor
from foliolens.uploads.retention import expire_overdue
from foliolens.uploads.service import UploadService

__all__ = [
    "Services",
    "database_address",
    "database_server",
    "log_key",
    "make_operator",
    "open_services",
    "present_database_url",
]

_PRICE_CONNECTIONS = 4
_PROVIDER_LEASE = timedelta(minutes=5)  # ten symbols, or 500 articles, of a provider that may be slow


class Services(Struct, frozen=True):
    """Everything an entry point hands to routes and workers.

    Attributes:
        settings: What they were built from.
        access: Turns tokens into callers.
        auth: Registration and sign-in.
        web_sessions: How the web app keeps its sessions.
        accounts: Profile, preferences, export.
        account_deletion: The end of an account.
        portfolios: Portfolios and their analysis.
        rebalancing: Plans of trades.
        comparison: Portfolios side by side.
        uploads: The client's side of uploads.
        sharing: The owner's side of links.
        link_viewer: What links show to whoever has one.
        sentiment: Judges news.
        prediction: Predicts the direction of prices.
        prices: Reads stored prices, and has missing ones fetched.
        price_store: Where they are.
        market: Prices, descriptions and search of tickers.
        news: News about them.
        outlook: What is known of one of them, together.
        workloads: Where jobs wait, and what is done with them.
        rate_counter: Counts requests.
        metrics: Count what is done, how it goes, and how fast.
        tracing: Makes spans of what is done.
        operations: What whoever runs the server sees.
        object_receiver: The HTTP side of the local object store; None where storage has its own.
        readiness: What work needs, by name.
        retention: What is cleaned up regularly.
    """

    settings: Settings
    access: Access
    auth: AuthService
    web_sessions: WebSessions
    accounts: AccountService
    account_deletion: AccountDeletion
    portfolios: PortfolioService
    rebalancing: RebalancingService
    comparison: ComparisonService
    uploads: UploadService
    sharing: SharingService
    link_viewer: LinkViewer
    sentiment: SentimentService
    prediction: PredictionService
    prices: PriceReader
    price_store: PriceStore
    market: MarketService
    news: NewsService
    outlook: OutlookService
    workloads: Sequence[Workload]
    rate_counter: RateCounter
    metrics: ServerMetrics
    tracing: Tracing
    operations: OperationsService
    object_receiver: ASGIApp | None
    readiness: Mapping[str, Check]
    retention: Sequence[Callable[[], int]]


@contextmanager
def database_server(settings: Settings) -> Iterator[str]:
    """Make sure there is a database, and tell its URL: the configured one, or an embedded one we start.

    Raises:
        EmbeddedPostgresError: It could not be started.
    """
    if settings.database.database_url:
        yield settings.database.database_url
        return
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with EmbeddedPostgres(settings.data / "postgres") as server, kept_running(server):
        yield server.url


def database_address(settings: Settings) -> str | Callable[[], str]:
    """How to connect to a database that may be down now: the embedded one may come back on another port."""
    return settings.database.database_url or partial(_recorded_url, settings.data / "postgres")


def _recorded_url(folder: Path) -> str:
    url = recorded_url(folder)
    if url is None:
        raise ServiceUnavailable("There is no database in the data folder.")
    return url


def present_database_url(settings: Settings) -> str | None:
    """The URL of the database that is there already; None where an embedded one is not running."""
    return settings.database.database_url or running_url(settings.data / "postgres")


def log_key(settings: Settings) -> bytes:
    """What users are hashed with in the log: of this data folder alone."""
    return load_or_create_secret(settings.data / "secrets" / "log.key")


@contextmanager
def open_services(settings: Settings, database_url: str | Callable[[], str]) -> Iterator[Services]:
    """Build the services of one process around an open database pool.

    Args:
        settings: Of this machine.
        database_url: How to connect, or what tells it for each connection.

    Raises:
        TracingUnavailable: Traces are asked for, and the extra `tracing` is not installed.
    """
    with _tracing(settings) as tracing, _services_around(settings, database_url, tracing) as services:
        yield services


@contextmanager
def _tracing(settings: Settings) -> Iterator[Tracing]:
    if settings.tracing.otlp_endpoint is None:
        yield NO_TRACING
        return
    from foliolens.adapters.tracing.otlp import OtlpTracing  # noqa: PLC0415 - loads what most do without

    tracing = OtlpTracing(settings.tracing.otlp_endpoint)
    try:
        yield tracing
    finally:
        tracing.close()


@contextmanager
def _services_around(
    settings: Settings, database_url: str | Callable[[], str], tracing: Tracing
) -> Iterator[Services]:
    database = Database(
        database_url,
        pool_size=settings.database.database_pool_size,
        timeout=settings.database.database_timeout,
        tracing=tracing,
    )
    # Prices are read while a connection of the other pool is held: from one pool, requests could wait for
    # each other in a ring.
    price_database = Database(
        database_url,
        pool_size=_PRICE_CONNECTIONS,
        timeout=settings.database.database_timeout,
        tracing=tracing,
    )
    lease = timedelta(seconds=settings.uploads.job_lease_seconds)
    queue = PostgresJobQueue(database, lease, tracing=tracing)
    price_queue = PostgresJobQueue(database, _PROVIDER_LEASE, "prices", tracing)
    news_queue = PostgresJobQueue(database, _PROVIDER_LEASE, "news", tracing)
    with ExitStack() as stack:
        for pool in (database, price_database):
            pool.open()
            stack.callback(pool.close)
        for each in (queue, price_queue, news_queue):
            stack.callback(each.close)
        price_store = PostgresPriceStore(price_database)
        yield _services(settings, database, price_store, queue, price_queue, news_queue, tracing, stack)


def _sentiment_service(settings: Settings, metrics: Metrics) -> SentimentService:
    def judge(task: str, model: str | None = None) -> Judge:
        choice = EngineChoice(settings.sentiment, settings.data, model, metrics)
        return _inference(settings, task, choice.judge)

    rollout = Rollout.stated(settings.sentiment.sentiment_rollout)
    return SentimentService(
        judge(SENTIMENT),
        JudgementCache(settings.sentiment.sentiment_cache_entries),
        _capacity(settings, "sentiments", settings.sentiment.sentiment_waiting),
        None if rollout is None else (rollout, judge(ROLLED_OUT, rollout.engine)),
        metrics,
    )


def _prediction_service(settings: Settings, metrics: Metrics) -> PredictionService:
    return PredictionService(
        settings.prediction,
        _inference(settings, PREDICTION, timed_forecast(metrics)),
        _capacity(settings, "predictions", settings.prediction.prediction_waiting),
    )


def _leases(settings: Settings) -> dict[str, float]:
    provider = _PROVIDER_LEASE.total_seconds()
    return {"uploads": settings.uploads.job_lease_seconds, "prices": provider, "news": provider}


def _models_check(settings: Settings) -> Check:
    rollout = Rollout.stated(settings.sentiment.sentiment_rollout)
    names = (None,) if rollout is None else (None, rollout.engine)
    choices = [EngineChoice(settings.sentiment, settings.data, name) for name in names]

    def check() -> str:
        try:
            for choice in choices:
                choice.installed()
        except ModelUnusable as error:
            raise ServiceUnavailable(f"The sentiment model {error.name} cannot be used.") from error
        socket = settings.inference.inference_socket
        return "ready" if socket is None else state(socket)

    return check


def _inference(settings: Settings, task: str, calculate: Callable[[Any], Any]) -> Inference[Any, Any]:
    socket = settings.inference.inference_socket
    return ThreadInference(calculate) if socket is None else ProcessInference(socket, task)


def _capacity(settings: Settings, work: str, waiting: int) -> Capacity:
    # One at a time, with as many threads as there are cores: more would only slow each other.
    return Capacity(work, concurrent=1, waiting=waiting, patience=settings.inference.inference_patience)


def _price_provider(
    settings: Settings,
    store: PostgresPriceStore,
    clock: Clock,
    counter: RateCounter,
    metrics: Metrics,
    closing: ExitStack,
) -> PriceProvider:
    market = settings.market
    if market.tiingo_api_key is None:
        folder = _price_folder(settings)
        advice = "set FOLIOLENS_TIINGO_API_KEY, or put a price file into prices/ of the data folder"
        return LocalPrices(folder, store, store.symbols, advice)
    # Here and below: what asks over HTTP takes 0.2 s to import, and many machines have no key.
    from foliolens.adapters.providers.tiingo import Tiingo  # noqa: PLC0415

    manners = Manners.stated(market, market.tiingo_quota_per_hour, 3600)
    asked = Tiingo(market.tiingo_url, market.tiingo_api_key, manners, clock, counter, metrics=metrics)
    return closing.enter_context(asked)


def _news_provider(
    market: MarketSettings, clock: Clock, counter: RateCounter, metrics: Metrics, closing: ExitStack
) -> NewsProvider:
    if market.polygon_api_key is None:
        return KeylessNews("Polygon", "FOLIOLENS_POLYGON_API_KEY")
    from foliolens.adapters.providers.polygon import Polygon  # noqa: PLC0415

    manners = Manners.stated(market, market.polygon_quota_per_minute, 60)
    asked = Polygon(market.polygon_url, market.polygon_api_key, manners, clock, counter, metrics=metrics)
    return closing.enter_context(asked)


def _price_folder(settings: Settings) -> PriceFolder:
    return PriceFolder(settings.data / "prices")


def _services(
    settings: Settings,
    database: Database,
    price_store: PostgresPriceStore,
    queue: JobQueue,
    price_queue: JobQueue,
    news_queue: JobQueue,
    tracing: Tracing,
    closing: ExitStack,
) -> Services:
    clock = SystemClock()
    objects = DiskObjectStore(
        settings.data / "objects", load_or_create_secret(settings.data / "secrets" / "object-store.key")
    )
    rate_counter = SharedRateCounter(settings.data / "rate-windows", clock)
    closing.callback(rate_counter.close)
    mail = Outbox(settings.data / "outbox")
    heartbeats = Heartbeats(settings.data / "workers")
    identity = LocalIdentity(database, mail, clock, settings.accounts)
    limited = settings.limits.rate_limits == "on"
    metrics = PrometheusMetrics()
    throttle = AccountThrottle(rate_counter, settings.limits.rate_login_per_minute if limited else None)
    records = DatabaseRecords(database, objects, object_key)
    devices = KnownDevices(load_or_create_secret(settings.data / "secrets" / "known-devices.key"), clock)
    auth = AuthService(identity, records, throttle, devices, metrics)
    accounts = AccountService(identity, database, clock)
    account_deletion = AccountDeletion(
        identity=identity, records=records, throttle=throttle, forget_mails=mail.forget
    )
    cache = PostgresCache(database, clock)
    reader = Reader(cache, clock, metrics=metrics)
    calls = PostgresRateCounter(database, clock)  # shared, as the providers' plans count all our processes
    patience = settings.market.market_seconds
    price_provider = _price_provider(settings, price_store, clock, calls, metrics, closing)
    market = MarketService(
        price_provider,
        reader,
        clock,
        seconds=patience,
        background_seconds=settings.market.market_background_seconds,
    )
    news = NewsService(
        _news_provider(settings.market, clock, calls, metrics, closing), reader, clock, seconds=patience
    )
    price_source = (
        ProviderHistory(market, price_provider.name, clock)
        if price_provider.status().configured
        else _price_folder(settings)
    )
    price_orders = PriceOrders(price_store, price_queue, clock)
    fetching = PriceFetching(price_store, price_source, clock)
    price_refresh = PriceRefresh(
        price_store,
        price_source,
        price_orders,
        clock,
        held_symbols=partial(held_symbols, database),
        ordered_a_round=settings.prices.price_refresh_per_minute,
    )
    prices = StoredPrices(
        price_store,
        price_source,
        price_orders.request,
        clock,
        SeriesCache(settings.prices.price_cache_symbols),
        metrics,
    )
    conventions = Conventions(settings.risk.benchmark, settings.risk.risk_free_rate)
    risk = RiskService(clock, prices, conventions)
    stored = StoredPortfolios(clock, max_portfolios=settings.limits.max_portfolios, metrics=metrics)
    portfolios = PortfolioService(stored, clock, risk, max_holdings=settings.limits.max_holdings)
    uploads = UploadService(
        clock,
        objects,
        stored,
        max_bytes=settings.uploads.upload_max_bytes,
        expiry=timedelta(minutes=settings.uploads.upload_expiry_minutes),
        metrics=metrics,
    )
    processor = UploadProcessor(
        database,
        objects,
        stored,
        clock,
        max_bytes=settings.uploads.upload_max_bytes,
        max_holdings=settings.limits.max_holdings,
        metrics=metrics,
    )
    sentiment, prediction = _sentiment_service(settings, metrics), _prediction_service(settings, metrics)
    news_sentiment = NewsSentiment(news, sentiment, cache, news_queue, clock)
    return Services(
        settings=settings,
        access=Access(identity, database, accounts.welcome),
        auth=auth,
        web_sessions=WebSessions(Replays(auth.refresh), settings.accounts.refresh_token_days * 24 * 3600),
        accounts=accounts,
        account_deletion=account_deletion,
        portfolios=portfolios,
        rebalancing=RebalancingService(prices, clock, risk),
        comparison=ComparisonService(risk, prices, clock, conventions),
        uploads=uploads,
        sharing=SharingService(stored, clock, settings.limits.max_shares),
        link_viewer=LinkViewer(database, portfolios, clock),
        sentiment=sentiment,
        prediction=prediction,
        prices=prices,
        price_store=price_store,
        market=market,
        news=news,
        outlook=OutlookService(prices, price_store, news_sentiment, prediction, clock),
        workloads=(
            Workload(
                queue,
                {OBJECT_CREATED: Handler(processor.process, processor.give_up)},
                partial(heartbeats.beat, "uploads"),
            ),
            Workload(
                price_queue,
                {FETCH_PRICES: Handler(fetching.fetch, fetching.give_up)},
                partial(heartbeats.beat, "prices"),
            ),
            Workload(
                news_queue,
                {JUDGE_NEWS: Handler(news_sentiment.judge, news_sentiment.give_up)},
                partial(heartbeats.beat, "news"),
            ),
        ),
        rate_counter=rate_counter,
        metrics=metrics,
        tracing=tracing,
        operations=OperationsService(
            metrics, {"uploads": queue, "prices": price_queue, "news": news_queue}, clock
        ),
        object_receiver=ObjectReceiver(objects, queue, clock, OBJECT_CREATED),
        readiness={
            "database": database.check,
            "queue": partial(check_workers, heartbeats.silence, _leases(settings)),
            "models": _models_check(settings),
        },
        retention=(
            partial(expire_overdue, database, objects, partial(_announce, queue), clock),
            partial(forget_idempotency_keys, database),
            partial(forget_dead_letters, database),
            partial(forget_expired_shares, database, clock),
            partial(cache.forget_old, settings.market.market_cache_bytes),
            objects.forget_partial_files,
            mail.forget_old,
            identity.purge,
            rate_counter.forget_ended,
            price_refresh.refresh,
            price_refresh.forget,
        ),
    )


def _announce(queue: JobQueue, key: str) -> None:
    queue.send(OBJECT_CREATED, {"key": key}, "retention")


def make_operator(settings: Settings, database_url: str, email: str, *, operator: bool) -> bool:
    """Let an account of the local identity store see the operations pages, or no more; False without one."""
    database = Database(database_url, pool_size=1, timeout=settings.database.database_timeout)
    database.open()
    try:
        clock = SystemClock()
        mail = Outbox(settings.data / "outbox")
        return LocalIdentity(database, mail, clock, settings.accounts).set_operator(email, operator=operator)
    finally:
        database.close()
