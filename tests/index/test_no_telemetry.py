"""What runs the models tells nobody of it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_is_kept_to_report_with(tmp_path):
    """ONNX Runtime would write an id and a queue of events into the user's cache."""
    kept_from = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    environment = {k: v for k, v in os.environ.items() if k not in kept_from}
    script = "import index.models.embed, onnxruntime; onnxruntime.SessionOptions()"
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment | {"HOME": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert told.stderr == b""
    assert list(tmp_path.iterdir()) == []
