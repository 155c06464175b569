"""Benchmarks: one script for each figure of `docs/performance.md`, each beside its peer in the same run."""
