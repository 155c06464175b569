"""`python -m bench` measures everything; `python -m bench NAME ...` what is named.

The machine should have nothing else to do; a figure of a busy machine says little.
"""

import argparse
import importlib
import sys

from bench.figures import Figure, table

__all__ = ["main"]

NAMES = (
    "csv_reader",
    "hostile_files",
    "startup",
    "http_routes",
    "observability",
    "uploads",
    "share_tokens",
    "rebalancing",
    "million_portfolios",
    "provider_down",
    "priced_report",
    "comparison",
    "price_store",
    "price_orders",
    "prediction",
    "inference_load",
    "sentiment",
    "sentiment_parity",
    "function_durations",
    "cold_start",
    "web",
)


def main() -> None:
    """Run the named benchmarks one after the other and print what they measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure FolioLens.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all by default")
    names = parser.parse_args().names or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join(NAMES)}")
    figures: list[Figure] = []
    for name in names:
        print(f"== {name}", file=sys.stderr, flush=True)
        # Each states its figures, or prints them itself.
        figures += importlib.import_module(f"bench.{name}").main() or []
    if figures:
        print(table(figures))


if __name__ == "__main__":
    main()
