"""The two Sundays on which the clocks change, in a browser, on the real facts with their real dates."""
