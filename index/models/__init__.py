"""Weights, and what runs them."""
