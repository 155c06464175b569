"""Read-only links to a portfolio: made and taken back by its owner, opened by whoever has the link."""
