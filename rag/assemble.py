"""The composition root: from settings to a working Dateline. Read `pipeline.py` first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from index.ingest import Ingestor
from index.local.engine import LocalEngine
from index.local.lexical import ANALYSER
from index.models.adapter import ADAPTER, adapted_reader
from index.models.batching import Batcher
from index.models.catalog import ALIGNER, EMBEDDER, RERANKER, TOKENIZER, ModelFiles, resolve
from index.models.embed import Embedder, OnnxEmbedder, TorchEmbedder
from index.models.export import PRECISIONS, exported_embedder
from index.models.rerank import OnnxReader, Reranker
from index.models.tokens import OnnxTokenEmbedder, TokenEmbedder
from index.prepare.chunk import ChunkSettings
from index.search import Searcher, SearchSettings
from index.sources.web.fetch import Fetcher, FetchSettings, Validators
from index.workers import Workers
from rag.feeds import Feeds, assemble_feeds
from rag.grounding.evidence import Evidence
from rag.grounding.judge import judge_sentence
from rag.grounding.semantic import SemanticSupport
from rag.llm.chat import ChatModel
from rag.llm.client import OpenAIChatModel, llm_http_client
from rag.pipeline import Answerer
from rag.read import ExtractiveReader
from rag.settings import Settings
from rag.understanding.corpus_outlets import CorpusOutlets
from rag.writing.writer import Writer

# The window of all-MiniLM-L6-v2, which its model card gives.
_EMBEDDER_MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Dateline:
    """Everything a way in needs, put together."""

    settings: Settings
    engine: LocalEngine
    ingestor: Ingestor
    fetcher: Fetcher
    feeds: Feeds
    searcher: Searcher
    answerer: Answerer
    support: SemanticSupport
    batcher: Batcher
    models: dict[str, str]
    llm_http: httpx.AsyncClient | None = None

    async def disconnect(self) -> None:
        """Let go of the language model's server, in the event loop that asked it."""
        if self.llm_http is not None:
            await self.llm_http.aclose()

    def warm_up(self) -> None:
        """Run each model once: what it loads late, no question waits for."""
        words = "Is this ready?"
        self.searcher.embedder.embed([words])
        self.searcher.reranker.read(words, [words])
        judge_sentence(words, [Evidence(words)], self.support)

    def close(self) -> None:
        """Stop threads and processes, and release the data directory."""
        self.feeds.close()
        self.ingestor.close()
        self.fetcher.close()
        self.searcher.close()
        self.batcher.close()
        self.engine.close()


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def assemble(
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    reranker: Reranker | None = None,
    aligner: TokenEmbedder | None = None,
    model: ChatModel | None = None,
    clock: Callable[[], datetime] = now,
) -> Dateline:
    """Open the data directory and load the models.

    Args:
        settings: how to run.
        embedder: used instead of the one the settings name.
        reranker: used instead of the one the settings name.
        aligner: used instead of the model of token vectors.
        model: used instead of the language model that the settings name.
        clock: what tells the time of an ingest.

    Raises:
        ModelError: a model cannot be found, or is not the pinned one.
        StoreError: the data directory cannot be used.
    """
    batcher = Batcher(settings.threads)
    embedder = embedder or load_embedder(settings, batcher)
    reranker = reranker or load_reranker(settings, batcher)
    aligner = aligner or load_aligner(settings, batcher)
    chunking = ChunkSettings(window_tokens=embedder.max_tokens)
    engine = LocalEngine(settings.home, manifest(embedder, chunking))
    searcher = Searcher(
        engine,
        embedder,
        reranker,
        SearchSettings(rerank_depth=settings.rerank_depth, recency_weight=settings.recency_weight),
    )
    workers = Workers(settings.parsers) if settings.parsers else None
    fetcher = load_fetcher(settings, validators=engine.store.fetches)
    models = {"embedder": embedder.name, "reranker": reranker.name}
    support = SemanticSupport(aligner)
    llm_http = llm_http_client(settings) if settings.llm_url and model is None else None
    model = OpenAIChatModel(settings, llm_http) if llm_http is not None else model
    writer = (
        Writer(model, engine.store, support, strictness=settings.llm_strictness) if model else None
    )
    return Dateline(
        settings=settings,
        engine=engine,
        ingestor=Ingestor(
            engine,
            embedder,
            settings=chunking,
            now=clock,
            workers=workers,
        ),
        fetcher=fetcher,
        feeds=assemble_feeds(
            engine, embedder, fetcher, chunking=chunking, clock=clock, workers=workers
        ),
        searcher=searcher,
        answerer=Answerer(
            searcher,
            ExtractiveReader(),
            engine.store,
            models=models,
            abstain_below=settings.abstain_below,
            caution_below=settings.caution_below,
            outlets=CorpusOutlets(engine),
            writer=writer,
        ),
        support=support,
        batcher=batcher,
        models=models,
        llm_http=llm_http,
    )


def manifest(embedder: Embedder, chunking: ChunkSettings) -> dict[str, str | int]:
    """What passages and vectors are made with; a data directory keeps it."""
    return {
        "embedder": embedder.name,
        "embedder_fingerprint": embedder.fingerprint,
        "dim": embedder.dim,
        "chunker": chunking.fingerprint(),
        "analyser": ANALYSER,
    }


def expected_manifest(settings: Settings) -> dict[str, str | int]:
    """What of `manifest` the settings tell without loading a model.

    Raises:
        ModelError: the embedder cannot be found, or is not the pinned one.
    """
    files = resolve(EMBEDDER, settings.embedder_path)
    known: dict[str, str | int] = {
        "embedder": files.name,
        "embedder_fingerprint": _fingerprint(files, settings),
        "analyser": ANALYSER,
    }
    if settings.embedder_backend != "torch":  # which has the window of its own files
        chunking = ChunkSettings(window_tokens=_EMBEDDER_MAX_TOKENS)
        known["chunker"] = chunking.fingerprint()
    return known


def _fingerprint(files: ModelFiles, settings: Settings) -> str:
    return f"sha256:{files.sha256}/{settings.embedder_backend}"


def load_embedder(settings: Settings, batcher: Batcher | None = None) -> Embedder:
    """The embedder that the settings name, on threads that it may share with other models."""
    files = resolve(EMBEDDER, settings.embedder_path)
    fingerprint = _fingerprint(files, settings)
    if settings.embedder_backend == "torch":
        return TorchEmbedder(
            files.weights.parent,
            name=files.name,
            fingerprint=fingerprint,
            threads=settings.threads,
        )
    return OnnxEmbedder(
        exported_embedder(files, settings.model_cache, PRECISIONS[settings.embedder_backend]),
        files.paths[TOKENIZER],
        name=files.name,
        fingerprint=fingerprint,
        max_tokens=_EMBEDDER_MAX_TOKENS,
        batcher=batcher or Batcher(settings.threads),
    )


def load_fetcher(settings: Settings, validators: Validators | None = None) -> Fetcher:
    """What fetches pages and feeds; with validators, only what has changed."""
    return Fetcher(
        FetchSettings(user_agent=settings.user_agent, allow_private=settings.fetch_private),
        validators=validators,
    )


def load_reranker(settings: Settings, batcher: Batcher | None = None) -> Reranker:
    """The reranker that the settings name, which marks answers too."""
    files = resolve(RERANKER, settings.reranker_path)
    return OnnxReader(
        adapted_reader(files, ADAPTER, settings.model_cache),
        files.paths[TOKENIZER],
        name=files.name,
        batcher=batcher or Batcher(settings.threads),
    )


def load_aligner(settings: Settings, batcher: Batcher | None = None) -> TokenEmbedder:
    """The model whose token vectors tell which words of a sentence the evidence has."""
    files = resolve(ALIGNER)
    return OnnxTokenEmbedder(
        files.weights,
        files.paths[TOKENIZER],
        name=files.name,
        batcher=batcher or Batcher(settings.threads),
    )
