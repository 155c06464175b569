"""What a month on AWS costs, from list prices, measured durations and stated assumptions."""
