"""What daily prices say about a portfolio: volatility, losses, ratios, and who contributes how much.

Everything here is a pure function of arrays, except `measurement`, which puts them together, and `models`,
which says how they are answered. What needs numpy is imported where prices are there, and nowhere else.
"""
