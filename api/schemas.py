"""The wire models: what HTTP requests and replies look like, apart from domain values.

Field names are a promise to clients; `wire.py` turns domain values into these.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic import model_validator

from api.filters import end_of, make_filters, start_of
from index.documents import Filters
from rag.answers import Question, Turn
from rag.pipeline import MAX_QUESTION_CHARS

MAX_K = 100
MAX_TURNS = 50
MAX_TURN_CHARS = 8_000
MAX_NAMES = 100
MAX_NAME_CHARS = 200
