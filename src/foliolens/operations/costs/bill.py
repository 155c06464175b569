"""A month's bill, line by line."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from foliolens.operations.costs.durations import Durations, ModelName
from foliolens.operations.costs.prices import ListPrices
from foliolens.operations.costs.system import System

__all__ = [
    "AIM",
    "NIGHT_READS",
    "NIGHT_WRITES",
    "TRAFFIC",
    "WITHOUT_DATABASE",
    "WITHOUT_FIREWALL",
    "Bill",
    "Line",
    "Part",
    "Traffic",
    "bill",
]

Part = Literal["functions", "gateway", "around", "standing", "firewall", "database"]

TRAFFIC: tuple[Part, ...] = ("functions", "gateway")
"""What the estimates were of that users were given: the functions and the gateway, nothing around them."""

WITHOUT_FIREWALL: tuple[Part, ...] = (*TRAFFIC, "around", "standing")
"""What there is to pay beside the firewall and the database."""

WITHOUT_DATABASE: tuple[Part, ...] = (*WITHOUT_FIREWALL, "firewall")
"""The parts that the aim is about."""

AIM = 10.0
"""US dollars a month, of all but the database."""

_HOURS = 730
"""In a month, as AWS counts."""
_SECONDS = _HOURS * 3600
_MILLION = 1_000_000
_DATABASE_GB = 20
_CLUSTER_GB = 1
_TRADING_DAYS = 21
NIGHT_WRITES = 10
NIGHT_READS = 15
"""Of a symbol and a night, in DynamoDB's units, as a test counts them: its state and newest weeks, written
together at twice their size, the whole history every 58 nights, the notes of an order and of its end."""
_STANDBY = 2
"""A standby in the other zone costs what the first does."""


class Traffic(Struct, frozen=True):
    """What a month brings. The defaults are the two estimates that users of the stocks app were given.

    Attributes:
        sentiments: Articles judged: 1,000 users with 10 articles a day.
        predictions: Asked for, as many.
        gateway_requests: Requests that API Gateway takes.
        sentences: Of an article; none is answered from a cache.
        cold_share: Of the invocations that start an environment.
        log_bytes: Written for a request, by Lambda, the function and the gateway together.
        answer_bytes: Of an answer.
        traced_share: Of the requests.
        held_symbols: Symbols of all holdings, whose prices are fetched in the night after each trading day.
        database_hours: In which a database that scales to zero is awake, at half a capacity unit.
        provisioned: Sentiment functions that are kept warm.
    """

    sentiments: int = 300_000
    predictions: int = 300_000
    gateway_requests: int = 600_000
    sentences: int = 10
    cold_share: float = 0.01
    log_bytes: int = 1500
    answer_bytes: int = 1000
    traced_share: float = 0.05
    held_symbols: int = 500
    database_hours: int = 60
    provisioned: int = 0


class Line(Struct, frozen=True):
    """One line of a bill.

    Attributes:
        part: Where it belongs.
        name: What is paid for.
        quantity: How much of it.
        unit: Of the quantity.
        price: US dollars for one.
        free: How much of it the account's free tier covers.
    """

    part: Part
    name: str
    quantity: float
    unit: str
    price: float
    free: float = 0

    @property
    def listed(self) -> float:
        """US dollars at the list price."""
        return self.quantity * self.price

    @property
    def payable(self) -> float:
        """US dollars of what the free tier leaves, in an account that uses it for nothing else."""
        return max(0.0, self.quantity - self.free) * self.price


class Bill(Struct, frozen=True):
    """All lines."""

    lines: tuple[Line, ...]

    def of(self, *parts: Part) -> "Bill":
        """Those of some parts."""
        return Bill(tuple(line for line in self.lines if line.part in parts))

    @property
    def listed(self) -> float:
        """US dollars at list prices."""
        return sum(line.listed for line in self.lines)

    @property
    def payable(self) -> float:
        """US dollars after the free tier."""
        return sum(line.payable for line in self.lines)


def bill(
    traffic: Traffic, system: System, durations: Durations, prices: ListPrices, *, model: ModelName
) -> Bill:
    """What a month costs.

    Args:
        traffic: What it brings.
        system: What stands.
        durations: How long functions take.
        prices: What things cost.
        model: Which judges news.
    """
    return Bill(
        (
            *_functions(traffic, system, durations, prices, model),
            *_gateway(traffic, prices),
            *_standing(traffic, system, prices),
            *_firewall(traffic, system, prices),
            *_database(traffic, system, prices),
        )
    )


def _functions(
    traffic: Traffic, system: System, durations: Durations, prices: ListPrices, model: ModelName
) -> Iterable[Line]:
    def gb_seconds(count: int, milliseconds: float, memory_mb: int) -> float:
        return count * milliseconds / 1000 * memory_mb / 1024

    sentiment = durations.sentiment[model].billed_ms(
        system.sentiment_mb, sentences=traffic.sentences, cold_share=traffic.cold_share
    )
    predict = durations.predict.billed_ms(system.predict_mb, sentences=0, cold_share=traffic.cold_share)
    used = (
        (f"sentiment ({model}), {sentiment:.0f} ms", traffic.sentiments, sentiment, system.sentiment_mb),
        (f"predict, {predict:.0f} ms", traffic.predictions, predict, system.predict_mb),
    )
    free = prices.free.function_gb_seconds
    for name, count, milliseconds, memory_mb in used:
        quantity = gb_seconds(count, milliseconds, memory_mb)
        yield Line("functions", name, quantity, "GB-s", prices.function_gb_second, free)
        free = max(0.0, free - quantity)
    yield Line(
        "functions",
        "invocations",
        (traffic.sentiments + traffic.predictions) / _MILLION,
        "million",
        prices.function_requests_million,
        prices.free.function_requests / _MILLION,
    )
    if traffic.provisioned:
        yield Line(
            "functions",
            "sentiment functions kept warm",
            traffic.provisioned * system.sentiment_mb / 1024 * _SECONDS,
            "GB-s",
            prices.function_provisioned_gb_second,
        )


def _gateway(traffic: Traffic, prices: ListPrices) -> Iterable[Line]:
    requests = traffic.gateway_requests / _MILLION
    free = prices.free
    yield Line("gateway", "API Gateway", requests, "million", prices.gateway_requests_million)
    logged = requests * traffic.log_bytes / 1000
    yield Line("around", "logs", logged, "GB", prices.log_gb, free.log_gb)
    traced = requests * traffic.traced_share
    yield Line("around", "traces", traced, "million", prices.traces_million, free.traces / _MILLION)
    for name, price, given in (
        ("CloudFront", prices.edge_requests_million, free.edge_requests),
        ("its function", prices.edge_functions_million, free.edge_functions),
    ):
        yield Line("around", name, requests, "million", price, given / _MILLION)
    sent = requests * traffic.answer_bytes / 1000
    yield Line("around", "transfer", sent, "GB", prices.edge_gb, free.edge_gb)


def _firewall(traffic: Traffic, system: System, prices: ListPrices) -> Iterable[Line]:
    if system.firewall_rules is not None:
        requests = traffic.gateway_requests / _MILLION
        yield Line("firewall", "web ACL", 1, "", prices.firewall)
        yield Line("firewall", "its rules", system.firewall_rules, "rules", prices.firewall_rule)
        yield Line("firewall", "requests looked at", requests, "million", prices.firewall_requests_million)


def _standing(traffic: Traffic, system: System, prices: ListPrices) -> Iterable[Line]:
    free = prices.free
    yield Line("standing", "alarms", system.alarms, "metrics", prices.alarm, free.alarms)
    yield Line("standing", "metrics", system.metrics, "metrics", prices.metric, free.metrics)
    yield Line("standing", "dashboards", system.dashboards, "boards", prices.dashboard, free.dashboards)
    yield Line("standing", "encryption keys", system.keys, "keys", prices.key)
    yield Line("standing", "secrets", system.secrets, "secrets", prices.secret)
    yield Line("standing", "container images", system.image_gb, "GB", prices.image_gb)
    nights = traffic.held_symbols * _TRADING_DAYS / _MILLION
    writes, reads = nights * NIGHT_WRITES, nights * NIGHT_READS
    yield Line("standing", "the night's prices, written", writes, "million", prices.table_writes_million)
    yield Line("standing", "the night's prices, read", reads, "million", prices.table_reads_million)
    kept = system.snapshot_mb / 1024
    yield Line("standing", "snapshots", kept * _SECONDS, "GB-s", prices.snapshot_cached_gb_second)


def _database(traffic: Traffic, system: System, prices: ListPrices) -> Iterable[Line]:
    if system.database == "cluster":
        yield Line(
            "database",
            "Aurora, awake",
            traffic.database_hours / 2,
            "units · h",
            prices.database_capacity_hour,
        )
        yield Line("database", "storage", _CLUSTER_GB, "GB", prices.database_cluster_gb)
    else:
        yield Line("database", "two instances", _STANDBY * _HOURS, "hours", prices.database_instance_hour)
        yield Line("database", "storage", _STANDBY * _DATABASE_GB, "GB", prices.database_instance_gb)
    yield Line("database", "the owner's secret", 1, "secrets", prices.secret)
