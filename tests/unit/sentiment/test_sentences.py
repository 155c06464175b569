"""Splitting articles into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.sentiment.sentences import split_as_client, split_sentences


@pytest.mark.parametrize(
    ("article", "sentences"),
    [
        ("Profit rose. Sales fell.", ["Profit rose.", "Sales fell."]),
        ("Will it last? Nobody knows! We wait.", ["Will it last?", "Nobody knows!", "We wait."]),
        (
            "Sales rose 3.5 percent to $4.2 bn. Costs fell.",
            ["Sales rose 3.5 percent to $4.2 bn.", "Costs fell."],
        ),
        ("Mr. Smith of Acme Inc. resigned.", ["Mr. Smith of Acme Inc. resigned."]),
        ("Acme Inc. Chief Tim Lee left. He is 50.", ["Acme Inc. Chief Tim Lee left.", "He is 50."]),
        ("It buys Acme Inc. The price is low.", ["It buys Acme Inc.", "The price is low."]),
        ("Sales fell in the U.S. market.", ["Sales fell in the U.S. market."]),
        ("J. P. Morgan cut it.", ["J. P. Morgan cut it."]),
        ('He said: "We won." Then he left.', ['He said: "We won."', "Then he left."]),
        ("A heading\n\nThe text", ["A heading", "The text"]),
        ("Two points:\n- costs fell\n- sales rose", ["Two points:", "costs fell", "sales rose"]),
        ("One line\nbroken in two.", ["One line broken in two."]),
        ("It ended... or so we thought.", ["It ended... or so we thought."]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_sentences_end_where_people_end_them(article: str, sentences: list[str]) -> None:
    assert split_sentences(article) == sentences


@given(st.text(alphabet="aB.?! \n\"'1-", max_size=200))
def test_no_word_is_lost_but_the_marks_of_lists(article: str) -> None:
    split = split_sentences(article)

    assert [c for c in "".join(split) if c.isalnum()] == [c for c in article if c.isalnum()]
    assert all(sentence == sentence.strip() != "" for sentence in split)


def test_the_client_drops_quotes_and_commas_and_breaks_after_stops_and_question_marks() -> None:
    article = 'It\'s "good", he said. Really? Yes! Mr. Smith agreed.'

    assert split_as_client(article) == ["Its good he said.", "Really?", "Yes! Mr.", "Smith agreed."]


@given(st.text(max_size=200))
def test_the_clients_rule_takes_any_text(article: str) -> None:
    assert all(sentence.strip() and not set("\"',") & set(sentence) for sentence in split_as_client(article))
