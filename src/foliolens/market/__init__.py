"""Market data: the providers behind one cache, stored daily prices, the outlook of a ticker."""
