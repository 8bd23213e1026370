"""``quadrics claims``: list the claims."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from .options import JsonFile, Paper, emit_json
from .tables import print_table


def claims(
    pattern: Annotated[list[str] | None, typer.Argument(help="Ids or shell patterns; all without any.")] = None,
    paper: Paper = None,
    json: JsonFile = None,
) -> None:
    """List claims with their kind, source and expected verdict."""
    from proofs import select
    from proofs.inventory import expected_verdict

    chosen = select(pattern or (), paper)
    rows = [
        {
            "id": claim.id,
            "kind": str(claim.kind),
            "title": claim.title,
            "source": str(claim.source),
            "expected": str(expected_verdict(claim.id)),
        }
        for claim in chosen
    ]
    if str(json) == "-":
        emit_json({"claims": rows}, json)
        return
    table = Table("id", "kind", "expected", "title", box=None, header_style="bold")
    for row in rows:
        table.add_row(row["id"], row["kind"], row["expected"], row["title"])
    print_table(table)
    emit_json({"claims": rows}, json)
