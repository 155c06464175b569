"""Recorded requests, sent to the original services and to this one, and what differs."""
