"""The model portfolios: fixed parts of equity, bonds and cash, spread over what is held of each."""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Final

from foliolens.errors import FieldProblem, Unprocessable
from foliolens.holdings.models import Holding
from foliolens.rebalancing.targets import CLASS, GroupTarget, Targets, described
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.wording import listed

__all__ = ["WEIGHTS", "Model", "Sleeve", "model_targets", "sleeve_of"]


class Model(StrEnum):
    """A model portfolio."""

    CONSERVATIVE = "conservative"
    MODERATE = "moderate"
    AGGRESSIVE = "aggressive"


class Sleeve(StrEnum):
    """A part of a model portfolio."""

    EQUITY = "equity"
    BONDS = "bonds"
    CASH = "cash"


WEIGHTS: Final = {
    Model.CONSERVATIVE: {Sleeve.EQUITY: 30, Sleeve.BONDS: 60, Sleeve.CASH: 10},
    Model.MODERATE: {Sleeve.EQUITY: 60, Sleeve.BONDS: 35, Sleeve.CASH: 5},
    Model.AGGRESSIVE: {Sleeve.EQUITY: 85, Sleeve.BONDS: 12, Sleeve.CASH: 3},
}
"""Percent of each part."""

_SLEEVES = {
    AssetClass.EQUITY: Sleeve.EQUITY,
    AssetClass.REAL_ASSETS: Sleeve.EQUITY,
    AssetClass.FIXED_INCOME: Sleeve.BONDS,
    AssetClass.CASH: Sleeve.CASH,
}


_KEYS = {
    Sleeve.EQUITY: f"{CLASS}{AssetClass.EQUITY}",
    Sleeve.BONDS: f"{CLASS}{AssetClass.FIXED_INCOME}",
    Sleeve.CASH: f"{CLASS}{AssetClass.CASH}",
}
_EXAMPLES = {Sleeve.EQUITY: "VT", Sleeve.BONDS: "BND"}


def sleeve_of(holding: Holding) -> Sleeve | None:
    """Return the part a holding belongs to; None where its class is unknown.

    Real estate and commodities count as equity: they fluctuate like it, and a model has no fourth part.
    """
    class_ = described(holding).asset_class
    return None if class_ is None else _SLEEVES[class_]


def model_targets(model: Model, holdings: Sequence[Holding]) -> Targets:
    """Build the groups of a model portfolio.

    Cash that is not held stays uninvested. Holdings of unknown class, balanced funds among them, are left as
    they are, and the model is for the rest.

    Raises:
        Unprocessable: No equity or no bonds are held.
    """
    members: defaultdict[Sleeve, list[str]] = defaultdict(list)
    kept = []
    for holding in sorted(holdings, key=lambda holding: holding.symbol):
        sleeve = sleeve_of(holding)
        if sleeve is None:
            kept.append(holding.symbol)
        else:
            members[sleeve].append(holding.symbol)
    weights = WEIGHTS[model]
    missing = [sleeve for sleeve in (Sleeve.EQUITY, Sleeve.BONDS) if sleeve not in members]
    if missing:
        parts = listed([f"{weights[sleeve]}% {sleeve}" for sleeve in missing])
        named = ", ".join(
            f"{_EXAMPLES[sleeve] if sleeve in missing else _KEYS[sleeve]} {weights[sleeve]}"
            for sleeve in Sleeve
        )
        reason = f"The {model} model wants {parts}, and the portfolio holds none to spread that over."
        raise Unprocessable(
            f"{reason} Name what to buy instead of the model, as in {named}.",
            details=[FieldProblem(field="targets.model", code="NOTHING_HELD", message=reason)],
        )
    groups = [
        GroupTarget(
            sleeve.value,
            sleeve.value,
            Fraction(weights[sleeve], 100),
            tuple(members[sleeve]),
            is_cash=sleeve is Sleeve.CASH,
        )
        for sleeve in Sleeve
        if sleeve in members
    ]
    groups += [GroupTarget(symbol, symbol, None, (symbol,)) for symbol in kept]
    notes = []
    reserve = Fraction(0)
    if Sleeve.CASH not in members:
        reserve = Fraction(weights[Sleeve.CASH], 100)
        notes.append(f"No cash is held, so the model's {weights[Sleeve.CASH]}% cash stays uninvested.")
    if kept:
        notes.append(
            f"The asset class of {listed(kept)} is not known: left as it is, and the model is for the rest."
        )
    return Targets(tuple(groups), reserve, tuple(notes))
