"""Characters that nobody sees, which spreadsheets and web pages leave around a cell's content."""

__all__ = ["visible"]

# Zero-width spaces and joiners, marks and isolates of writing direction, a byte order mark.
_INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_AROUND = _INVISIBLE + "".join(char for char in map(chr, range(0x3001)) if char.isspace())


def visible(cell: str) -> str:
    """Return a cell without spaces and invisible characters around its content."""
    return cell.strip(_AROUND)
