"""What several rooms' tests share: the assembled system with the real models."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from index.errors import ModelNotFound
from index.sources import read_sources
from rag.assemble import assemble, load_embedder, load_reranker
from rag.settings import Settings

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

# How long an example takes depends on what else the machine does.
hypothesis_settings.register_profile("dateline", deadline=None)
hypothesis_settings.load_profile("dateline")


@pytest.fixture(scope="session")
def real_models(tmp_path_factory):
    """Embedder and reranker as the packages carry them, loaded once."""
    settings = Settings(home=tmp_path_factory.mktemp("models"))
    try:
        return load_embedder(settings), load_reranker(settings)
    except ModelNotFound as error:
        pytest.skip(f"no models: {error}")


@pytest.fixture(scope="session")
def sample(tmp_path_factory, real_models):
    """The system over the sample corpus, and the report of its ingest; nothing changes it."""
    embedder, reranker = real_models
    settings = Settings(home=tmp_path_factory.mktemp("sample"))
    dateline = assemble(settings, embedder=embedder, reranker=reranker)
    report = dateline.ingestor.ingest(read_sources([ROOT / "examples" / "news"]))
    yield dateline, report
    dateline.close()
