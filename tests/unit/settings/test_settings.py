"""The settings themselves: what each refuses, hides and may not be, and what reading them takes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from foliolens import settings
from foliolens.environment import Group, SettingsError
from foliolens.settings import (
    AccessSettings,
    HttpSettings,
    MarketSettings,
    RiskSettings,
    SentimentSettings,
    load_settings,
)

FIELDS = {
    f"{group.prefix}{field.name.upper()}": (group, field.name)
    for group in vars(settings).values()
    if isinstance(group, type) and issubclass(group, Group)
    for field in msgspec.structs.fields(group)
}
ANY_TEXT = {
    "FOLIOLENS_CORS_ORIGINS",
    "FOLIOLENS_DATA",
    "FOLIOLENS_DATABASE_URL",
    "FOLIOLENS_HOST",
    "FOLIOLENS_INFERENCE_SOCKET",
    "FOLIOLENS_PUBLIC_URL",
    *(name for name in FIELDS if name.startswith("FOLIOLENS_AWS_") and not name.endswith("_PORT")),
}
NO_VALUE = "open sesame"


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - ANY_TEXT))
def test_what_is_no_value_is_refused_by_the_name_and_not_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, _ = FIELDS[name]
    monkeypatch.setenv(name, NO_VALUE)

    with pytest.raises(SettingsError, match=f"{name} must be ") as refused:
        group.read()

    assert NO_VALUE not in str(refused.value)
    assert refused.value.__cause__ is refused.value.__context__ is None


@pytest.mark.parametrize("name", sorted(ANY_TEXT))
def test_others_take_any_text(name: str) -> None:
    group, field = FIELDS[name]
    needed = {other.name: "x" for other in msgspec.structs.fields(group) if other.required}

    assert NO_VALUE in str(getattr(group.read(**{**needed, field: NO_VALUE}), field))


def test_the_readme_names_variables_that_there_are() -> None:
    readme = Path(__file__).parents[3].joinpath("README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"FOLIOLENS_[A-Z_]+", readme))

    assert len(told) > 40
    assert told - FIELDS.keys() == set()


class TestLists:
    def test_of_networks(self) -> None:
        proxies = HttpSettings.read(trusted_proxies="10.0.0.0/8, 192.0.2.1,2001:db8::/32").trusted_proxies

        assert [str(each) for each in proxies] == ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]

    @pytest.mark.parametrize(
        "text", ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8 10.1.0.0/16", "proxy.example.com"]
    )
    def test_of_what_is_no_network(self, text: str) -> None:
        with pytest.raises(SettingsError) as refused:
            HttpSettings.read(trusted_proxies=text)

        assert str(refused.value) == (
            "FOLIOLENS_TRUSTED_PROXIES must be addresses and networks, like 10.0.0.0/8, separated by commas."
        )

    def test_of_api_keys(self) -> None:
        access = AccessSettings.read(api_keys="a-key-of-sixteen , another-key-of-16,")

        assert [key.reveal() for key in access.api_keys] == ["a-key-of-sixteen", "another-key-of-16"]
        assert "sixteen" not in repr(access)

    def test_of_an_api_key_that_is_too_short(self) -> None:
        with pytest.raises(SettingsError) as refused:
            AccessSettings.read(api_keys="a-key-of-sixteen,another-of-15--")

        assert str(refused.value) == (
            "FOLIOLENS_API_KEYS must be keys of 16 characters at least, separated by commas."
        )

    @pytest.mark.parametrize("text", ["", " ", ",", " , "])
    def test_of_nothing(self, text: str) -> None:
        http = HttpSettings.read(trusted_proxies=text, cors_origins=text)

        assert http == HttpSettings()
        assert AccessSettings.read(api_keys=text) == AccessSettings()


class TestForms:
    @pytest.mark.parametrize("text", ["finbert:0", "finbert:5.25", "embedded:99.9", "finbert:100"])
    def test_of_a_rollout(self, text: str) -> None:
        assert SentimentSettings.read(sentiment_rollout=text).sentiment_rollout == text

    @pytest.mark.parametrize("text", ["finbert", "finbert:", "finbert:101", "finbert:5\n", "original:5", ""])
    def test_of_no_rollout(self, text: str) -> None:
        with pytest.raises(SettingsError, match="must be text, like finbert:25"):
            SentimentSettings.read(sentiment_rollout=text)

    @pytest.mark.parametrize("text", ["VTI", "BRK-B", "^GSPC", "BRK.B"])
    def test_of_a_benchmark(self, text: str) -> None:
        assert RiskSettings.read(benchmark=text).benchmark == text

    @pytest.mark.parametrize("text", ["vti", "VTI\n", "V TI", "", "V" * 21])
    def test_of_no_benchmark(self, text: str) -> None:
        with pytest.raises(SettingsError, match="FOLIOLENS_BENCHMARK must be text, like VTI"):
            RiskSettings.read(benchmark=text)

    @pytest.mark.parametrize(
        "text",
        [
            "ftp://x",
            "https://",
            "https://me:sesame@x",  # pragma: allowlist secret
            "https://x?key=sesame",
            "https://x\n",
            "https://x y",
        ],
    )
    def test_of_no_provider(self, text: str) -> None:
        with pytest.raises(
            SettingsError, match="FOLIOLENS_TIINGO_URL must be text, like https://"
        ) as refused:
            MarketSettings.read(tiingo_url=text)

        assert "sesame" not in str(refused.value)


class TestAll:
    @pytest.mark.parametrize(
        ("name", "text"), [("FOLIOLENS_RATE_LIMITS", "off"), ("FOLIOLENS_AUTO_CONFIRM", "yes")]
    )
    def test_that_are_for_one_machine_are_refused_elsewhere(
        self, name: str, text: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, text)
        load_settings()
        monkeypatch.setenv("FOLIOLENS_MODE", "aws")

        with pytest.raises(SettingsError, match=f"{name}.* remove it"):
            load_settings()

    def test_data_is_where_the_command_the_variable_or_the_platform_says(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))

        assert load_settings().data == settings.default_data_folder("local")
        monkeypatch.setenv("FOLIOLENS_DATA", "~/mine")
        assert load_settings().data == tmp_path / "mine"
        assert load_settings(data=Path("here")).data == tmp_path / "here"

    def test_importing_them_reads_nothing_and_reading_them_takes_neither_pydantic_nor_dotenv(self) -> None:
        said = subprocess.run(
            [
                sys.executable,
                "-c",
                "import os, sys\n"
                "os.environ['FOLIOLENS_PORT'] = 'eighty'\n"
                "from foliolens.settings import load_settings\n"
                "os.environ['FOLIOLENS_PORT'] = '81'\n"
                "print(load_settings().http.port, {'pydantic', 'dotenv'} & sys.modules.keys())\n",
            ],
            capture_output=True,
            text=True,
            check=True,
        )

        assert said.stdout == "81 set()\n"
