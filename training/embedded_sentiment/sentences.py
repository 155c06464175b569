"""Writes the generated sentences: varied statements with a label, the same ones for the same seed."""

import re
from random import Random

from embedded_sentiment.templates import TEMPLATES
from embedded_sentiment.vocabulary import LISTS, NUMBERS, amount_pair

__all__ = ["generate", "without_quotes_and_commas"]

_SLOT = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r"\s+")
_OPENERS = (
    "In {country}, ",
    "According to the interim report, ",
    "In its {business} business, ",
    "{company}: ",
    "{month} {day} - ",
    "The company said that ",
    "{company} said on {month} {day} that ",
    "Excluding one-off items, ",
    "As expected, ",
)


def generate(count: int, seed: int) -> list[tuple[str, str]]:
    """Distinct sentences with their labels, a third of each label, in random order.

    Args:
        count: How many; labels differ by at most one sentence.
        seed: Fixes every choice.
    """
    random = Random(seed)
    made: dict[str, str] = {}
    labels = list(TEMPLATES)
    while len(made) < count:
        label = labels[len(made) % len(labels)]
        sentence = _sentence(random, label)
        made.setdefault(sentence, label)
    pairs = list(made.items())
    random.shuffle(pairs)
    return pairs


def without_quotes_and_commas(text: str) -> str:
    """The text as the stocks app sends it."""
    return re.sub("[\"',]", "", text)


def _sentence(random: Random, label: str) -> str:
    template = random.choice(random.choice(TEMPLATES[label]))
    if random.random() < 0.15:
        template = random.choice(_OPENERS) + template
    fixed = amount_pair(random)

    def fill(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in fixed:
            return fixed[name]
        return NUMBERS[name](random) if name in NUMBERS else random.choice(LISTS[name])

    text = _SPACES.sub(" ", _SLOT.sub(fill, template)).strip().replace(" ,", ",").replace(" ;", ";")
    return text[:1].upper() + text[1:] + random.choice((".", " .", ".", ""))
