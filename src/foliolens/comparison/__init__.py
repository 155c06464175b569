"""Comparison of two or more portfolios: overlap, correlation, who is best in what."""
