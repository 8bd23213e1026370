"""``quadrics diagnose FILE``: what topology says about a trained network, and its repair."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .options import JsonFile, Seed, check_writable, emit_json


def diagnose(
    file: Annotated[
        Path, typer.Argument(help="A .safetensors, .pt or .pth file with the weights of a shallow network.")
    ],
    repair: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Write the same function with every c_k > 0 where possible."),
    ] = None,
    json: JsonFile = None,
    seed: Seed = 0,
) -> None:
    """Diagnose a shallow ReLU network: neurons whose sign is frozen, and what training cannot reach.

    The file is read as weights only: nothing in it is ever executed.
    """
    import torch

    from numerics.tools.checkpoint import read_checkpoint, write_checkpoint
    from numerics.tools.diagnose import diagnose as examine
    from numerics.tools.diagnosis_view import render_repair
    from numerics.tools.repair import mend

    check_writable(json)
    checkpoint = read_checkpoint(file)
    found = examine(checkpoint)
    document = {"file": str(file), **found.to_json()}
    console = Console(highlight=False, quiet=str(json) == "-")
    console.print(found)
    if repair is not None:
        mended = mend(checkpoint, torch.Generator().manual_seed(seed))
        write_checkpoint(mended.checkpoint, repair)
        document["repair"] = {"file": str(repair), **mended.to_json()}
        console.print()
        console.print(render_repair(mended, str(repair)))
    emit_json(document, json)
