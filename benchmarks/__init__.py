"""Measurements that set the constants of this project; each module is run with `python -m`."""
