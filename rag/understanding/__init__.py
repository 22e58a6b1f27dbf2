"""How a question is read: days, outlets, quoted words, what was said before."""
