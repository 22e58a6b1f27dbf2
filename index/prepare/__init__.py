"""From raw text to an article that can be cited: clean, dated, cut into passages."""
