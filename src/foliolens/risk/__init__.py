"""Risk analysis of a portfolio: pure calculations and the report."""
