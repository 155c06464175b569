"""The adapters that implement the ports."""
