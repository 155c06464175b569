"""Portfolios and their holdings: model, validation, storage, routes."""
