"""Splitting a raw article into sentences."""

import re
from collections.abc import Iterator

__all__ = ["split_as_client", "split_sentences"]

_CLIENT_DROPS = re.compile("[\"',]")
_CLIENT_BREAK = re.compile(r"(?<=[.?])\s+")

_PARAGRAPH = re.compile(r"\n\s*\n|\n\s*[-•*]\s+")
_BREAK = re.compile(r"(?<=[.!?])[\"')\]’”]*(\s+)")
_LAST_WORD = re.compile(r"([\w.]*)\.$")
_NEXT_WORD = re.compile(r"[\"'(\[‘“]*(\w+)?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the end of a sentence.
_TITLES = _words("mr mrs ms dr prof st gen sen rep gov no nos vs approx fig jr e.g i.e")
# The end of one only where a new one plainly begins.
_SUFFIXES = _words(
    "inc corp co ltd plc llc bros est jan feb mar apr jun jul aug sep sept oct nov dec"
    " u.s u.k e.u a.m p.m s.p.a n.v s.a etc"
)
_OPENERS = _words(
    "the a an it its this that these those he she they we you i in on at for but and as after before while"
    " however meanwhile analysts shares sales revenue profit net operating according there what why how"
)


def split_as_client(article: str) -> list[str]:
    """Split as the stocks app does: drop `"`, `,` and `'`, break after `.` or `?` and white space.

    Same input, same sentences, so that counts can be compared with what the app sends itself.
    """
    return [part for part in _CLIENT_BREAK.split(_CLIENT_DROPS.sub("", article)) if part.strip()]


def split_sentences(article: str) -> list[str]:
    """Split into sentences, whole where a full stop belongs to an abbreviation, an initial or a number.

    Blank lines and list items end a sentence whatever it ends with.
    """
    return [sentence for paragraph in _PARAGRAPH.split(article) for sentence in _sentences_of(paragraph)]


def _sentences_of(paragraph: str) -> Iterator[str]:
    start = 0
    for found in _BREAK.finditer(paragraph):
        if _ends_here(paragraph[start : found.start()], paragraph[found.end() : found.end() + 40]):
            yield " ".join(paragraph[start : found.end()].split())
            start = found.end()
    if rest := " ".join(paragraph[start:].split()):
        yield rest


def _ends_here(before: str, after: str) -> bool:
    opening = _NEXT_WORD.match(after)
    following = (opening.group(1) if opening else None) or ""
    if following[:1].islower():
        return False
    last = _LAST_WORD.search(before[-20:])
    if last is None:
        return True
    word = last.group(1).lower()
    if word in _TITLES or (len(word) == 1 and word.isalpha()):
        return False
    return word not in _SUFFIXES or following.lower() in _OPENERS | _TITLES
