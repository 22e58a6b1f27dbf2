"""Examples that the OpenAPI description shows; a test holds them against the models."""

from __future__ import annotations

from typing import Any

RECORD: dict[str, Any] = {
    "url": "https://meridianwire.example/harbour-bridge",
    "title": "Harbour bridge reopens after repairs",
    "published": "2025-04-02",
    "source": "meridianwire.example",
    "section": "National",
    "text": "The harbour bridge reopened on Wednesday after eleven months of repairs.",
}
ARTICLE: dict[str, Any] = {
    "id": "a0f3b2c4d5e6f7a8b9c0d",
    "title": RECORD["title"],
    "source": RECORD["source"],
    "section": RECORD["section"],
    "url": RECORD["url"],
    "published_at": RECORD["published"],
    "modified_at": None,
    "version": 1,
}
_SPAN: dict[str, Any] = {"passage_id": "p4f1d2c3b4a5968778695", "start": 0, "end": 72}
_HIT: dict[str, Any] = {
    "rank": 1,
    "score": 6.31,
    **_SPAN,
    "text": RECORD["text"],
    "article": ARTICLE,
    "copies": [],
}
_UNDERSTOOD: dict[str, Any] = {
    "text": "harbour bridge",
    "about": "now",
    "period": None,
    "dates": [],
    "as_of": None,
    "published": None,
    "sources": [],
    "preferred_sources": [],
    "phrases": [],
    "parts": [],
    "notes": [],
}
SEARCH: dict[str, Any] = {
    "query": "harbour bridge",
    "understood": _UNDERSTOOD,
    "hits": [_HIT],
    "generation": 7,
    "timings_ms": {
        "first_stages": 4.1,
        "fuse": 0.8,
        "collapse": 0.9,
        "rerank": 96.5,
        "copies": 0.3,
    },
}
ANSWER: dict[str, Any] = {
    "question": "When did the harbour bridge reopen?",
    "understood": _UNDERSTOOD | {"text": "When did the harbour bridge reopen?"},
    "status": "answered",
    "reason": None,
    "caution": None,
    "answer": f"{RECORD['text']} [1]",
    "confidence": 0.97,
    "citations": [
        {
            "marker": 1,
            "quote": RECORD["text"],
            "verdict": "supported",
            **_SPAN,
            "article": ARTICLE,
            "dates": [
                {
                    "text": "on Wednesday",
                    "start": 28,
                    "end": 40,
                    "first": RECORD["published"],
                    "last": RECORD["published"],
                }
            ],
            "part": None,
            "highlight": {"text": "on Wednesday", "start": 28, "end": 40},
            "attribution": None,
        }
    ],
    "hits": [_HIT],
    "mode": "extractive",
    "statements": [{"start": 0, "end": 76, "verdict": "supported", "markers": [1], "findings": []}],
    "supported_share": 1.0,
    "failed": [],
    "fallback": None,
    "withheld": 0,
    "neutralised": 0,
    "models": {
        "embedder": "sentence-transformers/all-MiniLM-L6-v2",
        "reranker": "cross-encoder/ms-marco-MiniLM-L-12-v2",
    },
    "generation": 7,
    "timings_ms": SEARCH["timings_ms"] | {"read": 31.0, "total": 134.4},
}
VERIFIED: dict[str, Any] = {
    "sentence": "The harbour bridge reopened after ten months of repairs.",
    "verdict": "contradicted",
    "probability": 0.22,
    "findings": [
        {
            "check": "number",
            "verdict": "contradicted",
            "start": 34,
            "end": 44,
            "said": "ten months",
            "found": {
                "piece": 0,
                "start": 47,
                "end": 60,
                "text": "eleven months",
                "in_title": False,
            },
            "detail": "'ten months': the evidence gives 'eleven months' instead",
        },
        {
            "check": "semantic",
            "verdict": "unchecked",
            "start": 0,
            "end": 56,
            "said": "The harbour bridge reopened after ten months of repairs.",
            "found": None,
            "detail": "whether the evidence carries the meaning is open (probability 0.22)",
        },
    ],
    "nearest": [{"piece": 0, "start": 0, "end": 72, "text": RECORD["text"], "in_title": False}],
    "article": None,
}
