"""Pages: the article on one, and what the page says of it."""
