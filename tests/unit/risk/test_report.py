"""The risk report as a reader of the API sees it."""

import json
import re

import pytest
from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.risk.cautions import CautionCode
from foliolens.risk.components import WEIGHTS
from foliolens.risk.models import RiskReport
from foliolens.risk.report import DISCLAIMER
from foliolens.risk.scoring import Band
from tests.unit.risk.cases import (
    bond,
    bond_fund,
    cash,
    component,
    fund,
    holding,
    mystery,
    report,
)


def codes(of: RiskReport) -> list[CautionCode]:
    return [warning.code for warning in of.warnings]


def test_weights_of_the_components() -> None:
    assert WEIGHTS == {
        "volatility": 0.35,
        "concentration": 0.25,
        "sector": 0.15,
        "geography": 0.10,
        "liquidity": 0.10,
        "credit": 0.05,
    }


def test_a_portfolio_worked_out_by_hand() -> None:
    result = report(
        holding("ZZA", 40),
        fund("ZZB", 30, region=Region.DEVELOPED_INTERNATIONAL, category=Category.INTERNATIONAL_DEVELOPED),
        bond_fund("ZZC", 20, Category.HIGH_YIELD_BONDS),
        cash(10),
    )

    volatility = 0.4 * 0.30 + 0.3 * 0.19 + 0.2 * 0.11 + 0.1 * 0.01
    concentration = 0.16 + (0.09 + 0.04 + 0.01) / 100
    sector = 0.4 / 0.7
    home = 0.6 / 0.9
    by_hand = {
        "volatility": (volatility, 4 + 3 * (volatility - 0.1) / 0.1, 0.35),
        "concentration": (concentration, 1 + 3 * concentration / 0.2, 0.25),
        "sector": (sector, 7 + 3 * (sector - 0.4) / 0.6, 0.15),
        "geography": (home, 1 + 3 * home / 0.7, 0.10),
        "liquidity": (0.0, 1.0, 0.10),
        "credit": (1.0, 10.0, 0.05),
    }
    for name, (value, score, weight) in by_hand.items():
        one = component(result, name)
        assert (one.value, one.score, one.weight) == pytest.approx((value, score, weight))
    assert result.overall_risk_score == round(sum(score * weight for _, score, weight in by_hand.values()), 1)
    assert result.hhi.value == pytest.approx(0.16 + 0.09 + 0.04 + 0.01)
    assert result.sector_concentration.hhi == pytest.approx(sector**2)
    assert result.diversification.asset_type == pytest.approx(1 + 9 * (1 - 0.49 - 0.04 - 0.01) / 0.75)


def test_concentration_of_the_reference_weights() -> None:
    result = report(holding("ZZA", 50), holding("ZZB", 30), holding("ZZC", 20))
    assert result.hhi.value == pytest.approx(0.38)
    assert result.hhi.band is Band.MODERATE
    assert result.hhi_look_through == result.hhi
    assert result.effective_holdings.value == pytest.approx(2.6316, abs=5e-5)
    assert result.normalized_hhi.value == pytest.approx(0.07)
    assert result.top_holdings.top1 == pytest.approx(0.5)
    assert result.top_holdings.top3 == 1


def test_the_names_of_the_contract() -> None:
    written = json.loads(report(holding("ZZA", 60), cash(40)).model_dump_json())
    assert set(written) == {
        *("asOf", "summary", "overallRiskScore", "overallRiskBand", "components", "warnings"),
        *("holdingsCount", "hhi", "hhiLookThrough", "effectiveHoldings", "normalizedHhi", "topHoldings"),
        *("volatility", "sectorConcentration", "geographicRisk", "assetTypeDiversification"),
        *("creditRisk", "liquidityRisk", "diversification", "coverage", "breakdowns", "market"),
        *("method", "dataSources", "disclaimer"),
    }
    assert set(written["topHoldings"]) == {"1", "3", "5", "10"}
    assert set(written["coverage"]) == {"sector", "region", "assetType", "category"}
    assert set(written["diversification"]) == {"sector", "geography", "assetType", "composite"}
    assert written["asOf"] == "2025-06-30T20:00:00Z"
    assert written["disclaimer"] == DISCLAIMER == "This is information, not advice."


def test_a_report_reads_back_as_it_was_written() -> None:
    result = report(holding("ZZA", 60), mystery("ZZB", 30), cash(10))
    assert RiskReport.model_validate_json(result.model_dump_json()) == result


def test_all_cash_is_the_least_risk_there_is_and_one_position_of_it_no_concentration() -> None:
    result = report(cash(100))
    assert result.overall_risk_score == 1.2
    assert result.overall_risk_band is Band.LOW
    assert result.hhi.value == 1
    assert component(result, "concentration").band is Band.LOW
    assert [c.name for c in result.components if c.value is None] == ["sector", "geography", "credit"]
    assert codes(result) == [CautionCode.SINGLE_ASSET_CLASS]
    assert result.coverage.sector.share == result.coverage.region.share == 1


def test_a_single_stock_is_nearly_the_most_risk_there_is() -> None:
    result = report(holding("ZZA", 100))
    assert result.overall_risk_score > 8
    assert result.normalized_hhi.value == 1
    assert codes(result) == [
        CautionCode.CONCENTRATED_HOLDING,
        CautionCode.CONCENTRATED_SECTOR,
        CautionCode.HOME_BIAS,
        CautionCode.SINGLE_ASSET_CLASS,
    ]


def test_what_nobody_classified_is_no_risk_free_zone() -> None:
    result = report(mystery("ZZA", 60), mystery("ZZB", 40))
    for dimension in (
        result.coverage.sector,
        result.coverage.region,
        result.coverage.asset_type,
        result.coverage.category,
    ):
        assert dimension.share == 0
        assert dimension.unclassified == ("ZZA", "ZZB")
    for name in ("sector", "geography", "credit"):
        one = component(result, name)
        assert (one.value, one.band, one.score, one.weight, one.contribution) == (None, None, None, 0, 0)
    assert component(result, "volatility").value == pytest.approx(0.27)
    assert sum(c.weight for c in result.components) == pytest.approx(1)
    assert result.sector_concentration.reason is not None
    assert result.asset_type_diversification.reason == "No holding has a known asset class."
    assert result.diversification.composite is None


def test_without_fixed_income_credit_gives_its_weight_away() -> None:
    result = report(holding("ZZA", 60), fund("ZZB", 40))
    assert component(result, "credit").weight == 0
    assert component(result, "volatility").weight == pytest.approx(0.35 / 0.95)


def test_breakdowns_show_the_unknown_and_cash_as_slices() -> None:
    result = report(holding("ZZA", 50), mystery("ZZB", 30), cash(20))
    sectors = [(slice_.key, slice_.share) for slice_ in result.breakdowns.sector]
    assert sectors == [("information_technology", 0.5), ("unknown", 0.3), ("cash", 0.2)]
    regions = [slice_.key for slice_ in result.breakdowns.region]
    assert regions == ["us", "unknown", "cash"]
    assert [slice_.key for slice_ in result.breakdowns.asset_class] == ["equity", "unknown", "cash"]
    assert [slice_.key for slice_ in result.breakdowns.category] == [
        "us_large_cap",
        "unknown",
        "cash_equivalents",
    ]


def test_five_hundred_holdings() -> None:
    result = report(*(holding(f"ZZ{i:03}", 100 + i, sector=list(Sector)[i % 11]) for i in range(500)))
    assert result.holdings_count == 500
    assert component(result, "concentration").band is Band.LOW
    assert result.effective_holdings.value is not None
    assert 300 < result.effective_holdings.value < 500


class TestWarnings:
    def test_a_large_holding_is_named(self) -> None:
        result = report(holding("ZZA", 43), fund("ZZB", 57))
        assert result.warnings[0].code is CautionCode.CONCENTRATED_HOLDING
        assert result.warnings[0].message == "One holding, ZZA, is 43% of the portfolio."

    def test_a_fifth_is_not_large_and_a_fund_may_be(self) -> None:
        rows = [holding(f"ZZ{i}", 20) for i in range(2)]
        assert CautionCode.CONCENTRATED_HOLDING not in codes(report(*rows, fund("ZZB", 60)))

    def test_one_sector(self) -> None:
        result = report(holding("ZZA", 41), fund("ZZB", 59))
        assert CautionCode.CONCENTRATED_SECTOR in codes(result)
        assert CautionCode.CONCENTRATED_SECTOR not in codes(report(holding("ZZA", 40), fund("ZZB", 60)))

    def test_home_bias_and_its_opposite(self) -> None:
        abroad = fund("ZZB", 14, region=Region.DEVELOPED_INTERNATIONAL)
        assert CautionCode.HOME_BIAS in codes(report(fund("ZZA", 86), abroad))
        emerging = fund("ZZC", 10, region=Region.EMERGING_MARKETS)
        result = report(emerging)
        assert CautionCode.CONCENTRATED_REGION in codes(result)
        assert "100% of the value of known region is in emerging markets." in [
            w.message for w in result.warnings
        ]

    def test_low_credit_and_illiquidity_name_the_bonds(self) -> None:
        result = report(bond("ZZA", 30), fund("ZZB", 70))
        messages = {warning.code: warning.message for warning in result.warnings}
        assert messages[CautionCode.LOW_CREDIT_QUALITY].endswith("below investment grade or unrated: ZZA.")
        assert messages[CautionCode.ILLIQUID] == "30% of the value may not be sold on any given day: ZZA."

    def test_low_coverage_is_told_once_for_all_dimensions(self) -> None:
        result = report(fund("ZZA", 77, region=Region.GLOBAL), mystery("ZZB", 13), mystery("ZZC", 10))
        messages = [w.message for w in result.warnings if w.code is CautionCode.LOW_COVERAGE]
        assert messages == [
            "23% of the value could not be classified by sector, region and asset class: ZZB and ZZC."
        ]

    def test_four_fifths_covered_are_enough(self) -> None:
        result = report(fund("ZZA", 80, region=Region.GLOBAL), mystery("ZZB", 20))
        assert CautionCode.LOW_COVERAGE not in codes(result)

    def test_a_world_fund_has_no_category_and_needs_no_warning(self) -> None:
        result = report(fund("VT", 100, None, region=Region.GLOBAL, name="Total World Stock ETF"))
        assert result.coverage.category.share == 0
        assert codes(result) == [CautionCode.SINGLE_ASSET_CLASS]

    def test_many_unclassified_holdings_are_counted_not_listed(self) -> None:
        result = report(*(mystery(f"ZZ{i}", 10) for i in range(8)))
        assert "ZZ0, ZZ1, ZZ2, ZZ3, ZZ4 and 3 more" in result.warnings[-1].message

    def test_a_well_spread_portfolio_has_none(self) -> None:
        result = report(
            fund("ZZA", 50, region=Region.GLOBAL),
            bond_fund("ZZB", 40, Category.GOVERNMENT_BONDS),
            cash(10),
        )
        assert result.warnings == ()


_EXPLANATIONS = {
    "volatility": (
        "Long-run figures put the volatility at 20.3% a year before diversification, and ZZA adds most to "
        "it (43% of the value, a single stock at 30% a year); moving part of it into bonds or cash would "
        "lower it."
    ),
    "concentration": (
        "ZZA alone is 43% of the value and makes up 81.9% of the concentration; moving part of it into "
        "smaller holdings or a broad fund would lower it."
    ),
    "sector": (
        "Health care makes up 61.4% of the equity of known sector, led by ZZA (43% of the whole portfolio); "
        "moving part of it into other sectors or a broad fund would lower it."
    ),
    "geography": (
        "The United States makes up 89.2% of the value of known region (global funds count 60%), led by ZZA "
        "(43% of the whole portfolio); moving part of it into international funds would lower it."
    ),
    "liquidity": (
        "20% of the value does not trade daily, led by ZZC (20% of the whole portfolio); replacing part of "
        "it by a fund that is priced daily would lower it."
    ),
    "credit": (
        "66.7% of the fixed income is below investment grade or unrated, led by ZZC (20% of the whole "
        "portfolio); moving part of it into government or investment-grade bonds would lower it."
    ),
}


class TestSentences:
    @pytest.mark.parametrize("name", _EXPLANATIONS)
    def test_each_component_names_what_drives_it_and_what_would_lower_it(self, name: str) -> None:
        result = report(
            holding("ZZA", 43, sector=Sector.HEALTH_CARE),
            fund("ZZB", 27, region=Region.GLOBAL),
            bond("ZZC", 20),
            bond_fund("ZZD", 10, Category.GOVERNMENT_BONDS),
        )
        assert component(result, name).explanation == _EXPLANATIONS[name]

    def test_the_summary_says_how_risky_and_why(self) -> None:
        result = report(holding("ZZA", 43), fund("ZZB", 57))
        assert result.summary == (
            f"This portfolio of 2 holdings scores {result.overall_risk_score} out of 10, a moderate risk. "
            "What raises it most is an estimated volatility of 22.6% a year and one sector (information "
            "technology is 43% of the classified equity)."
        )

    def test_the_summary_of_a_calm_portfolio(self) -> None:
        assert report(cash(1)).summary == (
            "This portfolio of 1 holding scores 1.2 out of 10, a low risk. "
            "Every part of the score is in its low band."
        )

    def test_the_summary_admits_what_it_does_not_know(self) -> None:
        assert report(mystery("ZZA", 1)).summary.endswith("so read the figures with care.")

    @pytest.mark.parametrize(
        "rows",
        [
            [cash(1)],
            [mystery("ZZA", 1)],
            [bond("ZZA", 1)],
            [bond_fund("ZZA", 1, None)],
            [fund("ZZA", 1)],
            [holding("ZZA", 1, sector=Sector.UNKNOWN, region=Region.EMERGING_MARKETS)],
            [
                holding(
                    "ZZA", 1, type=AssetType.REIT, sector=Sector.REAL_ESTATE, category=Category.REAL_ESTATE
                )
            ],
            [holding("ZZA", 1, type=AssetType.COMMODITY, category=None)],
            [replace(fund("ZZA", 1, None), name="Target Retirement 2050")],
        ],
    )
    def test_every_explanation_is_one_sentence(self, rows: list[Holding]) -> None:
        for one in report(*rows).components:
            assert re.fullmatch(r"[A-Z0-9].*[a-z]\.", one.explanation)
            assert len(re.findall(r"\. ", one.explanation)) == 0
