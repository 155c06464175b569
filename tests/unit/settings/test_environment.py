"""How variables become settings: what is taken for a value, from where, and what is said of what is none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from foliolens.environment import Group, Secret, SettingsError, listed


class Basket(Group, frozen=True):
    """One of each kind."""

    prefix: ClassVar[str] = "BASKET_"

    size: Annotated[int, Meta(ge=1, le=90, description="Apples that go in.")]
    weight: Annotated[float, Meta(gt=0)] = 1.5
    open: bool = False
    kind: Literal["wicker", "steel"] | None = None
    name: Annotated[str, Meta(pattern=r"^[a-z]+\Z", examples=["picnic"])] | None = None
    place: Path | None = None
    handles: Annotated[tuple[str, ...], listed] = ()


def refusal(group: type[Group], **stated: str) -> str:
    with pytest.raises(SettingsError) as refused:
        group.read(**stated)
    return str(refused.value)


class TestValues:
    @pytest.mark.parametrize("text", ["1", "on", "t", "true", "y", "yes", "True", "YES", "oN"])
    def test_that_say_yes(self, text: str) -> None:
        assert Basket.read(size="1", open=text).open is True

    @pytest.mark.parametrize("text", ["0", "off", "f", "false", "n", "no", "False", "NO"])
    def test_that_say_no(self, text: str) -> None:
        assert Basket.read(size="1", open=text).open is False

    @pytest.mark.parametrize("text", ["", " true", "2", "1.0", "ja"])
    def test_that_say_neither(self, text: str) -> None:
        assert refusal(Basket, size="1", open=text) == "BASKET_OPEN must be true or false."

    @pytest.mark.parametrize("text", ["12", " 12\n", "+12", "012", "1_2", "12.0"])
    def test_that_are_whole(self, text: str) -> None:
        assert Basket.read(size=text).size == 12

    @pytest.mark.parametrize(
        "text", ["", " ", "12.5", "1e1", "0x10", "twelve", "1__2", "nan", "0", "91", "9" * 5000]
    )
    def test_that_are_not_whole_or_beyond_a_bound(self, text: str) -> None:
        assert refusal(Basket, size=text) == (
            "BASKET_SIZE must be a whole number, at least 1, at most 90. Apples that go in."
        )

    @given(st.integers())
    def test_within_bounds_alone(self, number: int) -> None:
        if 1 <= number <= 90:
            assert Basket.read(size=str(number)).size == number
        else:
            assert "at least 1, at most 90" in refusal(Basket, size=str(number))

    @given(st.floats(min_value=0, exclude_min=True, allow_nan=False))
    def test_that_are_numbers(self, number: float) -> None:
        assert Basket.read(size="1", weight=repr(number)).weight == number

    @pytest.mark.parametrize("text", [" 2 ", "+2", "02", "2.", "20e-1"])
    def test_that_are_numbers_in_other_words(self, text: str) -> None:
        weight = Basket.read(size="1", weight=text).weight

        assert weight == 2
        assert isinstance(weight, float)

    @pytest.mark.parametrize("text", ["", "0", "-1", "-inf", "nan", "1,5", "heavy"])
    def test_that_are_no_numbers_or_beyond_a_bound(self, text: str) -> None:
        assert refusal(Basket, size="1", weight=text) == "BASKET_WEIGHT must be a number, above 0."

    @pytest.mark.parametrize("text", ["", "null", "Steel", " steel", "wood"])
    def test_that_are_no_choice(self, text: str) -> None:
        assert refusal(Basket, size="1", kind=text) == "BASKET_KIND must be wicker or steel."

    @pytest.mark.parametrize("text", ["", "Picnic", "picnic\n", " picnic"])
    def test_of_another_form(self, text: str) -> None:
        assert refusal(Basket, size="1", name=text) == "BASKET_NAME must be text, like picnic."

    def test_of_the_other_kinds(self) -> None:
        basket = Basket.read(size="1", kind="steel", name="null", place="null", handles=" a, b c,, ")

        assert (basket.kind, basket.name, basket.place) == ("steel", "null", Path("null"))
        assert basket.handles == ("a", "b c")

    def test_that_are_not_stated_are_the_defaults(self) -> None:
        assert Basket.read(size="1") == Basket(1, 1.5, False, None, None, None, ())


class TestVariables:
    def test_are_read_in_any_case(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("basket_Size", "3")

        assert Basket.read().size == 3

    def test_are_read_from_a_file_but_for_what_the_environment_sets(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path(".env").write_text(
            "# our basket\nBASKET_SIZE=3\nbasket_weight = 2.5\nexport BASKET_NAME='picnic' # red\n"
            "BASKET_KIND=wood\nBASKET_PLACE\nOTHER=1\n"
        )
        monkeypatch.setenv("BASKET_KIND", "steel")

        assert Basket.read() == Basket(3, 2.5, kind="steel", name="picnic")

    def test_give_way_to_what_is_stated(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BASKET_SIZE", "3")
        monkeypatch.setenv("BASKET_WEIGHT", "2")

        assert Basket.read(size="4") == Basket(4, 2.0)

    def test_that_are_wrong_are_all_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BASKET_OPEN", "perhaps")
        monkeypatch.setenv("BASKET_WEIGHT", "0")

        assert refusal(Basket) == (
            "BASKET_SIZE is not set. BASKET_WEIGHT must be a number, above 0."
            " BASKET_OPEN must be true or false."
        )


def test_a_secret_shows_itself_to_nobody_who_does_not_ask() -> None:
    secret = Secret("sesame")

    assert "sesame" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "sesame"
