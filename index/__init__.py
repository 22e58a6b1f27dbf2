"""What was published, and how it is found. Knows no web framework and no language model."""
