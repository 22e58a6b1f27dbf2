"""The command line: `dateline COMMAND`. Each command is a function of `api/commands/`.

Kept thin and quick to import: models and the web framework load inside commands.
Exit codes: 0 fine, 1 skipped inputs or nothing found, 2 wrong flag or setting, 3 the
data directory or a model cannot be used, 70 a defect, 130 interrupted.
"""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands import (
    articles,
    asking,
    backup,
    evaluating,
    export,
    feeds,
    ingest,
    keys,
    mcp,
    serve,
    upkeep,
    verifying,
)
from api.commands.options import Home
from api.commands.running import use_home

app = typer.Typer(
    name="dateline",
    help=(
        "Questions over news, answered with the exact sentences of dated articles.\n\n"
        "Begin with `dateline ingest FOLDER`, then `dateline ask QUESTION`, or `dateline serve` "
        "for HTTP. Settings are DATELINE_* variables: see docs/settings.md."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"dateline {version('dateline')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[  # noqa: ARG001 - its callback prints and exits
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show and exit."),
    ] = False,
    home: Home = None,
) -> None:
    use_home(home)


for _function in (
    ingest.ingest,
    asking.ask,
    asking.search,
    verifying.verify,
    articles.show,
    articles.forget,
    export.export,
    upkeep.status,
    upkeep.reindex,
    backup.backup,
    backup.restore,
    serve.serve,
    mcp.mcp,
):
    app.command()(_function)
app.command("eval")(evaluating.evaluate)
app.add_typer(feeds.app, name="feeds")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command that the arguments name."""
    app(prog_name="dateline")


if __name__ == "__main__":
    main()
