"""Daily prices in DynamoDB: few items a symbol, so that a report reads fifty symbols in one request.

`state` says what is known of a symbol. `recent` holds its newest weeks, each day in full, exactly as it was
written, and is all that a new day rewrites: every kilobyte that is written is paid for. What is older is
settled: `series` has it as analytics read it, packed as numpy takes it, `rows` each day in full. These are
written anew when `recent` has grown long or an old day changes. Compressed they stay far below the 400 kB
that an item may have.

A write is one transaction, if nobody else has written since it read. A reader's items may be of two writes,
so `recent` names the version of the settled items that it continues, and what does not fit is read again.
"""

import random
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from time import sleep
from typing import Any

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dynamodb_times import moment, number
from foliolens.ports.clock import Clock
from foliolens.ports.prices import DailyPrice, FetchFailure, PriceSeries, SymbolState

__all__ = ["DynamoDbPriceStore"]

_KEYS_A_REQUEST = 100  # the most of BatchGetItem
_LEFT_RECENT = 32  # days: a refresh brings those of the last month again
_LONGEST_RECENT = 90  # days: then all but `_LEFT_RECENT` of them are settled
_FORGOTTEN_AT_ONCE = 100
_CLAIMS_AT_ONCE = 10  # as many connections as a client keeps
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.05  # at most, before the second attempt; each pause may be twice as long as the one before
_LONGEST_PAUSE_SECONDS = 1.0
_Item = Mapping[str, Any]
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_IS_UNWANTED = "asked_at < :before AND (attribute_not_exists(queued_at) OR queued_at < :before)"
_CONTINUED = ("settled", "settled_until")
_DAY, _CLOSE, _ADJUSTED = 0, 4, 5  # of the figures of a day, as `_in_full` has them
_HELD: _Item = {"pk": {"S": "prices"}, "sk": {"S": "held"}}


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
        found = (_series(recent, settled, start, end) for recent, settled in self._stored(symbols, "series"))
        return {series.symbol: series for series in found if series is not None}

    def days(self, symbol: str, start: date, end: date) -> list[DailyPrice]:
        """See `PriceStore.days`."""
        return [
            price
            for recent, settled in self._stored([symbol], "rows")
            for price in (*_prices(settled), *_prices(recent))
            if start <= price.day <= end
        ]

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
        forgotten = (symbol for symbol in unwanted if self._forget(symbol, asked_before))
        return sum(1 for _ in islice(forgotten, _FORGOTTEN_AT_ONCE))

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

    def _forget(self, symbol: str, asked_before: datetime) -> bool:
        """Remove all of a symbol at once, unless somebody asks for it meanwhile; whether it was removed."""
        dynamodb = clients.dynamodb()
        state: Any = {
            "TableName": self._table,
            "Key": _key(symbol, "state"),
            "ConditionExpression": _IS_UNWANTED,
            "ExpressionAttributeValues": {":before": {"N": number(asked_before)}},
        }
        others = [self._delete(symbol, kind) for kind in ("recent", "series", "rows")]
        try:
            dynamodb.transact_write_items(TransactItems=[{"Delete": state}, *others])
        except dynamodb.exceptions.TransactionCanceledException as error:
            _let_pass_lost_races(error)
            return False
        return True

    def _change(self, symbol: str, prices: Sequence[DailyPrice], source: str, *, whole: bool) -> None:
        dynamodb = clients.dynamodb()
        for attempt in range(_ATTEMPTS):
            written = self._written(symbol, prices, source, whole=whole)
            if written is not None:
                if not written:
                    return
                try:
                    dynamodb.transact_write_items(TransactItems=written)
                except dynamodb.exceptions.TransactionCanceledException as error:
                    _let_pass_lost_races(error)
                else:
                    return
            longest = min(_LONGEST_PAUSE_SECONDS, _PAUSE_SECONDS * 2**attempt)
            sleep(random.uniform(0, longest))  # noqa: S311 - writers part ways, no secret
        raise RuntimeError(f"others kept writing the prices of {symbol}")

    def _written(
        self, symbol: str, prices: Sequence[DailyPrice], source: str, *, whole: bool
    ) -> list[Any] | None:
        """The transaction of a write: empty where all is stored already, None where others write just now."""
        found = {item["sk"]["S"]: item for item in self._items([symbol], "state", "recent")}
        state = _state(found["state"]) if "state" in found else SymbolState()
        recent = found.get("recent")
        if _version(recent) != state.version:
            return None
        new, stored, until = _by_day(prices), _by_day(_prices(recent)), _settled_until(recent)
        # Or is it enough to write `recent`?
        anew = whole or len(stored | new) > _LONGEST_RECENT or min(new, default=date.max) <= until
        if anew and until > date.min:
            rows = next(self._items([symbol], "rows"), None)
            if _version(rows) != _settled_version(recent):
                return None
            stored |= _by_day(_prices(rows))
        wanted = new if whole else stored | new
        if wanted == stored and source == state.source:
            return []
        version = max(state.version + 1, int(number(self._clock.now())))
        ordered = [wanted[day] for day in sorted(wanted)]
        described = self._described(symbol, version, source, ordered[-1].day, seen=state.version)
        if not anew:
            continued = {name: recent[name] for name in _CONTINUED if recent is not None and name in recent}
            return [described, self._put(symbol, "recent", version, _recent(ordered, source) | continued)]
        split = len(ordered) - _LEFT_RECENT if len(ordered) > _LONGEST_RECENT else 0
        settled, ordered = ordered[:split], ordered[split:]
        if settled:
            continued = {"settled": {"N": str(version)}, "settled_until": {"S": settled[-1].day.isoformat()}}
            others = [
                self._put(symbol, "series", version, _packed(settled)),
                self._put(symbol, "rows", version, _in_full(settled)),
            ]
        else:
            continued = {}
            others = [self._delete(symbol, kind) for kind in ("series", "rows")]
        return [
            described,
            self._put(symbol, "recent", version, _recent(ordered, source) | continued),
            *others,
        ]

    def _described(self, symbol: str, version: int, source: str, last_day: date, *, seen: int) -> Any:
        """The state after a write, if nobody has written since it was seen."""
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(symbol, "state"),
                "UpdateExpression": "SET version = :version, #source = :source, last_day = :last_day",
                "ConditionExpression": "version = :seen" if seen else "attribute_not_exists(version)",
                "ExpressionAttributeNames": {"#source": "source"},
                "ExpressionAttributeValues": {
                    ":version": {"N": str(version)},
                    ":source": {"S": source},
                    ":last_day": {"S": last_day.isoformat()},
                    **({":seen": {"N": str(seen)}} if seen else {}),
                },
            }
        }

    def _put(self, symbol: str, kind: str, version: int, attributes: Mapping[str, Any]) -> Any:
        item = {**_key(symbol, kind), "version": {"N": str(version)}, **attributes}
        return {"Put": {"TableName": self._table, "Item": item}}

    def _delete(self, symbol: str, kind: str) -> Any:
        return {"Delete": {"TableName": self._table, "Key": _key(symbol, kind)}}

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
            FilterExpression=f"begins_with(pk, :prices) AND sk = :state AND {_IS_UNWANTED}",
            ProjectionExpression="pk",
            ExpressionAttributeValues={
                ":prices": {"S": "price#"},
                ":state": {"S": "state"},
                ":before": {"N": number(time)},
            },
        ):
            yield from map(_symbol, page["Items"])

    def _stored(self, symbols: Sequence[str], kind: str) -> Iterator[tuple[_Item, _Item | None]]:
        """What is recent of each symbol that has prices, and the settled item of a kind that it continues."""
        waiting = set(symbols)
        for _ in range(_ATTEMPTS):
            found = {(_symbol(item), item["sk"]["S"]): item for item in self._items(waiting, "recent", kind)}
            for symbol in sorted(waiting):
                recent, settled = found.get((symbol, "recent")), found.get((symbol, kind))
                if recent is not None and _version(settled) != _settled_version(recent):
                    continue  # they are of two writes
                waiting.remove(symbol)
                if recent is not None:
                    yield recent, settled
            if not waiting:
                return
        raise RuntimeError(f"others kept writing the prices of {', '.join(sorted(waiting))}")

    def _items(self, symbols: Iterable[str], *kinds: str) -> Iterator[_Item]:
        """The items of some kinds, as many in a request as it may have."""
        keys: list[Any] = [_key(symbol, kind) for symbol in sorted(set(symbols)) for kind in kinds]
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


def _symbol(item: _Item) -> str:
    pk: str = item["pk"]["S"]
    return pk.removeprefix("price#")


def _state(item: _Item) -> SymbolState:
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


def _text_of(item: _Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _moment_of(item: _Item, name: str) -> datetime | None:
    return moment(item[name]["N"]) if name in item else None


def _version(item: _Item | None) -> int:
    """Of the write that an item is of; 0 where there is none."""
    return 0 if item is None else int(item["version"]["N"])


def _settled_version(recent: _Item | None) -> int:
    """Of the settled items that recent days continue; 0 where there are none."""
    return int(recent["settled"]["N"]) if recent is not None and "settled" in recent else 0


def _settled_until(recent: _Item | None) -> date:
    """The last settled day; `date.min` where there is none."""
    if recent is None or "settled_until" not in recent:
        return date.min
    return date.fromisoformat(recent["settled_until"]["S"])


def _let_pass_lost_races(error: Any) -> None:
    """Raise the error of a transaction again, unless another write came first."""
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
    if not reasons & {"ConditionalCheckFailed", "TransactionConflict"}:
        raise error


def _by_day(prices: Iterable[DailyPrice]) -> dict[date, DailyPrice]:
    return {price.day: price for price in prices}


def _recent(prices: Sequence[DailyPrice], source: str) -> dict[str, Any]:
    return {"source": {"S": source}, **_in_full(prices)}


def _in_full(prices: Sequence[DailyPrice]) -> dict[str, Any]:
    """A line for each day; a figure that is not known is empty."""
    lines = (
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
    return {"rows": {"B": zlib.compress("\n".join(lines).encode())}}


def _lines(item: _Item | None) -> list[list[str]]:
    """The figures of each day, oldest first."""
    if item is None:
        return []
    return [line.split(",") for line in zlib.decompress(item["rows"]["B"]).decode().splitlines()]


def _prices(item: _Item | None) -> Iterator[DailyPrice]:
    for day, first, high, low, close, adjusted, volume in _lines(item):
        yield DailyPrice(
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


def _series(recent: _Item, settled: _Item | None, start: date, end: date) -> PriceSeries | None:
    """The days between two, both included; None where there is none."""
    import numpy as np  # noqa: PLC0415 - see above

    lines = _lines(recent)
    days = np.array([line[_DAY] for line in lines], dtype="datetime64[D]")
    adjusted = np.array([float(line[_ADJUSTED]) for line in lines])
    before = 0
    if settled is not None:
        older = np.frombuffer(zlib.decompress(settled["days"]["B"]), dtype="<i4").astype("datetime64[D]")
        before = len(older)
        days = np.concatenate((older, days))
        adjusted = np.concatenate(
            (np.frombuffer(zlib.decompress(settled["adjusted"]["B"]), dtype="<f8"), adjusted)
        )
    first = int(days.searchsorted(np.datetime64(start)))
    last = int(days.searchsorted(np.datetime64(end), side="right"))
    if first >= last:
        return None
    for array in (days, adjusted):
        array.flags.writeable = False  # who reads it shares it with others
    if settled is None or last > before:
        close = lines[last - before - 1][_CLOSE]
    else:
        close = zlib.decompress(settled["closes"]["B"]).decode().split(",")[last - 1]
    return PriceSeries(
        symbol=_symbol(recent),
        days=days[first:last],
        adjusted=adjusted[first:last],
        last_close=Decimal(close),
        source=recent["source"]["S"],
        version=_version(recent),
    )
