"""Errors as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}`.

They say what a problem says, in another shape; `api/errors.py` picks it by path. A request
that is not valid is 400 here, where the other routes say 422. Knows no route.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

# Also those that Dateline does not have: whoever asks for one speaks this language.
_PATHS = ("/v1/chat", "/v1/completions", "/v1/embeddings", "/v1/models", "/v1/responses")
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
# What clients know by another name than the slug of the problem.
_CODES = {
    "too-many-requests": "rate_limit_exceeded",
    "rate-limited": "rate_limit_exceeded",
    "unauthorized": "invalid_api_key",
    "invalid-question": "invalid_request",
}
# Of "messages.0.content.list[Part].1.text" clients know the first three steps.
_FIELD = re.compile(r"body\.([a-z_]+(?:\.\d+(?:\.[a-z_]+)?)?)")


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str = Field(examples=["invalid_request_error"])
    param: str | None = Field(description="The field of the request that is to blame.")
    code: str | None = Field(examples=["model_not_found"])


class OpenAIError(BaseModel):
    """An error as OpenAI's clients read it."""

    error: ErrorDetail


def is_spoken_at(path: str) -> bool:
    """Whether a path is one of OpenAI's."""
    return any(path == start or path.startswith(f"{start}/") for start in _PATHS)


def status_of(status: int) -> int:
    """The status that OpenAI's clients expect for a problem's."""
    return 400 if status == 422 else status


def error_content(
    slug: str, status: int, detail: str, members: Mapping[str, Any]
) -> dict[str, dict[str, str | None]]:
    """A problem in OpenAI's shape; `members` may name a `param` and a `code`."""
    server = "server_error" if status >= 500 else "invalid_request_error"
    code = members.get("code") or _CODES.get(slug, slug.replace("-", "_"))
    return {
        "error": {
            "message": detail,
            "type": _TYPES.get(status, server),
            "param": members.get("param") or _first_field(members.get("errors")),
            "code": code,
        }
    }


def describe(described: dict[str, Any]) -> None:
    """Give the errors of OpenAI's paths their shape in an OpenAPI description."""
    schema = OpenAIError.model_json_schema(ref_template="#/components/schemas/{model}")
    described["components"]["schemas"] |= {**schema.pop("$defs"), "OpenAIError": schema}
    told = {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIError"}}}
    for path, operations in described["paths"].items():
        for operation in operations.values() if is_spoken_at(path) else ():
            operation["responses"] = {
                str(status_of(int(status))): reply
                | {"content": told if int(status) >= 400 else reply["content"]}
                for status, reply in operation["responses"].items()
            }


def _first_field(errors: Any) -> str | None:
    match = _FIELD.match(errors[0]["field"]) if errors else None
    return match[1] if match else None
