"""What connects two networks, as a page for people and as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .connection import Connection
from .loss_along import Profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure", "render"]

LABELS = {
    "as stored": "straight, as stored",
    "permuted": "straight, neurons of B permuted (weight matching)",
    "aligned": "straight, B aligned",
    "curve": "curve of one function: aligned B to B",
}


def render(found: Connection) -> RenderableType:
    """Return the verdict, how B was aligned, and the barriers."""
    style = "bold green" if found.related else "bold"
    parts: list[RenderableType] = [Text(_networks(found)), Text(_verdict(found), style=style)]
    parts += [_facts(found), _paths(found)]
    parts += [Text(f"• {line}") for line in _remarks(found)]
    return Group(*parts)


def figure(found: Connection) -> Figure:
    """Draw the loss along the paths against the time on them."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(7, 4.2), layout="constrained")
    axis = drawing.subplots()
    for k, profile in enumerate(found.profiles):
        line = "--" if profile.name == "curve" else "-"
        axis.plot(profile.t, profile.loss, line, color=f"C{k}", label=LABELS[profile.name])
        if profile.barrier > 0 and profile.name != "curve":
            straight = profile.loss[0] + profile.at * (profile.loss[-1] - profile.loss[0])
            axis.plot([profile.at] * 2, [straight, straight + profile.barrier], ":", color=f"C{k}", linewidth=1)
    axis.set(xlabel="time on the path from A (0) to B (1)", ylabel=found.evaluation.loss)
    axis.grid(alpha=0.25)
    axis.legend(fontsize=8)
    axis.set_title(
        f"{found.activation} networks of {found.alignment.width} neurons, {found.evaluation.data}", fontsize=10
    )
    return drawing


def _networks(found: Connection) -> str:
    layers = found.checkpoint.layers
    biases = (" + b1" if layers.b1 is not None else "", " + b2" if layers.b2 is not None else "")
    return (
        f"f(x) = W2 σ(W1 x{biases[0]}){biases[1]}: {_many(layers.W1.shape[1], 'input')}, "
        f"{_many(found.alignment.width, 'neuron')}, {_many(layers.W2.shape[0], 'output')}; σ is taken to be "
        f"{found.activation}, which the files do not tell. Loss: {found.evaluation.loss}, on {found.evaluation.data}."
    )


def _verdict(found: Connection) -> str:
    shown = f"relative distance after alignment {found.distance:.3g}, tolerance {found.tolerance:.3g}"
    if found.related:
        return f"A symmetry relates the two: they are one network ({shown})."
    return f"No symmetry was found that relates the two ({shown})."


def _facts(found: Connection) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="right", style="bold")
    table.add_column()
    one = found.alignment
    if found.basis is not None:
        sign = "positive" if found.basis.determinant_sign > 0 else "negative"
        table.add_row("g", f"change of basis of the hidden layer, by least squares; its determinant is {sign}")
    else:
        moved = sum(k != other for k, other in enumerate(one.permutation))
        table.add_row(str(moved), f"of {_many(one.width, 'neuron')} in another place")
        if one.is_rescaled:
            low, high = float(one.factors.min()), float(one.factors.max())
            table.add_row(f"{low:.4g} … {high:.4g}", "factors of the incoming weights")
        if one.reflected.any():
            table.add_row(str(int(one.reflected.sum())), "reflected")
        if one.idle.any():
            table.add_row(str(int(one.idle.sum())), "without effect in B (padding counts), replaced")
    table.add_row(f"{found.rounding:.3g}", "largest difference that aligning made to an output (seen, to 50 digits)")
    return table


def _paths(found: Connection) -> Table:
    table = Table(caption_justify="left")
    for heading in ("path", "loss at A", "loss at B", "barrier", "at t"):
        table.add_column(heading, justify="left" if heading == "path" else "right")
    for profile in found.profiles:
        start, end = profile.ends
        table.add_row(LABELS[profile.name], f"{start:.6g}", f"{end:.6g}", _barrier(profile), _time(profile))
    return table


def _barrier(profile: Profile) -> str:
    if profile.name == "curve":
        return f"± {profile.spread:.2g}"
    return f"{profile.barrier:.4g}"


def _time(profile: Profile) -> str:
    return "—" if profile.name == "curve" or profile.barrier == 0 else f"{profile.at:.4f}"


def _remarks(found: Connection) -> list[str]:
    remarks = []
    if found.before.exact:
        remarks.append(
            "These losses are polynomials of degree 4 on straight segments: the maxima come from their roots."
        )
    if found.basis is not None and found.basis.determinant_sign < 0:
        remarks.append("det g < 0: no curve of invertible matrices leads from I to g, and none is drawn.")
    if found.no_basis is not None:
        remarks.append(f"No change of basis was made: {found.no_basis.removeprefix('basis: ')}.")
    if found.curve is None and found.basis is None:
        remarks.append(
            "No neuron was rescaled: the aligned B and B differ by the order of neurons, and by reflections."
        )
    wider = found.alignment.width - found.width_of_first
    if wider > 0:
        remarks.append(f"A was padded by {_many(wider, 'neuron')} without effect (a = 0) to the width of B.")
    if not found.related:
        remarks.append("Other symmetries than permutations, rescalings and reflections are not looked for.")
    return remarks


def _many(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
