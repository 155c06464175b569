"""Sentiment of financial news: sentences in, labels with their confidence out."""
