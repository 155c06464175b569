"""Draw the README's picture: the report of an example file, as the terminal shows it."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from foliolens.cli.report_text import print_report
from foliolens.risk.report import analyze
from foliolens.uploads.reader import ReadOptions, read

_ROOT = Path(__file__).parents[1]
_EXAMPLE = "fidelity.csv"


def main() -> None:
    """Write docs/images/report.svg."""
    reading = read((_ROOT / "examples" / _EXAMPLE).read_bytes(), ReadOptions())
    out = Console(record=True, width=110, file=io.StringIO(), force_terminal=True)
    print_report(out, _EXAMPLE, reading, analyze(reading.holdings, as_of=datetime.now(UTC)))
    picture = out.export_svg(title=f"foliolens analyze {_EXAMPLE}")
    # Readers of the README should not fetch a font from somebody's server for it.
    offline = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    (_ROOT / "docs" / "images" / "report.svg").write_text(offline, encoding="utf-8")


if __name__ == "__main__":
    main()
