"""Whole-portfolio validation: what is computed, what is refused, what is only said."""

from decimal import Decimal

import pytest

from foliolens.holdings.models import HoldingDraft, IssueCode, Validation
from foliolens.holdings.validation import Rules, validate
from foliolens.reference.taxonomy import AssetType, Category, Sector

D = Decimal
PLAIN = Rules()
FILE = Rules(from_file=True)
MERGE = Rules(sum_duplicates=True)
OVERRIDE = Rules(override_business_rules=True)


def check(*drafts: HoldingDraft, total: D | None = None, rules: Rules = PLAIN) -> Validation:
    return validate(drafts, total=total, rules=rules)


def found(validation: Validation) -> list[tuple[IssueCode, int | None, str | None]]:
    return [(issue.code, issue.row, issue.field) for issue in validation.errors]


def warned(validation: Validation) -> set[IssueCode]:
    return {issue.code for issue in validation.warnings}


def half(symbol: str, **stated: object) -> HoldingDraft:
    return HoldingDraft(symbol, amount=D("500.00"), **stated)  # type: ignore[arg-type]


OTHER = half("MSFT")


# What is computed


def test_allocations_are_computed_from_amounts_and_sum_to_exactly_100() -> None:
    validation = check(*(HoldingDraft(symbol, amount=D("1.00")) for symbol in ("AAPL", "MSFT", "VTI")))

    assert [h.allocation for h in validation.holdings] == [D("33.34"), D("33.33"), D("33.33")]
    assert validation.total == D("3.00")


def test_amounts_are_computed_from_allocations_and_sum_to_exactly_the_total() -> None:
    drafts = (HoldingDraft("AAPL", allocation=D("33.33")), HoldingDraft("VTI", allocation=D("66.67")))

    validation = check(*drafts, total=D("100.01"))

    assert [h.amount for h in validation.holdings] == [D("33.33"), D("66.68")]
    assert [h.allocation for h in validation.holdings] == [D("33.33"), D("66.67")]
    assert validation.allocation_sum == D("100.00")


def test_an_allocation_without_amount_takes_its_part_of_what_the_amounts_leave() -> None:
    validation = check(
        HoldingDraft("AAPL", allocation=D("40")), HoldingDraft("VTI", amount=D("600")), total=D(1000)
    )

    assert [h.amount for h in validation.holdings] == [D("400.00"), D("600.00")]


def test_the_amount_follows_from_shares_and_current_price() -> None:
    validation = check(HoldingDraft("AAPL", shares=D("2.5"), price=D("200.002"), avg_price=D(1)), OTHER)

    # 500.005 is half-way and goes to the even cent.
    assert validation.holdings[0].amount == D("500.00")
    assert validation.warnings == () or IssueCode.INCONSISTENT_ROW not in warned(validation)


def test_an_amount_from_the_purchase_price_comes_with_a_warning() -> None:
    validation = check(HoldingDraft("AAPL", shares=D(5), avg_price=D(100)), OTHER)

    assert validation.holdings[0].amount == D("500.00")
    assert IssueCode.INCONSISTENT_ROW in warned(validation)


def test_what_is_not_stated_comes_from_the_reference_table_and_what_is_stated_wins() -> None:
    validation = check(half("aapl"), half("VTI", sector=Sector.ENERGY, expense_ratio=D("0.5")))

    apple, vti = validation.holdings
    assert (apple.symbol, apple.type, apple.sector) == (
        "AAPL",
        AssetType.STOCK,
        Sector.INFORMATION_TECHNOLOGY,
    )
    assert (vti.type, vti.sector, vti.expense_ratio) == (AssetType.ETF, Sector.ENERGY, D("0.5"))


def test_an_unknown_symbol_is_a_stock_with_a_warning() -> None:
    validation = check(half("QQQQQQZ"), OTHER)

    assert validation.holdings[0].type is AssetType.STOCK
    assert [(w.row, w.value) for w in validation.warnings if w.code is IssueCode.UNKNOWN_SYMBOL] == [
        (0, "QQQQQQZ")
    ]


# What is refused


@pytest.mark.parametrize(
    ("draft", "code", "field"),
    [
        (half(""), IssueCode.MISSING_REQUIRED_FIELD, "symbol"),
        (half("A B"), IssueCode.INVALID_SYMBOL_FORMAT, "symbol"),
        (half("=A"), IssueCode.INVALID_SYMBOL_FORMAT, "symbol"),
        (half("-A"), IssueCode.INVALID_SYMBOL_FORMAT, "symbol"),
        (half("A" * 21), IssueCode.INVALID_SYMBOL_FORMAT, "symbol"),
        (half("AAPL", name="x" * 201), IssueCode.OUT_OF_RANGE, "name"),
        (half("AAPL", name="a\x00b"), IssueCode.OUT_OF_RANGE, "name"),
        (HoldingDraft("AAPL", amount=D("-1")), IssueCode.OUT_OF_RANGE, "dollarAmount"),
        (HoldingDraft("AAPL", amount=D("1e12")), IssueCode.OUT_OF_RANGE, "dollarAmount"),
        (HoldingDraft("AAPL", amount=D("1.234")), IssueCode.OUT_OF_RANGE, "dollarAmount"),
        (HoldingDraft("AAPL", amount=D("NaN")), IssueCode.OUT_OF_RANGE, "dollarAmount"),
        (HoldingDraft("AAPL", amount=D("sNaN")), IssueCode.OUT_OF_RANGE, "dollarAmount"),
        (HoldingDraft("AAPL", amount=D("Infinity")), IssueCode.OUT_OF_RANGE, "dollarAmount"),
        (HoldingDraft("AAPL", amount=D("1e999999")), IssueCode.OUT_OF_RANGE, "dollarAmount"),
        (half("AAPL", allocation=D("100.01")), IssueCode.OUT_OF_RANGE, "allocationPercentage"),
        (half("AAPL", allocation=D("50.001")), IssueCode.OUT_OF_RANGE, "allocationPercentage"),
        (half("AAPL", shares=D("-1")), IssueCode.OUT_OF_RANGE, "shares"),
        (half("AAPL", shares=D("0.0000001")), IssueCode.OUT_OF_RANGE, "shares"),
        (half("AAPL", avg_price=D("-1")), IssueCode.OUT_OF_RANGE, "avgPurchasePrice"),
        (half("VTI", expense_ratio=D("5.01")), IssueCode.OUT_OF_RANGE, "expenseRatio"),
        (half("AAPL", expense_ratio=D("0.1")), IssueCode.INCONSISTENT_ROW, "expenseRatio"),
        (half("AAPL", dividend_yield=D("20.01")), IssueCode.OUT_OF_RANGE, "dividendYield"),
        (half("AAPL", risk_rating=11), IssueCode.OUT_OF_RANGE, "riskRating"),
        (half("AAPL", shares=D(1), price=D("494")), IssueCode.INCONSISTENT_ROW, "dollarAmount"),
        (half("AAPL", shares=D(1), avg_price=D("494")), IssueCode.INCONSISTENT_ROW, "dollarAmount"),
        (half("AAPL", allocation=D("50.02")), IssueCode.INCONSISTENT_ROW, "allocationPercentage"),
        (HoldingDraft("AAPL"), IssueCode.MISSING_REQUIRED_FIELD, "dollarAmount"),
        (
            HoldingDraft("BND1", type=AssetType.BOND, shares=D(10), price=D(99)),
            IssueCode.MISSING_REQUIRED_FIELD,
            "dollarAmount",
        ),
    ],
)
def test_a_holding_is_refused_with_its_row_and_field(
    draft: HoldingDraft, code: IssueCode, field: str
) -> None:
    validation = check(OTHER, draft)

    assert found(validation) == [(code, 1, field)]
    assert validation.holdings == ()
    assert validation.total is None
    assert validation.error_rows == 1


@pytest.mark.parametrize(
    "draft",
    [
        half("AAPL", shares=D(1), price=D("495.00")),
        half("AAPL", shares=D(1), price=D("505.00"), avg_price=D(1)),
        half("AAPL", allocation=D("50.01")),
        half("AAPL", expense_ratio=D(0)),
        half("912828XX1", type=AssetType.BOND, shares=D(500), price=D("100.5")),
        HoldingDraft("AAPL", amount=D("5E+2")),
    ],
)
def test_a_holding_within_tolerance_is_accepted(draft: HoldingDraft) -> None:
    assert check(OTHER, draft).errors == ()


def test_every_error_comes_at_once() -> None:
    validation = check(
        half("A B"), half("AAPL", risk_rating=0, dividend_yield=D(30)), HoldingDraft("KO"), half("AAPL")
    )

    assert found(validation) == [
        (IssueCode.INVALID_SYMBOL_FORMAT, 0, "symbol"),
        (IssueCode.OUT_OF_RANGE, 1, "dividendYield"),
        (IssueCode.OUT_OF_RANGE, 1, "riskRating"),
        (IssueCode.MISSING_REQUIRED_FIELD, 2, "dollarAmount"),
        (IssueCode.DUPLICATE_SYMBOL, 3, "symbol"),
    ]
    assert validation.error_rows == 4


def test_values_the_caller_could_not_read_are_not_reported_again() -> None:
    drafts = [HoldingDraft("AAPL"), OTHER]

    validation = validate(drafts, total=None, rules=Rules(), faulty=[(0, "dollarAmount")])

    assert validation.errors == ()
    assert validation.holdings == ()
    assert validation.error_rows == 1


@pytest.mark.parametrize(
    ("drafts", "total", "code", "field"),
    [
        ((), None, IssueCode.MISSING_REQUIRED_FIELD, "assets"),
        ((half("AAPL"), OTHER), D("1000.02"), IssueCode.INVALID_DOLLAR_CONSISTENCY, "totalValue"),
        ((half("AAPL"), OTHER), D("0"), IssueCode.OUT_OF_RANGE, "totalValue"),
        ((half("AAPL"), OTHER), D("NaN"), IssueCode.OUT_OF_RANGE, "totalValue"),
        (
            (HoldingDraft("AAPL", amount=D(0)), HoldingDraft("KO", amount=D(0))),
            None,
            IssueCode.OUT_OF_RANGE,
            "totalValue",
        ),
        (
            (HoldingDraft("AAPL", allocation=D(50)), HoldingDraft("KO", allocation=D(50))),
            None,
            IssueCode.MISSING_REQUIRED_FIELD,
            "totalValue",
        ),
        (
            (HoldingDraft("AAPL", allocation=D(50)), HoldingDraft("KO", allocation=D("49.98"))),
            D(100),
            IssueCode.INVALID_ALLOCATION_SUM,
            "allocationPercentage",
        ),
        (
            (HoldingDraft("AAPL", allocation=D(0)), HoldingDraft("KO", amount=D("100"))),
            D(90),
            IssueCode.INVALID_DOLLAR_CONSISTENCY,
            "totalValue",
        ),
    ],
)
def test_a_portfolio_is_refused_as_a_whole(
    drafts: tuple[HoldingDraft, ...], total: D | None, code: IssueCode, field: str
) -> None:
    assert (code, None, field) in found(check(*drafts, total=total))


def test_a_declared_total_may_miss_the_amounts_by_a_cent() -> None:
    validation = check(half("AAPL"), OTHER, total=D("1000.01"))

    assert validation.errors == ()
    assert validation.total == D("1000.00")


def test_more_holdings_than_the_limit_are_refused() -> None:
    drafts = [HoldingDraft(f"S{number}", amount=D(1)) for number in range(4)]

    assert found(check(*drafts, rules=Rules(max_holdings=3))) == [(IssueCode.TOO_MANY_ROWS, None, "assets")]


def test_a_thousand_errors_of_one_code_are_listed_and_all_are_counted() -> None:
    drafts = [HoldingDraft("A B", amount=D(1)) for _ in range(1_500)]

    validation = check(*drafts, rules=Rules(max_holdings=2_000, override_business_rules=True))

    assert len(validation.errors) == 1_001
    assert validation.errors[-1].message == "and 500 more of the same, not listed"
    assert validation.error_rows == 1_500


# Files


def test_a_file_may_round_its_percentages() -> None:
    rounded = [
        HoldingDraft("AAPL", amount=D("333.40"), allocation=D("33.3")),
        HoldingDraft("MSFT", amount=D("333.00"), allocation=D("33.3")),
        HoldingDraft("VTI", amount=D("333.60"), allocation=D("33.4")),
    ]

    assert [(code, row) for code, row, _ in found(check(*rounded))] == [
        (IssueCode.INCONSISTENT_ROW, 0),
        (IssueCode.INCONSISTENT_ROW, 2),
    ]
    assert check(*rounded, rules=FILE).errors == ()


def test_the_sum_of_a_files_percentages_may_miss_100_by_a_hundredth_and_half_a_hundredth_a_row() -> None:
    def drafts(last: str) -> list[HoldingDraft]:
        return [
            HoldingDraft("AAPL", allocation=D("50")),
            HoldingDraft("VTI", allocation=D(last)),
        ]

    assert check(*drafts("49.98"), total=D(100), rules=FILE).errors == ()
    assert found(check(*drafts("49.97"), total=D(100), rules=FILE)) != []


def test_a_file_may_have_more_decimals_than_are_kept() -> None:
    validation = check(
        half("AAPL", shares=D("1.23456789")), HoldingDraft("KO", amount=D("500.005")), rules=FILE
    )

    assert [h.amount for h in validation.holdings] == [D("500.00"), D("500.00")]
    assert validation.holdings[0].shares == D("1.234568")


# Duplicates


def test_merge_mode_adds_duplicates_up_with_a_warning() -> None:
    validation = check(
        HoldingDraft("AAPL", amount=D(300), shares=D(1), avg_price=D(300)),
        OTHER,
        HoldingDraft("aapl", name="Mine", amount=D(606), shares=D(2), avg_price=D(303)),
        rules=MERGE,
    )

    apple, _ = validation.holdings
    assert (apple.amount, apple.shares, apple.avg_price, apple.name) == (D("906.00"), D(3), D(302), "Mine")
    assert [(w.row, w.field) for w in validation.warnings if w.code is IssueCode.DUPLICATE_SYMBOL] == [
        (2, "symbol")
    ]


def test_merge_mode_refuses_two_types_of_one_symbol() -> None:
    drafts = (half("AAPL", type=AssetType.STOCK), OTHER, half("AAPL", type=AssetType.ETF))

    assert found(check(*drafts, rules=MERGE)) == [(IssueCode.INCONSISTENT_ROW, 2, "type")]


def test_without_merge_mode_the_error_says_that_it_would_add_them_up() -> None:
    (error,) = check(half("AAPL"), half("AAPL")).errors

    assert error.code is IssueCode.DUPLICATE_SYMBOL
    assert "merge" in (error.suggestion or "")


# Business rules


BREACHES = [
    (
        (HoldingDraft("AAPL", amount=D("80.01")), HoldingDraft("KO", amount=D("19.99"))),
        IssueCode.CONCENTRATION_LIMIT,
    ),
    ((HoldingDraft("CASH", amount=D("50.01")), HoldingDraft("KO", amount=D("49.99"))), IssueCode.CASH_LIMIT),
    (
        (
            HoldingDraft("AAPL", amount=D("50")),
            HoldingDraft("MSFT", amount=D("49.91")),
            HoldingDraft("KO", amount=D("0.09")),
        ),
        IssueCode.OUT_OF_RANGE,
    ),
    ((half("AAPL", shares=D(5), avg_price=D(50)), OTHER), IssueCode.INCONSISTENT_ROW),
]


@pytest.mark.parametrize(("drafts", "code"), BREACHES)
def test_a_breach_of_a_business_rule_is_an_error(drafts: tuple[HoldingDraft, ...], code: IssueCode) -> None:
    assert [error.code for error in check(*drafts).errors] == [code]


@pytest.mark.parametrize(("drafts", "code"), BREACHES)
def test_an_overridden_breach_is_a_warning(drafts: tuple[HoldingDraft, ...], code: IssueCode) -> None:
    validation = check(*drafts, rules=OVERRIDE)

    assert validation.errors == ()
    assert code in warned(validation)


@pytest.mark.parametrize(
    "drafts",
    [
        (HoldingDraft("AAPL", amount=D("80")), HoldingDraft("KO", amount=D("20"))),
        (HoldingDraft("VTI", amount=D("99")), HoldingDraft("KO", amount=D("1"))),
        (HoldingDraft("CASH", amount=D("50")), HoldingDraft("KO", amount=D("50"))),
        (
            HoldingDraft("AAPL", amount=D("50")),
            HoldingDraft("MSFT", amount=D("49.9")),
            HoldingDraft("KO", amount=D("0.1")),
        ),
    ],
)
def test_exactly_at_a_limit_nothing_is_breached(drafts: tuple[HoldingDraft, ...]) -> None:
    assert check(*drafts).errors == ()


def test_concentration_and_many_holdings_are_warnings() -> None:
    drafts = [
        HoldingDraft(f"S{n}", type=AssetType.STOCK, category=Category.US_LARGE_CAP, amount=D(1))
        for n in range(51)
    ]

    validation = check(*drafts)

    assert validation.errors == ()
    assert {IssueCode.CONCENTRATION_WARNING, IssueCode.TOO_MANY_ROWS, IssueCode.UNKNOWN_SYMBOL} >= warned(
        validation
    )
    assert {w.field for w in validation.warnings if w.row is None} >= {"category", "type", "assets"}


# Allocations as fractions


def test_allocations_that_look_like_fractions_are_an_error_that_says_so() -> None:
    drafts = (HoldingDraft("AAPL", allocation=D("0.6")), HoldingDraft("VTI", allocation=D("0.4")))

    validation = check(*drafts, total=D(1000))

    assert found(validation) == [(IssueCode.INVALID_ALLOCATION_SUM, None, "allocationPercentage")]
    assert "fractions" in (validation.errors[0].suggestion or "")


def test_other_wrong_sums_do_not_look_like_fractions() -> None:
    drafts = (HoldingDraft("AAPL", allocation=D("40")), HoldingDraft("VTI", allocation=D("40")))

    validation = check(*drafts, total=D(1000))

    assert found(validation) == [(IssueCode.INVALID_ALLOCATION_SUM, None, "allocationPercentage")]
    assert "fractions" not in (validation.errors[0].suggestion or "")
