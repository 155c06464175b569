"""Holdings: what one is, and whether a set of them makes a valid portfolio. No I/O."""
