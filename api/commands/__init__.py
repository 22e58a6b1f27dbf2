"""The commands of `dateline`, a module for each group of them."""
