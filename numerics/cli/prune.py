"""``quadrics prune FILE``: the irreducible core of a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from .options import JsonFile, Seed, check_writable, emit_json

if TYPE_CHECKING:
    from numerics.tools.checkpoint import Checkpoint


def prune(
    file: Annotated[
        Path, typer.Argument(help="A .safetensors, .pt or .pth file with the weights of a shallow network.")
    ],
    activation: Annotated[str, typer.Option(help="The network's activation, by name: the file does not tell.")],
    tolerance: Annotated[float, typer.Option(help="How much outputs may change; 0 for exact merges only.")] = 1e-6,
    radius: Annotated[
        float | None, typer.Option(help="For which inputs: those with |x| at most this; 3√(inputs) unless given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="OUT", help="Write the pruned network.")] = None,
    json: JsonFile = None,
    seed: Seed = 0,
) -> None:
    """Prune a shallow network: merge copies of neurons, drop neurons that cancel, and bound what that changes.

    The file is read as weights only: nothing in it is ever executed.
    """
    import torch

    from numerics.tools.checkpoint import read_checkpoint, write_checkpoint
    from numerics.tools.prune import prune as reduce_to_core
    from quadrics.expansion.activations.bounds import activation_with_bounds

    activation_with_bounds(activation)
    check_writable(json)
    checkpoint = read_checkpoint(file)
    found = reduce_to_core(checkpoint, activation, tolerance, radius, torch.Generator().manual_seed(seed))
    document = {"file": str(file), **found.to_json()}
    console = Console(highlight=False, quiet=str(json) == "-")
    console.print(found)
    if out is not None:
        _check_readable(found.checkpoint, out)
        write_checkpoint(found.checkpoint, out)
        document["out"] = str(out)
        console.print(f"Written to {out}.", markup=False)
    elif found.core_width < found.width:
        console.print("• quadrics prune FILE --out OUT writes the pruned network.")
    emit_json(document, json)


def _check_readable(checkpoint: Checkpoint, out: Path) -> None:
    """Refuse to write what could not be read again: with fewer neurons, shapes alone may not tell which layer is which.

    Raises
    ------
    CheckpointError
        If the names of the entries do not tell it either.
    """
    from numerics.tools.state_roles import find_roles

    shapes = {key: tuple(tensor.shape) for key, tensor in checkpoint.state.items()}
    find_roles(shapes, ordered=out.suffix.lower() != ".safetensors")
