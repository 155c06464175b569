"""Uploads: reading a broker's CSV and turning it into a portfolio."""
