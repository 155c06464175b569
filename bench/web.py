"""The web app against its budgets, in Chromium on a throttled machine.

Four times less processor and a network of 1.6 Mbit/s with 150 ms to the server ("slow 4G" as Lighthouse has
it), on the machine that runs server and browser. What is measured is what the browser says of itself: first
contentful paint, layout shifts, and the time from an interaction to the next paint, on a portfolio of 50
holdings.
"""

import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from tests.api.conftest import Server, User, running_server, signed_up
from tests.api.exchanges import create_portfolio, holding, portfolio
from tests.browser.conftest import chromium
from tests.browser.pages import PHONE, opened

from bench.figures import Figure

__all__ = ["budgets", "main"]

ROUNDS = 5
SLOWDOWN = 4
ROUND_TRIP_MS = 150
BYTES_A_SECOND = 1_600_000 / 8
STATIC = Path(__file__).parents[1] / "src" / "foliolens" / "static"

_OBSERVE = """
window.shifts = []; window.delays = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) shifts.push(entry.value);
})).observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (entry.interactionId) delays.push(entry.duration);
})).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""


def throttle(page: Page) -> None:
    """Make processor and network slow, and nothing cached."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND / 2,
        },
    )


def seen(page: Page, path: str, landmark: str) -> dict[str, float]:
    """Open a page; when something was painted first, when its content was there, and how much moved."""
    page.add_init_script(_OBSERVE)
    throttle(page)
    page.goto(path)
    page.get_by_text(landmark).first.wait_for()
    measured: dict[str, float] = page.evaluate(
        """() => ({
          paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
          content: performance.now(),
          shift: shifts.reduce((sum, value) => sum + value, 0),
        })"""
    )
    return measured


def delays(page: Page) -> list[float]:
    """Milliseconds from an interaction to the next paint, for what people do on a portfolio."""
    for name in ("Map", "Asset classes", "Holdings"):
        page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name="Hide amounts").click()
    page.get_by_role("button", name="Hide amounts").click()
    page.get_by_role("button", name="Edit holdings").click()
    page.get_by_label("Value of STK7").click()
    page.keyboard.type("123")
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_timeout(500)
    found: list[float] = page.evaluate("delays")
    return found


def measure(browser: Browser, server: Server, user: User, rounds: int) -> dict[str, list[Any]]:
    """Everything, several times, each in a browser of its own."""
    body = portfolio("Fifty", *(holding(f"STK{number}", 1000 + 37 * number) for number in range(50)))
    path = f"/portfolios/{create_portfolio(user.client, **body)['id']}"
    results: dict[str, list[Any]] = {"entry": [], "portfolio": [], "delays": []}
    for _ in range(rounds):
        with opened(browser, server, PHONE) as (page, _complaints):
            results["entry"].append(seen(page, "/sign-in", "Forgot your password?"))
        with opened(browser, server, PHONE, email=user.email) as (page, _complaints):
            results["portfolio"].append(seen(page, path, "What makes up the score"))
            results["delays"].append(delays(page))
    return results


def main() -> list[Figure]:
    """Measure all of it."""
    with running_server(auto_confirm="true") as server, signed_up(server) as user, chromium() as browser:
        return budgets(browser, server, user, ROUNDS)


def budgets(browser: Browser, server: Server, user: User, rounds: int) -> list[Figure]:
    """Each budget of the web app, with what was measured.

    Args:
        browser: Opens pages.
        server: Serves them.
        user: Gets a portfolio of 50 holdings.
        rounds: How often each page is opened.
    """
    results = measure(browser, server, user, rounds)
    scripts = sum(path.stat().st_size for path in STATIC.glob("assets/*.js.gz"))
    styles = sum(path.stat().st_size for path in STATIC.glob("assets/*.css.gz"))
    conditions = f"phone, processor /{SLOWDOWN}, slow 4G"

    def median(page: str, what: str) -> float:
        return statistics.median(each[what] for each in results[page])

    worst = max(each["shift"] for page in ("entry", "portfolio") for each in results[page])
    worst_of_visits = [max(visit) for visit in results["delays"]]
    interactions = [delay for visit in results["delays"] for delay in visit]
    return [
        Figure(
            "JavaScript of the web app, all of it, gzip",
            f"{scripts / 1000:.1f} kB",
            f"styles {styles / 1000:.1f} kB",
            "≤ 60 kB",
        ),
        *(
            Figure(
                f"first contentful paint, {name} ({conditions})",
                f"{median(page, 'paint') / 1000:.2f} s",
                f"content there after {median(page, 'content') / 1000:.2f} s",
                "< 1.2 s",
            )
            for page, name in (("entry", "sign-in"), ("portfolio", "50 holdings"))
        ),
        Figure("layout shift, worst of both pages and all rounds", f"{worst:.4f}", "", "0"),
        Figure(
            f"interaction to next paint, 50 holdings ({conditions})",
            f"{statistics.median(worst_of_visits):.0f} ms, the worst of a visit",
            f"half of {len(interactions)} within {statistics.median(interactions):.0f} ms",
            "< 200 ms",
        ),
    ]


if __name__ == "__main__":
    print(*main(), sep="\n")
