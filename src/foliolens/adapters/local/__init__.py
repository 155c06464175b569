"""Adapters for one machine: embedded PostgreSQL, disk, outbox."""
