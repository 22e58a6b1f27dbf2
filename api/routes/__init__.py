"""The routes, one module for each subject; `deps.py` is what they are handed."""
