"""The report in two or three sentences."""

from collections.abc import Sequence

from foliolens.reference.wording import plain
from foliolens.risk.cautions import Caution, CautionCode
from foliolens.risk.components import Component
from foliolens.risk.explanations import concentration_driver
from foliolens.risk.measures import Measures
from foliolens.risk.scoring import Band, band_of_score
from foliolens.risk.wording import listed, percent

__all__ = ["summarize"]

_DRIVERS = 2


def summarize(
    measures: Measures, score: float, components: Sequence[Component], cautions: Sequence[Caution]
) -> str:
    """Say how risky the portfolio is, what makes it so, and how far to trust the figures."""
    count = len(measures.positions)
    holdings = "1 holding" if count == 1 else f"{count} holdings"
    band = band_of_score(score)
    sentences = [f"This portfolio of {holdings} scores {score:.1f} out of 10, a {band} risk."]
    drivers = _drivers(components)
    if drivers:
        sentences.append(f"What raises it most is {listed([_phrase(name, measures) for name in drivers])}.")
    else:
        sentences.append("Every part of the score is in its low band.")
    if any(caution.code is CautionCode.LOW_COVERAGE for caution in cautions):
        sentences.append("Much of its value could not be classified, so read the figures with care.")
    return " ".join(sentences)


def _drivers(components: Sequence[Component]) -> list[str]:
    """Return the components that lift the score most, of those above their low band."""
    lifts = [
        (component.weight * (component.score - 1.0), component.name)
        for component in components
        if component.score is not None and component.band is not Band.LOW
    ]
    lifts.sort(key=lambda lift: -lift[0])
    return [name for _, name in lifts[:_DRIVERS]]


def _phrase(name: str, measures: Measures) -> str:
    match name:
        case "volatility":
            how = "a measured" if measures.measured else "an estimated"
            return f"{how} volatility of {percent(measures.volatility)} a year"
        case "concentration":
            driver = concentration_driver(measures)
            return f"concentration ({driver.symbol} alone is {percent(driver.weight)} of the value)"
        case "sector" if measures.sectors is not None and measures.sectors.largest is not None:
            share = percent(measures.sectors.largest_share)
            return f"one sector ({plain(measures.sectors.largest)} is {share} of the classified equity)"
        case "geography" if measures.regions is not None:
            home = percent(measures.regions.home_share)
            return f"dependence on the United States ({home} of the classified value)"
        case "liquidity":
            return f"holdings that do not trade daily ({percent(measures.illiquid)} of the value)"
        case _:
            low = percent(measures.low_credit or 0.0)
            return f"credit quality ({low} of the fixed income is below investment grade or unrated)"
