"""From a question to an answer that can be checked. Knows no web framework."""
