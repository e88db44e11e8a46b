"""The commands ``prospectus keys …``: API keys for programs that call the HTTP API.

A running server knows of a new or revoked key at its next request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from .storage.keys import ApiKey, Keys

NAME_LIMIT = 100

app = typer.Typer(
    no_args_is_help=True,
    help="Create, list and revoke API keys for programs that call the HTTP API.",
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def _checked_name(name: str) -> str:
    if not name.strip() or len(name) > NAME_LIMIT or not name.isprintable():
        raise typer.BadParameter(f"must be 1 to {NAME_LIMIT} printable characters")
    return name.strip()


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use the key.", callback=_checked_name)],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="What the key may do, chat or search; may be repeated. Without, both.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a key. Its secret is printed now and cannot be had again."""
    from .callers import Scope

    try:
        scopes = [Scope(each) for each in scope or Scope]
    except ValueError:
        raise typer.BadParameter("must be chat or search", param_hint="--scope") from None
    with _keys() as keys:
        key, secret = keys.create(name, scopes)
    if as_json:
        typer.echo(json.dumps({**_as_json(key), "secret": secret}, indent=2, ensure_ascii=False))
        return
    typer.echo(f"Created key {key.id}. This is its secret, shown only now:", err=True)
    typer.echo(secret)


@app.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List the keys, revoked ones too, without their secrets."""
    with _keys() as keys:
        found = keys.all()
    if as_json:
        typer.echo(json.dumps([_as_json(key) for key in found], indent=2, ensure_ascii=False))
        return
    for key in found:
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "valid"
        created = f"created {key.created_at:%Y-%m-%d}"
        typer.echo(f"{key.id}  {state:<18}  {','.join(sorted(key.scopes)):<11}  {created}  {key.name}")
    if not found:
        typer.echo("There are no keys. Create one with `prospectus keys create NAME`.", err=True)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id, as `prospectus keys list` shows it.")],
) -> None:
    """Revoke a key. From now on it opens nothing, and it cannot be made valid again."""
    with _keys() as keys:
        is_revoked = keys.revoke(key_id)
    if not is_revoked:
        typer.echo(f"error: there is no valid key with the id {key_id!r}", err=True)
        raise typer.Exit(1)
    typer.echo(f"Revoked key {key_id}.", err=True)


@contextmanager
def _keys() -> Iterator[Keys]:
    from .settings import load_settings
    from .storage.database import open_database
    from .storage.keys import Keys

    settings = load_settings()
    database = open_database(settings.data_dir, settings.plain_database_url)
    try:
        yield Keys(database)
    finally:
        database.close()


def _as_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
    }
