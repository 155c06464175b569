"""Direction of a price over the next day, ten and twenty trading days, with the skill it has shown."""
