"""The companies' APIs that market data come from."""
