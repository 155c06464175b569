"""Every alarm has its page in the runbook, by the name that its description tells."""

from __future__ import annotations

import re
from pathlib import Path

from tests.infra.conftest import Synthesised

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")


def test_every_alarm_is_in_the_runbook(synthesised: Synthesised) -> None:
    pages = set(re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE))

    for alarm in synthesised.of_type("AWS::CloudWatch::Alarm").values():
        page = re.search(r"See docs/runbook\.md, '(\w+)'\.", alarm["Properties"]["AlarmDescription"])
        assert page is not None, alarm["Properties"]["AlarmDescription"]
        assert page.group(1) in pages
