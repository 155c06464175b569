"""Technique shared by the features: database, money, HTTP, logging."""
