"""The risk report as one self-contained web page, fit for printing."""

from html import escape

from foliolens.cli.wording import readable
from foliolens.risk.models import RiskReport, Share
from foliolens.uploads.reader import Reading

__all__ = ["report_html"]

# The colours and distances of the web app (web/src/styles/tokens.css), in one page of its own.
_STYLE = """
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f6f9, #0a0e14); --surface: light-dark(#fff, #121822);
  --line: light-dark(#e2e6ed, #263142); --ink: light-dark(#101828, #eaeff7);
  --ink-3: light-dark(#586377, #98a5b8); --accent: light-dark(#2f4fc8, #93a8ff);
  --low: light-dark(#0a7146, #56d19b); --moderate: light-dark(#875100, #eab557);
  --high: light-dark(#b3261e, #ff958d);
}
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; background: var(--ground);
  color: var(--ink); max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.75rem; letter-spacing: -.02em; line-height: 1.2; overflow-wrap: anywhere }
h2 { font-size: 1.125rem; margin: 2rem 0 .75rem }
.score { font-size: 2.25rem; font-weight: 660; letter-spacing: -.03em; font-variant-numeric: tabular-nums }
table { border-collapse: collapse; width: 100%; font-size: .875rem; background: var(--surface);
  border: 1px solid var(--line); border-radius: .625rem }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--ink-3); font-weight: 560 }
tr:last-child > * { border-bottom: 0 }
tr { break-inside: avoid }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.low { color: var(--low) } .moderate { color: var(--moderate) } .high { color: var(--high) }
.shares th { width: 40% } .shares .n { width: 5rem } .shares td { vertical-align: middle }
meter { appearance: none; display: block; width: 100%; height: .5rem; border: 0; border-radius: .25rem;
  background: var(--ground) }
meter::-webkit-meter-bar { background: var(--ground); border: 0; border-radius: .25rem; height: .5rem }
meter::-webkit-meter-optimum-value { background: var(--accent); border-radius: .25rem }
meter::-moz-meter-bar { background: var(--accent); border-radius: .25rem }
footer { margin-top: 2rem; font-size: .875rem; color: var(--ink-3) }
@media print {
  :root { color-scheme: light; --ground: #fff; --ink: #000; --ink-3: #444 }
  body { margin: 0; max-width: none; font-size: 10.5pt } * { print-color-adjust: exact }
}
"""


def report_html(name: str, reading: Reading, report: RiskReport) -> str:
    """Write the report of one file as HTML; everything that comes from the file is escaped."""
    title = f"Risk report: {escape(name)}"
    amount = f"{reading.total:,.2f} {escape(reading.currency or '')}".strip()
    band = report.overall_risk_band
    warnings = "".join(
        f"<li>{escape(message)}</li>"
        for message in (*(w.message for w in report.warnings), *(w.message for w in reading.warnings))
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{len(reading.holdings)} holdings, {amount}, as of {report.as_of:%Y-%m-%d %H:%M} UTC</p>
<p><span class="score">{report.overall_risk_score:.1f}</span> of 10
 <span class="{band}">{band} risk</span></p>
<p>{escape(report.summary)}</p>
<h2>What makes up the score</h2>
{_components(report)}
<h2>Sectors</h2>{_shares(report.breakdowns.sector)}
<h2>Regions</h2>{_shares(report.breakdowns.region)}
<h2>Asset classes</h2>{_shares(report.breakdowns.asset_class)}
<h2>Holdings</h2>
{_holdings(reading)}
{f"<h2>Worth knowing</h2><ul>{warnings}</ul>" if warnings else ""}
</main>
<footer>{"".join(f"<p>{escape(line)}</p>" for line in (*report.method, report.disclaimer))}</footer>
</body>
</html>
"""


def _components(report: RiskReport) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(readable(part.name))}</th>"
        f"<td class='{part.band or ''}'>{part.band or 'n/a'}</td>"
        f"<td class=n>{'' if part.score is None else f'{part.score:.1f}'}</td>"
        f"<td class=n>{part.weight:.0%}</td><td>{escape(part.explanation)}</td></tr>"
        for part in report.components
    )
    return (
        "<table><thead><tr><th>Component</th><th>Risk</th><th class=n>Score</th><th class=n>Weight</th>"
        f"<th>Why</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _shares(shares: tuple[Share, ...]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(readable(share.key))}</th>"
        f"<td class=n>{share.share:.1%}</td>"
        f"<td><meter value='{share.share:.4f}' aria-label='{escape(readable(share.key))}'></meter></td></tr>"
        for share in shares
    )
    return f"<table class=shares><tbody>{rows}</tbody></table>"


def _holdings(reading: Reading) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(holding.symbol)}</th><td>{escape(holding.name)}</td>"
        f"<td class=n>{holding.allocation:.2f}%</td><td class=n>{holding.amount:,.2f}</td></tr>"
        for holding in sorted(reading.holdings, key=lambda item: (-item.amount, item.symbol))
    )
    return (
        "<table><thead><tr><th>Symbol</th><th>Name</th><th class=n>Share</th><th class=n>Value</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )
