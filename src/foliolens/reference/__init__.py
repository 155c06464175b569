"""Reference data: classification of well-known symbols."""
