"""The constructs: one capability each, with its permissions and its accepted findings."""
