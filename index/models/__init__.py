"""Weights, and what runs them."""

import os

# ONNX Runtime reports its use over the network, and keeps an id in the user's cache for it, from
# its import on. This is the only way to prevent both.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
