"""`foliolens cost`: the monthly bill, and everything it rests on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Outcome

Run = Callable[..., Outcome]

DURATIONS = "src/foliolens/operations/costs/durations.json"


def bill(foliolens: Run, *arguments: object) -> dict[str, Any]:
    ended = foliolens("cost", "--json", *arguments)
    assert (ended.code, ended.err) == (0, "")
    answer: dict[str, Any] = json.loads(ended.out)
    return answer


def part(bill: dict[str, Any], name: str) -> float:
    return sum(line["listed"] for line in bill["lines"] if line["part"] == name)


def test_the_estimates_that_users_were_given_are_the_default(foliolens: Run) -> None:
    ended = foliolens("cost")

    assert (ended.code, ended.err) == (0, "")
    assert "300,000 sentiments, 300,000 predictions" in ended.out
    assert "600,000 requests to the gateway" in ended.out
    assert "2026-11-26" in ended.out  # the day of the prices


def test_a_gateway_request_costs_its_list_price(foliolens: Run) -> None:
    (gateway,) = [line for line in bill(foliolens)["lines"] if line["name"] == "API Gateway"]

    assert gateway["listed"] == pytest.approx(0.6 * 3.50)


def test_a_function_costs_its_memory_times_its_time(foliolens: Run) -> None:
    prices = bill(foliolens)["prices"]
    durations = json.loads((Path(__file__).parents[3] / DURATIONS).read_text())
    made = bill(foliolens, "--sentiments", 0, "--predictions", 1_000_000)
    (predict,) = [line for line in made["lines"] if line["name"].startswith("predict")]

    # 1,024 MB bring 1,024 / 1,769 of a core; one invocation of a hundred starts an environment.
    milliseconds = (durations["predict"]["requestMs"] + 0.01 * durations["predict"]["startMs"]) * 1769 / 1024
    assert predict["quantity"] == pytest.approx(1000 * milliseconds)
    assert predict["listed"] == pytest.approx(predict["quantity"] * prices["functionGbSecond"], abs=1e-4)


def test_the_free_tier_is_given_once(foliolens: Run) -> None:
    small = bill(foliolens)
    large = bill(foliolens, "--sentiments", 3_000_000, "--predictions", 3_000_000)

    used = [line for line in large["lines"] if line["unit"] == "GB-s" and line["part"] == "functions"]
    gb_seconds = sum(line["quantity"] for line in used)
    paid = sum(line["payable"] for line in used)
    assert all(line["payable"] == 0 for line in small["lines"] if line["part"] == "functions")
    assert paid == pytest.approx((gb_seconds - 400_000) * large["prices"]["functionGbSecond"], abs=1e-3)


def test_twice_the_traffic_is_twice_the_price_and_what_stands_stays(foliolens: Run) -> None:
    once = bill(foliolens)
    twice = bill(
        foliolens, "--sentiments", 600_000, "--predictions", 600_000, "--gateway-requests", 1_200_000
    )

    for name in ("functions", "gateway", "around"):
        assert part(twice, name) == pytest.approx(2 * part(once, name), abs=1e-3)
    assert part(twice, "standing") == part(once, "standing")
    assert part(twice, "database") == part(once, "database")


def test_the_sums_are_those_of_the_lines_and_leave_the_database_out(foliolens: Run) -> None:
    made = bill(foliolens)

    traffic = sum(part(made, name) for name in ("functions", "gateway"))
    without = traffic + part(made, "around") + part(made, "standing")
    assert made["traffic"]["listed"] == pytest.approx(traffic, abs=1e-3)
    assert made["withoutFirewall"]["listed"] == pytest.approx(without, abs=1e-3)
    assert made["withoutDatabase"]["listed"] == pytest.approx(without + part(made, "firewall"), abs=1e-3)
    assert made["database"]["listed"] == pytest.approx(part(made, "database"), abs=1e-3)


def test_without_the_firewall_it_costs_nothing(foliolens: Run) -> None:
    with_it, without = bill(foliolens), bill(foliolens, "--no-firewall")

    saved = with_it["withoutDatabase"]["listed"] - without["withoutDatabase"]["listed"]
    assert saved == pytest.approx(5 + 4 * 1 + 0.6 * 0.60)


def test_each_sum_is_held_to_the_aim(foliolens: Run) -> None:
    made, printed = bill(foliolens), foliolens("cost").out

    held = [
        line.partition("less than 10; missed by")[2].split()
        for line in printed.splitlines()
        if "less than 10;" in line
    ]
    sums = [made["traffic"], made["withoutFirewall"], made["withoutDatabase"]]
    assert made["aim"] == 10
    assert held == [
        ["met" if of[kind] < 10 else f"{of[kind] - 10:.2f}" for kind in ("listed", "payable")] for of in sums
    ]


def test_a_snapshot_costs_its_memory_for_the_whole_month(foliolens: Run) -> None:
    (kept,) = [
        line for line in bill(foliolens, "--snapshot-mb", 1024)["lines"] if line["name"] == "snapshots"
    ]

    assert kept["listed"] == pytest.approx(730 * 3600 * 0.0000015046, abs=1e-4)


def test_the_nights_prices_cost_what_is_written_and_read_of_them(foliolens: Run) -> None:
    lines = {line["name"]: line for line in bill(foliolens, "--symbols", 1000)["lines"]}
    none = {line["name"]: line for line in bill(foliolens, "--symbols", 0)["lines"]}

    # Ten units written and fifteen read for each symbol; 21 nights a month.
    assert lines["the night's prices, written"]["listed"] == pytest.approx(0.021 * 10 * 0.625, abs=1e-4)
    assert lines["the night's prices, read"]["listed"] == pytest.approx(0.021 * 15 * 0.125, abs=1e-4)
    assert none["the night's prices, written"]["listed"] == 0


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_each_environment_has_a_bill(foliolens: Run, environment: str) -> None:
    ended = foliolens("cost", "--env", environment)

    assert ended.code == 0
    assert ("Aurora" in ended.out) == (environment == "dev")


class TestOwnPrices:
    @pytest.fixture
    def prices(self, foliolens: Run) -> dict[str, Any]:
        printed: dict[str, Any] = bill(foliolens)["prices"]
        return printed

    def test_they_take_the_place_of_those_that_come_along(
        self, foliolens: Run, tmp_path: Path, prices: dict[str, Any]
    ) -> None:
        file = tmp_path / "prices.json"
        file.write_text(json.dumps({**prices, "gatewayRequestsMillion": 1.0}))

        (gateway,) = [
            line for line in bill(foliolens, "--prices", file)["lines"] if line["name"] == "API Gateway"
        ]

        assert gateway["listed"] == pytest.approx(0.6)

    @pytest.mark.parametrize(
        ("change", "place"),
        [({"alarm": "cheap"}, "alarm"), ({"alarm": -1}, "alarm"), ({"allarm": 1}, "allarm")],
    )
    def test_a_wrong_one_is_named(
        self, foliolens: Run, tmp_path: Path, prices: dict[str, Any], change: dict[str, Any], place: str
    ) -> None:
        file = tmp_path / "prices.json"
        file.write_text(json.dumps({**prices, **change}))

        ended = foliolens("cost", "--prices", file)

        assert ended.code == 2
        assert f"{file}: {place}: " in ended.err

    def test_a_missing_file_is_named(self, foliolens: Run, tmp_path: Path) -> None:
        ended = foliolens("cost", "--prices", tmp_path / "none.json")

        assert ended.code == 3
        assert "none.json: No such file" in ended.err
