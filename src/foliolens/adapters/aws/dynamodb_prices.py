"""Daily prices in DynamoDB: three items a symbol, so that a report reads fifty symbols in one request.

`state` says what is known of a symbol, `series` holds what analytics read, packed as numpy takes it, and
`rows` each day in full, exactly as it was written. Compressed they stay far below the 400 kB that an item may
have. A write puts the three in one transaction, if nobody else has written since it read them.
"""

import random
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import sleep
from typing import Any

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dynamodb_times import moment, number
from foliolens.ports.clock import Clock
from foliolens.ports.prices import DailyPrice, FetchFailure, PriceSeries, SymbolState

__all__ = ["DynamoDbPriceStore"]

_KEYS_A_REQUEST = 100  # the most of BatchGetItem
_FORGOTTEN_AT_ONCE = 100
_CLAIMS_AT_ONCE = 10  # as many connections as a client keeps
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.05
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_HELD: Mapping[str, Any] = {"pk": {"S": "prices"}, "sk": {"S": "held"}}


class DynamoDbPriceStore:
    """See `PriceStore`.

    Args:
        table: The table of items `pk`, `sk`.
        clock: Numbers the versions: a symbol that was forgotten must not begin again at one.
    """

    def __init__(self, table: str, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def states(self, symbols: Sequence[str]) -> Mapping[str, SymbolState]:
        """See `PriceStore.states`."""
        return {_symbol(item): _state(item) for item in self._items(symbols, "state")}

    def read(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, PriceSeries]:
        """See `PriceStore.read`."""
        found = (_series(item, start, end) for item in self._items(symbols, "series"))
        return {series.symbol: series for series in found if series is not None}

    def days(self, symbol: str, start: date, end: date) -> list[DailyPrice]:
        """See `PriceStore.days`."""
        return [price for price in self._rows(symbol) if start <= price.day <= end]

    def write(self, symbol: str, prices: Sequence[DailyPrice], source: str) -> None:
        """See `PriceStore.write`."""
        self._change(symbol, prices, source, whole=False)

    def replace(self, symbol: str, prices: Sequence[DailyPrice], source: str) -> None:
        """See `PriceStore.replace`."""
        self._change(symbol, prices, source, whole=True)

    def claim(self, symbols: Sequence[str], now: datetime, lease: timedelta) -> list[str]:
        """See `PriceStore.claim`."""
        wanted = sorted(set(symbols))
        if not wanted:
            return []
        clients.dynamodb()  # made once, not by each thread
        # A reader waits for this, and DynamoDB has no request that claims several, each on its own condition.
        with ThreadPoolExecutor(min(_CLAIMS_AT_ONCE, len(wanted))) as threads:
            won = threads.map(lambda symbol: self._claim(symbol, now, lease), wanted)
            return [symbol for symbol, is_won in zip(wanted, won, strict=True) if is_won]

    def succeeded(self, symbol: str, provider: str, now: datetime) -> None:
        """See `PriceStore.succeeded`."""
        clients.dynamodb().update_item(
            TableName=self._table,
            Key=_key(symbol, "state"),
            UpdateExpression="SET asked_of = :provider, asked_at = :now"
            " REMOVE queued_at, failure, failures, retry_at",
            ExpressionAttributeValues={":provider": {"S": provider}, ":now": {"N": number(now)}},
        )

    def failed(
        self, symbol: str, provider: str, failure: FetchFailure, now: datetime, retry_at: datetime
    ) -> None:
        """See `PriceStore.failed`."""
        clients.dynamodb().update_item(
            TableName=self._table,
            Key=_key(symbol, "state"),
            UpdateExpression="SET asked_of = :provider, asked_at = :now, failure = :failure,"
            " retry_at = :retry_at, failures = if_not_exists(failures, :none) + :one REMOVE queued_at",
            ExpressionAttributeValues={
                ":provider": {"S": provider},
                ":now": {"N": number(now)},
                ":failure": {"S": failure},
                ":retry_at": {"N": number(retry_at)},
                ":none": {"N": "0"},
                ":one": {"N": "1"},
            },
        )

    def forget(self, asked_before: datetime) -> int:
        """See `PriceStore.forget`; reads the whole table, so once a night is enough."""
        held = set(self._held()[1])
        unwanted = (symbol for symbol in self._asked_before(asked_before) if symbol not in held)
        forgotten = 0
        for symbol in unwanted:
            if forgotten == _FORGOTTEN_AT_ONCE:
                break
            for kind in ("series", "rows", "state"):  # the state last: without it nobody would find the rest
                clients.dynamodb().delete_item(TableName=self._table, Key=_key(symbol, kind))
            forgotten += 1
        return forgotten

    def list_held(self, symbols: Sequence[str], now: datetime) -> None:
        """See `PriceStore.list_held`."""
        clients.dynamodb().put_item(
            TableName=self._table,
            Item={
                **_HELD,
                "listed_at": {"N": number(now)},
                "symbols": {"L": [{"S": symbol} for symbol in sorted(set(symbols))]},
            },
        )

    def listed_at(self) -> datetime | None:
        """See `PriceStore.listed_at`."""
        return self._held()[0]

    def due(self, asked_before: datetime, now: datetime, lease: timedelta, limit: int) -> list[str]:
        """See `PriceStore.due`."""
        held = self._held()[1]
        states = {symbol: SymbolState() for symbol in held} | dict(self.states(held))
        waiting = [
            symbol for symbol, state in states.items() if _is_due(state, asked_before, now, now - lease)
        ]
        return sorted(waiting, key=lambda symbol: (states[symbol].asked_at or _NEVER, symbol))[:limit]

    def _claim(self, symbol: str, now: datetime, lease: timedelta) -> bool:
        dynamodb = clients.dynamodb()
        try:
            dynamodb.update_item(
                TableName=self._table,
                Key=_key(symbol, "state"),
                UpdateExpression="SET queued_at = :now",
                ConditionExpression="attribute_not_exists(queued_at) OR queued_at <= :ended",
                ExpressionAttributeValues={
                    ":now": {"N": number(now)},
                    ":ended": {"N": number(now - lease)},
                },
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _change(self, symbol: str, prices: Sequence[DailyPrice], source: str, *, whole: bool) -> None:
        dynamodb = clients.dynamodb()
        for _ in range(_ATTEMPTS):
            state = self.states([symbol]).get(symbol, SymbolState())
            stored = {price.day: price for price in self._rows(symbol)}
            wanted = ({} if whole else stored) | {price.day: price for price in prices}
            if wanted == stored and source == state.source:
                return
            version = max(state.version + 1, int(number(self._clock.now())))
            ordered = [wanted[day] for day in sorted(wanted)]
            try:
                dynamodb.transact_write_items(
                    TransactItems=self._written(symbol, ordered, source, version, state.version)
                )
            except dynamodb.exceptions.TransactionCanceledException as error:
                reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
                if not reasons & {"ConditionalCheckFailed", "TransactionConflict"}:
                    raise
                sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 - writers part ways, no secret
            else:
                return
        raise RuntimeError(f"others kept writing the prices of {symbol}")

    def _written(
        self, symbol: str, prices: Sequence[DailyPrice], source: str, version: int, seen: int
    ) -> list[Any]:
        described = {"version": {"N": str(version)}, "source": {"S": source}}
        unchanged = "version = :seen" if seen else "attribute_not_exists(version)"
        state = {
            "TableName": self._table,
            "Key": _key(symbol, "state"),
            "UpdateExpression": "SET version = :version, #source = :source, last_day = :last_day",
            "ConditionExpression": unchanged,
            "ExpressionAttributeNames": {"#source": "source"},
            "ExpressionAttributeValues": {
                ":version": described["version"],
                ":source": described["source"],
                ":last_day": {"S": prices[-1].day.isoformat()},
                **({":seen": {"N": str(seen)}} if seen else {}),
            },
        }
        series = {**_key(symbol, "series"), **described, **_packed(prices)}
        rows = {**_key(symbol, "rows"), "rows": {"B": zlib.compress(_text(prices).encode())}}
        puts = [{"Put": {"TableName": self._table, "Item": item}} for item in (series, rows)]
        return [{"Update": state}, *puts]

    def _rows(self, symbol: str) -> list[DailyPrice]:
        answer = clients.dynamodb().get_item(
            TableName=self._table, Key=_key(symbol, "rows"), ConsistentRead=True
        )
        if "Item" not in answer:
            return []
        return [_price(line) for line in zlib.decompress(answer["Item"]["rows"]["B"]).decode().splitlines()]

    def _held(self) -> tuple[datetime | None, list[str]]:
        item = clients.dynamodb().get_item(TableName=self._table, Key=_HELD, ConsistentRead=True).get("Item")
        if item is None:
            return None, []
        return moment(item["listed_at"]["N"]), [symbol["S"] for symbol in item["symbols"]["L"]]

    def _asked_before(self, time: datetime) -> Iterator[str]:
        """The symbols that were last asked for before a time, and are not just being fetched."""
        pages = clients.dynamodb().get_paginator("scan")
        for page in pages.paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :prices) AND sk = :state AND asked_at < :before"
            " AND (attribute_not_exists(queued_at) OR queued_at < :before)",
            ProjectionExpression="pk",
            ExpressionAttributeValues={
                ":prices": {"S": "price#"},
                ":state": {"S": "state"},
                ":before": {"N": number(time)},
            },
        ):
            yield from map(_symbol, page["Items"])

    def _items(self, symbols: Iterable[str], kind: str) -> Iterator[Mapping[str, Any]]:
        """The items of one kind, as many in a request as it may have."""
        keys: list[Any] = [_key(symbol, kind) for symbol in sorted(set(symbols))]
        while keys:
            answer = clients.dynamodb().batch_get_item(
                RequestItems={self._table: {"Keys": keys[:_KEYS_A_REQUEST], "ConsistentRead": True}}
            )
            yield from answer["Responses"].get(self._table, ())
            left = answer["UnprocessedKeys"].get(self._table)
            keys = [*(left["Keys"] if left else ()), *keys[_KEYS_A_REQUEST:]]


def _is_due(state: SymbolState, asked_before: datetime, now: datetime, lease_began: datetime) -> bool:
    if state.queued_at is not None and state.queued_at > lease_began:
        return False
    if state.retry_at is not None:
        return state.retry_at <= now
    return state.asked_at is None or state.asked_at < asked_before


def _key(symbol: str, kind: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"price#{symbol}"}, "sk": {"S": kind}}


def _symbol(item: Mapping[str, Any]) -> str:
    pk: str = item["pk"]["S"]
    return pk.removeprefix("price#")


def _state(item: Mapping[str, Any]) -> SymbolState:
    return SymbolState(
        version=int(item["version"]["N"]) if "version" in item else 0,
        last_day=date.fromisoformat(item["last_day"]["S"]) if "last_day" in item else None,
        source=_text_of(item, "source"),
        queued_at=_moment_of(item, "queued_at"),
        asked_of=_text_of(item, "asked_of"),
        asked_at=_moment_of(item, "asked_at"),
        failure=item["failure"]["S"] if "failure" in item else None,
        failures=int(item["failures"]["N"]) if "failures" in item else 0,
        retry_at=_moment_of(item, "retry_at"),
    )


def _text_of(item: Mapping[str, Any], name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _moment_of(item: Mapping[str, Any], name: str) -> datetime | None:
    return moment(item[name]["N"]) if name in item else None


def _text(prices: Sequence[DailyPrice]) -> str:
    """A line for each day; a figure that is not known is empty."""
    return "\n".join(
        ",".join(
            "" if value is None else str(value)
            for value in (
                price.day,
                price.open,
                price.high,
                price.low,
                price.close,
                price.adjusted_close,
                price.volume,
            )
        )
        for price in prices
    )


def _price(line: str) -> DailyPrice:
    day, first, high, low, close, adjusted, volume = line.split(",")
    return DailyPrice(
        day=date.fromisoformat(day),
        open=_decimal(first),
        high=_decimal(high),
        low=_decimal(low),
        close=Decimal(close),
        adjusted_close=Decimal(adjusted),
        volume=int(volume) if volume else None,
    )


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _packed(prices: Sequence[DailyPrice]) -> dict[str, Any]:
    """Days, adjusted closes as the nearest floats, and closes as text."""
    import numpy as np  # noqa: PLC0415 - costs a cold start 0.1 s, and most requests read no prices

    days = np.array([price.day for price in prices], dtype="datetime64[D]").astype("<i4")
    adjusted = np.array([float(price.adjusted_close) for price in prices], dtype="<f8")
    closes = ",".join(str(price.close) for price in prices)
    return {
        "days": {"B": zlib.compress(days.tobytes())},
        "adjusted": {"B": zlib.compress(adjusted.tobytes())},
        "closes": {"B": zlib.compress(closes.encode())},
    }


def _series(item: Mapping[str, Any], start: date, end: date) -> PriceSeries | None:
    """The days between two, both included; None where there is none."""
    import numpy as np  # noqa: PLC0415 - see above

    days = np.frombuffer(zlib.decompress(item["days"]["B"]), dtype="<i4").astype("datetime64[D]")
    first = int(days.searchsorted(np.datetime64(start)))
    last = int(days.searchsorted(np.datetime64(end), side="right"))
    if first >= last:
        return None
    adjusted = np.frombuffer(zlib.decompress(item["adjusted"]["B"]), dtype="<f8").astype(np.float64)
    for array in (days, adjusted):
        array.flags.writeable = False  # who reads it shares it with others
    closes = zlib.decompress(item["closes"]["B"]).decode().split(",")
    return PriceSeries(
        symbol=_symbol(item),
        days=days[first:last],
        adjusted=adjusted[first:last],
        last_close=Decimal(closes[last - 1]),
        source=item["source"]["S"],
        version=int(item["version"]["N"]),
    )
