"""Options that several verbs share, each defined once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from proofs.ledger import write_json
from proofs.registry import PAPERS
from quadrics.errors import ResultsError

JsonFile = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Also write the result as JSON; - for standard output."),
]
Seed = Annotated[int, typer.Option(min=0, help="Where every random number comes from.")]
Device = Annotated[str, typer.Option(help="cpu or cuda.")]
Full = Annotated[bool, typer.Option("--full/--quick", help="The papers' sizes, or smaller samples.")]
Paper = Annotated[
    str | None, typer.Option(help=f"Only one paper's claims ({', '.join(PAPERS)}), with those beyond it.")
]


def emit_json(document: Mapping[str, Any], path: Path | None) -> None:
    """Write JSON where ``--json`` says; the file appears whole or not at all."""
    if path is None:
        return
    if str(path) == "-":
        json.dump(document, sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
        return
    check_writable(path)
    write_json(document, path)


def check_writable(path: Path | None) -> None:
    """Refuse, before any work is done, a place where the result could not be written.

    Raises
    ------
    ResultsError
        If the folder does not exist or the path is a folder.
    """
    if path is None or str(path) == "-":
        return
    if os.path.isdir(path):  # unlike Path.is_dir, it takes any name, however long
        raise ResultsError(f"{path} is a folder; expected the name of a file to write")
    if not os.path.isdir(path.absolute().parent):
        raise ResultsError(f"cannot write {path}: the folder {path.absolute().parent} does not exist; make it first")
