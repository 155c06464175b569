"""Read-only links to a portfolio: expiring, revocable, percent-only unless the owner shows amounts."""
