"""What several rooms' tests share: the assembled system with the real models."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ModelNotFound
from rag.assemble import load_embedder, load_reranker
from rag.settings import Settings

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def real_models(tmp_path_factory):
    """Embedder and reranker as the packages carry them, loaded once."""
    settings = Settings(home=tmp_path_factory.mktemp("models"))
    try:
        return load_embedder(settings), load_reranker(settings)
    except ModelNotFound as error:
        pytest.skip(f"no models: {error}")
