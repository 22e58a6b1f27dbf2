from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import ArticleRef
from index.local.engine import LocalEngine
from rag.answers import Citation, Verdict
from rag.verify import verify
from tests.index.builders import INGESTED, MANIFEST, entry

TEXT = "Nine people are dead. “It was over in a minute,” said Łukasz Wierzba."


@pytest.fixture
def store(tmp_path):
    engine = LocalEngine(tmp_path / "home", MANIFEST)
    with engine.writing() as store:
        store.add([entry("a", [TEXT])], ingested_at=INGESTED)
    yield engine.store
    engine.close()


def citing(start, end, quote, article=None):
    ref = article or ArticleRef("a", 1, "A title")
    return Citation(1, quote, start, end, Verdict.UNCHECKED, "p", ref)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)), st.text(max_size=5))
def test_only_the_exact_words_are_supported(store, start, end, other):
    words = TEXT[start:end]
    assert verify(citing(start, end, words), store).verdict is Verdict.SUPPORTED
    if other != words:
        assert verify(citing(start, end, other), store).verdict is Verdict.UNSUPPORTED


def test_another_version_does_not_support(store):
    gone = ArticleRef("a", 2, "A title")
    assert verify(citing(0, 21, TEXT[:21], gone), store).verdict is Verdict.UNSUPPORTED
    forgotten = replace(gone, id="b", version=1)
    assert verify(citing(0, 21, TEXT[:21], forgotten), store).verdict is Verdict.UNSUPPORTED
