"""`foliolens serve`: what it says of the address it listens on."""

from __future__ import annotations

import pytest

from foliolens.cli.serve import is_open_to_others


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_this_machine_alone(host: str) -> None:
    assert not is_open_to_others(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "nas.example"])
def test_others_too(host: str) -> None:
    assert is_open_to_others(host)
