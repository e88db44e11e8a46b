"""What the OpenAPI description says beyond what FastAPI reads from the routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from .problems import ProblemDocument

_BEARER = "bearer"
_OPEN_TO_ALL = {"/healthz"}
_BETTER_WITH_KEY = {"/readyz", "/v1/sessions"}
"""Answer without a key, too."""


def describe(app: FastAPI, *, asks_for_keys: bool) -> None:
    """Adds the problem document, which no route returns by itself, and who may call what."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            _add_problems(schema)
            _leave_out_automatic_errors(schema)
            if asks_for_keys:
                _add_security(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents for extending OpenAPI


def _add_problems(schema: dict[str, Any]) -> None:
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDocument"] = problem


def _leave_out_automatic_errors(schema: dict[str, Any]) -> None:
    """FastAPI documents a 422 of its own for each route that has a parameter, also where none can come."""
    for _, operation in _operations(schema):
        content = operation["responses"].get("422", {}).get("content", {})
        if "HTTPValidationError" in str(content.get("application/json", "")):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)


def _add_security(schema: dict[str, Any]) -> None:
    schema["components"]["securitySchemes"] = {
        _BEARER: {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, the token of a visitor's session, or the administrator's key.",
        }
    }
    for path, operation in _operations(schema):
        if path in _BETTER_WITH_KEY:
            operation["security"] = [{}, {_BEARER: []}]
        elif path not in _OPEN_TO_ALL:
            operation["security"] = [{_BEARER: []}]


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            yield path, operation
