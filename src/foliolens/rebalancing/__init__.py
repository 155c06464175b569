"""Rebalancing: targets, the plan of trades that leads to them, before and after."""
