"""Sectors, regions, credit, liquidity, volatility and diversification of merged positions."""

import pytest
from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.risk.credit import low_credit_share
from foliolens.risk.diversification import asset_class_hhi, composite, spread_score
from foliolens.risk.geography import region_exposure
from foliolens.risk.liquidity import illiquid_share, trades_daily
from foliolens.risk.positions import positions_of
from foliolens.risk.sectors import sector_exposure
from foliolens.risk.volatility import LONG_RUN, long_run_volatility, portfolio_volatility
from tests.unit.risk.cases import bond, bond_fund, cash, fund, holding, mystery, position


class TestSectors:
    def test_shares_are_of_the_classified_equity(self) -> None:
        exposure = sector_exposure(
            positions_of(
                [
                    holding("A", 30, sector=Sector.ENERGY),
                    holding("B", 10, sector=Sector.UTILITIES),
                    holding("C", 20, sector=Sector.UNKNOWN),
                    bond_fund("D", 25, Category.GOVERNMENT_BONDS),
                    cash(15),
                ]
            )
        )
        assert exposure is not None
        assert exposure.largest is Sector.ENERGY
        assert exposure.largest_share == pytest.approx(0.75)
        assert exposure.hhi == pytest.approx(0.75**2 + 0.25**2)

    def test_a_diversified_fund_dilutes_without_being_a_bet(self) -> None:
        exposure = sector_exposure(positions_of([fund("A", 90), holding("B", 10)]))
        assert exposure is not None
        assert exposure.largest is Sector.INFORMATION_TECHNOLOGY
        assert exposure.largest_share == pytest.approx(0.1)

    def test_a_balanced_fund_dilutes_too(self) -> None:
        target_date = replace(fund("A", 80, None), name="Target Retirement 2060")
        exposure = sector_exposure(positions_of([target_date, holding("B", 20)]))
        assert exposure is not None
        assert exposure.largest_share == pytest.approx(0.2)

    def test_a_fund_marked_as_bonds_is_no_bet_either(self) -> None:
        convertibles = fund("A", 90, sector=Sector.BONDS)
        exposure = sector_exposure(positions_of([convertibles, holding("B", 10)]))
        assert exposure is not None
        assert exposure.largest is Sector.INFORMATION_TECHNOLOGY
        assert exposure.hhi == pytest.approx(0.01)

    def test_diversified_funds_alone_lean_on_no_sector(self) -> None:
        exposure = sector_exposure(positions_of([fund("A", 1)]))
        assert exposure is not None
        assert (exposure.largest, exposure.largest_share, exposure.hhi) == (None, 0, 0)

    def test_listed_real_estate_is_a_sector(self) -> None:
        reit = holding("A", 1, type=AssetType.REIT, sector=Sector.REAL_ESTATE)
        exposure = sector_exposure(positions_of([reit]))
        assert exposure is not None
        assert exposure.largest is Sector.REAL_ESTATE

    def test_equal_sectors_are_named_in_alphabetical_order(self) -> None:
        rows = [holding("A", 1, sector=Sector.UTILITIES), holding("B", 1, sector=Sector.ENERGY)]
        exposure = sector_exposure(positions_of(rows))
        assert exposure is not None
        assert exposure.largest is Sector.ENERGY

    @pytest.mark.parametrize(
        "one",
        [cash(1), bond("A", 1), mystery("A", 1), holding("A", 1, sector=Sector.UNKNOWN)],
        ids=["cash", "bond", "unknown fund", "stock of unknown sector"],
    )
    def test_nothing_applies_without_equity_of_known_sector(self, one: Holding) -> None:
        assert sector_exposure([position(one)]) is None


class TestGeography:
    def test_the_home_share_is_of_the_classified_value(self) -> None:
        exposure = region_exposure(
            positions_of(
                [
                    holding("A", 45),
                    holding("B", 15, region=Region.EMERGING_MARKETS),
                    holding("C", 40, region=Region.UNKNOWN),
                ]
            )
        )
        assert exposure is not None
        assert exposure.home_share == pytest.approx(0.75)
        assert exposure.hhi == pytest.approx(0.75**2 + 0.25**2)

    def test_a_global_fund_is_looked_through(self) -> None:
        exposure = region_exposure(positions_of([fund("A", 50, region=Region.GLOBAL), holding("B", 50)]))
        assert exposure is not None
        assert exposure.home_share == pytest.approx(0.8)
        assert sum(exposure.shares.values()) == pytest.approx(1)

    def test_cash_and_commodities_are_at_home_nowhere(self) -> None:
        gold = holding("A", 20, type=AssetType.COMMODITY, category=None)
        oil_fund = fund("C", 10, Category.COMMODITIES)
        money = replace(cash(30), region=Region.US)
        abroad = holding("B", 40, region=Region.DEVELOPED_INTERNATIONAL)
        exposure = region_exposure(positions_of([gold, oil_fund, money, abroad]))
        assert exposure is not None
        assert exposure.home_share == 0

    @pytest.mark.parametrize("one", [cash(1), mystery("A", 1)], ids=["cash", "unknown fund"])
    def test_nothing_applies_without_a_known_region(self, one: Holding) -> None:
        assert region_exposure([position(one)]) is None


class TestCredit:
    def test_high_yield_and_unrated_bonds_are_low(self) -> None:
        share = low_credit_share(
            positions_of(
                [
                    bond_fund("A", 60, Category.GOVERNMENT_BONDS),
                    bond_fund("B", 15, Category.HIGH_YIELD_BONDS),
                    bond("C", 5),
                    bond("D", 20, Category.CORPORATE_BONDS),
                    holding("E", 500),
                    cash(500),
                ]
            )
        )
        assert share == pytest.approx(0.2)

    def test_a_bond_fund_without_category_is_left_out(self) -> None:
        rows = [
            bond_fund("A", 70, None),
            bond_fund("B", 10, Category.HIGH_YIELD_BONDS),
            bond("C", 30, Category.CORPORATE_BONDS),
        ]
        assert low_credit_share(positions_of(rows)) == pytest.approx(0.25)

    @pytest.mark.parametrize(
        "one", [cash(1), holding("A", 1), bond_fund("A", 1, None)], ids=["cash", "stock", "bond fund"]
    )
    def test_nothing_applies_without_fixed_income_of_known_quality(self, one: Holding) -> None:
        assert low_credit_share([position(one)]) is None


class TestLiquidity:
    def test_the_share_is_of_the_value(self) -> None:
        assert illiquid_share(positions_of([bond("A", 30), holding("B", 50), cash(20)])) == pytest.approx(0.3)

    @pytest.mark.parametrize(
        ("one", "expected"),
        [
            (holding("A", 1), True),
            (mystery("A", 1), True),
            (cash(1), True),
            (holding("A", 1, type=AssetType.REIT, name="Realty Income Corporation"), True),
            (holding("A", 1, type=AssetType.REIT, name="Sky Non-Traded REIT"), False),
            (holding("A", 1, type=AssetType.MUTUAL_FUND, name="Bluerock Private Real Estate Fund"), False),
            (holding("A", 1, type=AssetType.ETF, name="Listed Private Credit ETF"), True),
            (bond("A", 1), False),
            (bond("A", 1, Category.CASH_EQUIVALENTS), True),
            (bond("A", 1, name="United States Treasury Note 4.25% 2034"), True),
            (bond("A", 1, name="T-BILL 12/24/2026"), True),
            (bond("A", 1, name="Core Bond Fund"), True),
            (bond("BND", 1, name="Total Bond Market"), True),
        ],
    )
    def test_what_trades_daily(self, one: Holding, *, expected: bool) -> None:
        assert trades_daily(position(one)) is expected


class TestVolatility:
    @pytest.mark.parametrize("category", Category)
    def test_a_fund_has_the_figure_of_its_category(self, category: Category) -> None:
        assert long_run_volatility(position(fund("A", 1, category))) == LONG_RUN[category]

    @pytest.mark.parametrize(
        ("one", "expected"),
        [
            (holding("A", 1), 0.30),
            (holding("A", 1, category=None), 0.30),
            (holding("A", 1, type=AssetType.REIT, category=Category.REAL_ESTATE), 0.30),
            (cash(1), 0.01),
            (bond("A", 1), 0.11),
            (bond("A", 1, Category.CORPORATE_BONDS), 0.07),
            (mystery("A", 1), 0.27),
            (fund("A", 1, None), 0.19),
            (fund("A", 1, None, region=Region.EMERGING_MARKETS), 0.27),
            (fund("A", 1, None, sector=Sector.REAL_ESTATE), 0.24),
            (bond_fund("A", 1, None), 0.11),
            (holding("A", 1, type=AssetType.COMMODITY, category=None), 0.21),
            (fund("A", 1, Category.COMMODITIES, name="Spot Bitcoin ETF"), 0.60),
            (fund("A", 1, name="Daily S&P 500 Bull 3X"), 0.51),
            (fund("A", 1, name="UltraPro QQQ"), 0.51),
            (fund("A", 1, Category.GOVERNMENT_BONDS, name="2x Treasury"), 0.12),
        ],
    )
    def test_stocks_cash_and_what_the_category_does_not_tell(self, one: Holding, expected: float) -> None:
        assert long_run_volatility(position(one)) == pytest.approx(expected)

    def test_nothing_fluctuates_less_than_cash(self) -> None:
        assert min(LONG_RUN.values()) == LONG_RUN[Category.CASH_EQUIVALENTS]

    def test_the_portfolio_has_the_weighted_mean(self) -> None:
        rows = [fund("A", 60), bond_fund("B", 30, Category.GOVERNMENT_BONDS), cash(10)]
        assert portfolio_volatility(positions_of(rows)) == pytest.approx(0.6 * 0.17 + 0.3 * 0.06 + 0.1 * 0.01)


class TestDiversification:
    def test_all_in_one_place_is_one_and_evenly_everywhere_is_ten(self) -> None:
        assert spread_score(1.0, 4) == 1
        assert spread_score(0.25, 4) == 10

    def test_half_and_half_over_two_of_four(self) -> None:
        assert spread_score(0.5, 4) == pytest.approx(1 + 9 * 0.5 / 0.75)

    def test_asset_classes_of_unknown_holdings_do_not_count(self) -> None:
        rows = [holding("A", 30), bond("B", 30), mystery("C", 40)]
        assert asset_class_hhi(positions_of(rows)) == pytest.approx(0.5)

    def test_without_any_known_asset_class_there_is_no_figure(self) -> None:
        assert asset_class_hhi([position(mystery("A", 1))]) is None

    def test_the_composite_is_the_mean_of_what_applies(self) -> None:
        assert composite([4.0, None, 8.0]) == 6
        assert composite([None, None, None]) is None
