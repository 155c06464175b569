"""Ports: the small protocols through which features reach the outside."""
