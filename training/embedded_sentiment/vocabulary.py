"""Words and numbers the generated sentences are filled with."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

__all__ = ["LISTS", "NUMBERS", "amount_pair"]

_WORDS = Path(__file__).with_name("vocabulary.txt")


def _read() -> dict[str, tuple[str, ...]]:
    text = "\n".join(line for line in _WORDS.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    blocks = re.findall(r"^(\w+):\n((?:  .*\n?)+)", text, re.MULTILINE)
    return {
        name: tuple(" ".join(choice.split()) for choice in choices.split(";")) for name, choices in blocks
    }


LISTS: dict[str, tuple[str, ...]] = _read()
"""The choices of each slot that words fill."""


def _company(random: Random) -> str:
    return f"{random.choice(LISTS['stem'])} {random.choice(LISTS['suffix'])}".rstrip()


def _subject(random: Random) -> str:
    return random.choice(LISTS["generic"]) if random.random() < 0.3 else _company(random)


def _percent(random: Random) -> str:
    value = random.choice((random.uniform(0.3, 9.9), random.uniform(2, 60), random.uniform(5, 200)))
    figure = f"{value:.1f}" if random.random() < 0.6 else f"{max(1, round(value))}"
    return figure + random.choice(("%", "%", "%", " %", " per cent", " percent", " pct"))


def _amount(random: Random) -> str:
    return _writing(random)(_magnitude(random))


def _magnitude(random: Random) -> float:
    return float(random.choice((random.uniform(0.1, 9.9), random.uniform(5, 99), random.uniform(50, 990))))


def _writing(random: Random) -> Callable[[float], str]:
    """One way of writing amounts of money, the same for all amounts of a sentence."""
    pattern = random.choice(LISTS["money"]).replace("#", "{}")
    digits = random.choice((0, 1, 1, 1, 2))
    return lambda value: pattern.format(f"{value:.{digits}f}")


def amount_pair(random: Random) -> dict[str, str]:
    """A larger and a smaller amount and percentage written alike: `hi` and `lo`, `hi_pct` and `lo_pct`."""
    write = _writing(random)
    small = _magnitude(random)
    ratio = random.choice((random.uniform(1.05, 1.4), random.uniform(1.2, 4)))
    low, high = write(small), write(small * ratio)
    if low == high:
        high = write(small * ratio + 2)
    less, more = sorted((random.uniform(2, 60), random.uniform(2, 60)))
    sign = random.choice(("%", "%", "%", " percent", " per cent", " %"))
    percentages = {"hi_pct": f"{more + 0.4:.1f}{sign}", "lo_pct": f"{less:.1f}{sign}"}
    return {"hi": high, "lo": low, "diff": write(small * ratio / 5), **percentages}


def _per_share(random: Random) -> str:
    return random.choice(("EUR {:.2f}", "${:.2f}", "{:.2f} euros", "£{:.2f}", "SEK {:.1f}")).format(
        random.uniform(0.05, 4)
    )


NUMBERS: dict[str, Callable[[Random], str]] = {
    "company": _company,
    "who": _subject,
    "pct": _percent,
    "amount": _amount,
    "per_share": _per_share,
    "count": lambda random: f"{random.choice((7, 12, 25, 40, 60, 90, 150, 220, 400, 650, 1200, 3500)):,}",
    "year": lambda random: str(random.randint(1998, 2026)),
    "day": lambda random: str(random.randint(1, 28)),
    "share": lambda random: f"{random.uniform(3, 60):.{random.choice((0, 1, 2))}f}%",
    "area": lambda random: f"{random.randint(2, 90) * 500:,} square metres",
    "cents": lambda random: f"${random.uniform(0.01, 0.6):.2f}",
    "ticker": lambda random: "$" + "".join(random.choices("ABCDEFGHIKLMNOPRSTUVWXY", k=random.randint(3, 4))),
    "target": lambda random: f"${random.randint(8, 400)}",
}
