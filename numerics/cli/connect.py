"""``quadrics connect A B``: whether a symmetry relates two trained networks, and the loss between them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from quadrics.errors import DataError, ShapeError

from .options import JsonFile, Seed, check_writable, emit_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES = (".svg", ".png", ".pdf")


def connect(
    first: Annotated[Path, typer.Argument(metavar="A", help="A .safetensors, .pt or .pth file of a shallow network.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one, which is aligned to A.")],
    activation: Annotated[str, typer.Option(help="Of both networks, by name: the files do not tell.")],
    slope: Annotated[float, typer.Option(help="Of leaky_relu, below 0.")] = 0.01,
    data: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Inputs x and targets y (.npz, .safetensors, .csv), or digits."),
    ] = None,
    loss: Annotated[str | None, typer.Option(help="On the data: mse, bce or ce; by the targets unless given.")] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Relative distance that counts as rounding; 8 last digits unless given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="OUT", help="Write B, aligned to A.")] = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the losses (.svg, .png, .pdf).")] = None,
    json: JsonFile = None,
    seed: Seed = 0,
) -> None:
    """Connect two shallow networks: align B to A by symmetries, and follow the loss between them.

    Without data the loss is the distance from A's outputs on random inputs. Files are read as numbers only: nothing in
    them is ever executed.
    """
    import torch

    from numerics.progress import ProgressBar
    from numerics.tools.alignment import check_comparable
    from numerics.tools.checkpoint import read_checkpoint, write_checkpoint
    from numerics.tools.connection import connect as examine
    from numerics.tools.evaluation_data import read_evaluation
    from numerics.tools.named_activation import activation_called
    from numerics.tools.state_roles import find_roles

    sigma = activation_called(activation, slope)
    if loss is not None and loss not in ("mse", "bce", "ce"):
        raise ShapeError(f"loss: got {loss!r}; expected mse, bce or ce")
    if loss is not None and data is None:
        raise ShapeError("loss: got one without data; expected --data too")
    for path in (json, figure, out):
        check_writable(path)
    if figure is not None and figure.suffix.lower() not in FIGURES:
        raise DataError(f"{figure}: got the suffix {figure.suffix!r}; expected one of {', '.join(FIGURES)}")
    one, other = read_checkpoint(first), read_checkpoint(second)
    check_comparable(one.layers, other.layers)
    evaluation = None if data is None else read_evaluation(data, one.layers, loss)  # type: ignore[arg-type]
    source = torch.Generator().manual_seed(seed)
    with ProgressBar("following the loss") as bar:
        found = examine(one, other, sigma, evaluation, tolerance, source, activation, bar)
    if out is not None:
        # Of another width, shapes alone may not tell any more which layer is which.
        shapes = {key: tuple(tensor.shape) for key, tensor in found.checkpoint.state.items()}
        find_roles(shapes, ordered=out.suffix.lower() != ".safetensors")
    document = {"first": str(first), "second": str(second), **found.to_json()}
    console = Console(highlight=False, quiet=str(json) == "-")
    console.print(found)
    if out is not None:
        write_checkpoint(found.checkpoint, out)
        document["out"] = str(out)
        console.print(f"Written to {out}: B, aligned.", markup=False)
    else:
        console.print("• --out OUT writes the aligned B; --figure FILE.svg draws the losses.", markup=False)
    if figure is not None:
        _save(found.figure(), figure)
        console.print(f"Drawn in {figure}.", markup=False)
    emit_json(document, json)


def _save(drawing: Figure, path: Path) -> None:
    """Write beside the target, then rename: nobody ever sees half a picture."""
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        drawing.savefig(partial, bbox_inches="tight")
        os.replace(partial, path)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
