"""Running the system: what it costs, how it compares with the services it replaces."""
