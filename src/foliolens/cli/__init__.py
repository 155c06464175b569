"""The foliolens command line, one module per command."""
