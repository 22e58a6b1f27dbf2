"""Measuring retrieval and answers against labelled questions."""
