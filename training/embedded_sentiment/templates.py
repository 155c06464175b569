"""The sentences the public sets get wrong, as templates by label: the files in `phrases/`, one a line.

A slot in braces is filled from `vocabulary`; `{hi}` and `{lo}` are two amounts of the same kind, the first
the larger, `{hi_pct}` and `{lo_pct}` two percentages. Every sentence is our own: none is taken from a
labelled collection.
"""

from pathlib import Path

__all__ = ["TEMPLATES"]

_FOLDER = Path(__file__).with_name("phrases")


def _lines(name: str) -> tuple[str, ...]:
    return tuple((_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines())


TEMPLATES = {
    label: (_lines(f"{label}-figures"), _lines(f"{label}-events"))
    for label in ("positive", "neutral", "negative")
}
"""For each label the templates about figures and those about events, drawn from with equal weight."""
