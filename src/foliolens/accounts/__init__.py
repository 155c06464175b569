"""Accounts: registration, sign-in, profile, export, deletion."""
