"""A pruned network as a page for people."""

from __future__ import annotations

import math

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .prune import Fate, PrunedGroup, Pruning

__all__ = ["render"]

MOST_ROWS = 24
"""Groups listed one by one; the rest are counted, and ``--json`` has them all."""

MOST_MEMBERS = 8

ORDER = (Fate.COPIES, Fate.ZERO_TYPE, Fate.CONSTANT, Fate.KEPT)
"""What changed comes first."""


def render(found: Pruning) -> RenderableType:
    """Return the network, its groups, its core, and what is guaranteed of it."""
    shrinks = found.core_width < found.width
    verdict = Text(_verdict(found), style="bold green" if shrinks else "bold")
    parts: list[RenderableType] = [Text(_network(found)), verdict, _groups(found), _facts(found)]
    parts += [Text(f"• {line}") for line in _remarks(found)]
    return Group(*parts)


def _network(found: Pruning) -> str:
    layers = found.checkpoint.layers
    biases = (" + b1" if layers.b1 is not None else "", " + b2" if layers.b2 is not None else "")
    return (
        f"f(x) = W2 σ(W1 x{biases[0]}){biases[1]}: {_many(layers.W1.shape[1], 'input')}, "
        f"{_many(found.width, 'neuron')}, {_many(layers.W2.shape[0], 'output')}, "
        f"{str(found.checkpoint.dtype).removeprefix('torch.')}. The file does not name the activation: the bound is "
        f"for {found.activation}."
    )


def _verdict(found: Pruning) -> str:
    if found.core_width == found.width:
        return f"Nothing to prune: no neurons can go within the tolerance {found.tolerance:g}."
    if found.core_width == 0:
        return "The core is empty: all neurons cancel or are constant, and so is the function."
    return f"{_many(found.width, 'neuron')} reduce to a core of {found.core_width}."


def _groups(found: Pruning) -> Table:
    table = Table(title=None, caption_justify="left")
    for heading in ("neurons", "size", "type", "|w|", "outgoing sum", "merged to"):
        table.add_column(heading, justify="left" if heading in ("neurons", "type") else "right")
    ordered = sorted(found.groups, key=lambda group: (ORDER.index(group.fate), group.members))
    for group in ordered[:MOST_ROWS]:
        into = "b2" if group.fate is Fate.CONSTANT and found.checkpoint.layers.b2 is not None else "—"
        table.add_row(
            _members(group),
            str(len(group.members)),
            str(group.fate),
            f"{group.w_length:.4g}",
            _outgoing(group),
            into if group.into is None else str(group.into),
            style=None if group.fate is Fate.KEPT else "yellow",
        )
    if len(ordered) > MOST_ROWS:
        table.caption = f"and {_many(len(ordered) - MOST_ROWS, 'more group')}; --json FILE lists all"
    return table


def _members(group: PrunedGroup) -> str:
    shown = ", ".join(map(str, group.members[:MOST_MEMBERS]))
    return shown + (", …" if len(group.members) > MOST_MEMBERS else "")


def _outgoing(group: PrunedGroup) -> str:
    """The sum itself, or its length where there are several outputs."""
    if len(group.outgoing) == 1:
        return f"{group.outgoing[0]:.4g}"
    return f"|·| = {math.hypot(*group.outgoing):.4g}"


def _facts(found: Pruning) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row(str(found.core_width), f"neurons in the core, of {found.width}")
    table.add_row(f"{found.bound:.3g}", f"bound of |f(x) - f_pruned(x)| for every |x| ≤ {found.radius:.6g}")
    table.add_row(f"{found.deviation:.3g}", "largest difference seen on random inputs there, rounding included")
    return table


def _remarks(found: Pruning) -> list[str]:
    remarks = []
    if found.tolerance == 0:
        remarks.append("Tolerance 0: only what is exact was done; the bound is the rounding of the stored numbers.")
    if found.core_width == 0:
        remarks.append("No layer can be empty: the pruned network has one neuron of zeros.")
    elif found.equal_neurons_left:
        remarks.append(
            f"{_many(found.equal_neurons_left, 'neuron')} with the incoming weights of another stayed: rounding the "
            "sum of their outgoing weights would exceed the tolerance. --tolerance 0 merges them regardless."
        )
    return remarks


def _many(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
