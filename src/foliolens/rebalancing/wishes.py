"""What the owner asks for, checked as a whole: every problem at once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct

from foliolens.errors import FieldProblem, ValidationFailed
from foliolens.holdings.models import Holding
from foliolens.rebalancing.methods import Method
from foliolens.rebalancing.model_portfolios import Model
from foliolens.rebalancing.models import Band, Options
from foliolens.rebalancing.schemas import RebalanceRequest
from foliolens.rebalancing.targets import described, find_symbol, key_problem
from foliolens.reference.table import lookup, normalise

__all__ = ["Wish", "named_symbols", "read_wish"]

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,19}")
_TOLERANCE: Final = Decimal("0.01")
_MOST_MONEY: Final = Decimal("999999999999.99")


class Wish(Struct, frozen=True):
    """What a portfolio should become.

    Attributes:
        targets: A model, a method, or weights by key that sum to 1.
        options: How.
        new: Symbols that are named and not held.
    """

    targets: Model | Method | Mapping[str, Fraction]
    options: Options
    new: tuple[str, ...]


def named_symbols(request: RebalanceRequest, holdings: Sequence[Holding]) -> list[str]:
    """Return what the targets name and the portfolio does not hold, as far as it can be a symbol."""
    held = {normalise(holding.symbol): holding.symbol for holding in holdings}
    if _choice(request.targets) is not None:
        return []
    symbols = {find_symbol(key, held) for key in request.targets if ":" not in key}
    return sorted(symbol for symbol in symbols - set(held.values()) if _SYMBOL.fullmatch(symbol))


def read_wish(request: RebalanceRequest, holdings: Sequence[Holding], priced: frozenset[str]) -> Wish:
    """Check a request against what is held.

    Args:
        request: As it was sent.
        holdings: What is held.
        priced: Symbols beside those that have a price, and so can be bought.

    Raises:
        ValidationFailed: With every problem at once.
    """
    held = {normalise(holding.symbol): holding.symbol for holding in holdings}
    problems: list[FieldProblem] = []
    targets = _targets(request.targets, held, priced, problems)
    options = _options(request, held, problems)
    if options.most is not None and isinstance(targets, Mapping):
        problems += [
            _problem(
                f"targets.{key}",
                "MAX_POSITION_TOO_SMALL",
                f"The target is above maxPosition, {options.most}%.",
            )
            for key, weight in targets.items()
            if ":" not in key and weight * 100 > Fraction(options.most) and not _is_money(key, holdings)
        ]
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ValidationFailed(f"{first['field']}: {first['message']}{more}", details=problems)
    return Wish(targets, options, tuple(named_symbols(request, holdings)))


def _choice(targets: Mapping[str, object]) -> str | None:
    """Return `model` or `method` where the targets name one by a word; a number there belongs to a symbol."""
    return next((key for key in ("model", "method") if isinstance(targets.get(key), str)), None)


def _targets(
    targets: Mapping[str, object],
    held: Mapping[str, str],
    priced: frozenset[str],
    problems: list[FieldProblem],
) -> Model | Method | Mapping[str, Fraction]:
    choice = _choice(targets)
    if choice is None:
        return _weights(targets, held, priced, problems)
    if len(targets) > 1:
        problems.append(
            _problem("targets", "AMBIGUOUS_TARGETS", f"A {choice} stands alone: leave the other keys out.")
        )
    kinds: dict[str, type[Model] | type[Method]] = {"model": Model, "method": Method}
    words = [member.value for member in kinds[choice]]
    if targets[choice] not in words:
        message = f"There is no such {choice}: choose {', '.join(words[:-1])} or {words[-1]}."
        problems.append(_problem(f"targets.{choice}", f"UNKNOWN_{choice.upper()}", message))
        return {}
    return kinds[choice](str(targets[choice]))


def _weights(
    targets: Mapping[str, object],
    held: Mapping[str, str],
    priced: frozenset[str],
    problems: list[FieldProblem],
) -> Mapping[str, Fraction]:
    weights: dict[str, Fraction] = {}
    numbers = []
    for key, value in targets.items():
        field = f"targets.{key}"
        if ":" in key:
            name, problem = key, key_problem(key)
        else:
            name = find_symbol(key, held)
            problem = _symbol_problem(field, name, held, priced)
        if problem is not None:
            problems.append(problem)
        elif name in weights:
            problems.append(_problem(field, "DUPLICATE_SYMBOL", f"{name} is named twice."))
        number = _number(value)
        if number is None:
            problems.append(_problem(field, "INVALID_TYPE", "The weight must be a JSON number."))
            continue
        problems += _outside(field, number, Decimal(0), Decimal(100), decimals=4)
        numbers.append(number)
        weights[name] = Fraction(number)
    total = sum(numbers, Decimal(0))
    if len(numbers) == len(targets) and abs(total - 100) > _TOLERANCE:
        message = f"The weights sum to {_shown(total)}, not to 100."
        problems.append(_problem("targets", "INVALID_TARGET_SUM", message))
    whole = sum(weights.values(), Fraction(0)) or Fraction(1)
    return {key: weight / whole for key, weight in weights.items()}


def _options(request: RebalanceRequest, held: Mapping[str, str], problems: list[FieldProblem]) -> Options:
    band = request.band
    relative = Decimal(0) if band.relative is None else band.relative
    for field, number, least, most, decimals in (
        ("cashFlow", request.cash_flow, -_MOST_MONEY, _MOST_MONEY, 2),
        ("minTrade", request.min_trade, Decimal(0), _MOST_MONEY, 2),
        ("band.absolute", band.absolute, Decimal(0), Decimal(100), 4),
        ("band.relative", relative, Decimal(0), Decimal(1000), 4),
        ("maxPosition", request.max_position or Decimal(100), Decimal("0.01"), Decimal(100), 2),
    ):
        problems += _outside(field, number, least, most, decimals)
    if request.max_position == 0:
        problems.append(_problem("maxPosition", "OUT_OF_RANGE", "It must be more than 0."))
    never_sell = set()
    for place, symbol in enumerate(request.never_sell):
        name = find_symbol(symbol, held)
        if name in held.values():
            never_sell.add(name)
        else:
            problems.append(
                _problem(f"neverSell.{place}", "UNKNOWN_SYMBOL", f"The portfolio does not hold {name}.")
            )
    if problems:
        return Options()
    return Options(
        cash_flow=int(request.cash_flow.scaleb(2)),
        mode=request.mode,
        fractional=request.fractional_shares,
        least=int(request.min_trade.scaleb(2)),
        band=Band(band.absolute, band.relative),
        most=request.max_position,
        never_sell=frozenset(never_sell),
    )


def _symbol_problem(
    field: str, symbol: str, held: Mapping[str, str], priced: frozenset[str]
) -> FieldProblem | None:
    if symbol in held.values() or symbol in priced:
        return None
    if not _SYMBOL.fullmatch(symbol):
        message = "A symbol has at most 20 letters, digits, dots and dashes."
        return _problem(field, "INVALID_SYMBOL_FORMAT", message)
    if lookup(symbol) is not None:
        return None
    message = f"{symbol} is not held, and neither the reference table nor a stored price knows it."
    return _problem(field, "UNKNOWN_SYMBOL", message)


def _outside(
    field: str, number: Decimal, least: Decimal, most: Decimal, decimals: int
) -> Iterator[FieldProblem]:
    if not least <= number <= most:
        yield _problem(field, "OUT_OF_RANGE", f"It must be between {least:f} and {most:f}.")
    elif number != round(number, decimals):
        yield _problem(field, "OUT_OF_RANGE", f"It can have at most {decimals} decimals.")


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _is_money(symbol: str, holdings: Sequence[Holding]) -> bool:
    return any(holding.symbol == symbol and described(holding).is_cash for holding in holdings)


def _shown(number: Decimal) -> str:
    return f"{number:f}" if abs(number.adjusted()) < 20 else f"{number:E}"


def _problem(field: str, code: str, message: str) -> FieldProblem:
    return FieldProblem(field=field, code=code, message=message)
