"""The stacks: they compose constructs and decide nothing themselves."""
