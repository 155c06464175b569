"""The demo's real prices: five years of 20 large US stocks, 5 funds and the S&P 500, to 2022-12-28."""
