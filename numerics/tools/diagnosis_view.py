"""A diagnosis as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..integers import shown
from .diagnose import Diagnosis, NeuronReport

if TYPE_CHECKING:
    from .repair import Repair

__all__ = ["render", "render_repair"]

MOST_ROWS = 24
"""Neurons listed one by one; the rest are counted, and ``--json`` has them all."""


def render(found: Diagnosis) -> RenderableType:
    """Return the network, its neurons, and what follows for training."""
    verdict = Text(_verdict(found), style="bold yellow" if found.is_obstructed else "bold green")
    parts: list[RenderableType] = [Text(_network(found)), verdict, _neurons(found), _facts(found)]
    parts += [Text(f"• {line}") for line in _remarks(found)]
    return Group(*parts)


def render_repair(repair: Repair, file: str) -> RenderableType:
    """Return what was done, neuron by neuron, how it was verified, and what is left."""
    lines = []
    means = [str(change.means) for change in repair.changes]
    if not means:
        why = "no c_k needs it" if repair.after.d_out == 1 else "a c_k < 0 locks nothing when there are several outputs"
        lines.append(f"{file}: written as it was; {why}.")
    else:
        counts = ", ".join(f"{means.count(kind)} {kind}" for kind in dict.fromkeys(means))
        lines.append(
            f"{file}: {_many(len(means), 'neuron')} with c_k ≤ 0: {counts}. Weights are multiplied and divided by "
            "powers of two, which is exact; a neuron that computes nothing becomes another one (a = 0, some w ≠ 0)."
        )
        for change in repair.changes[:MOST_ROWS]:
            by = f": w × 2^{change.power}, a / 2^{change.power}" if change.power else ""
            c = repair.after.neurons[change.index].imbalance
            lines.append(f"  neuron {change.index} {change.means}{by}; now c_k = {c:.6g}")
        if len(means) > MOST_ROWS:
            lines.append(f"  and {len(means) - MOST_ROWS} more; --json FILE lists all")
    lines.append(f"Same function: largest difference on random inputs {repair.deviation:.3g}.")
    left = (*repair.after.pathological, *repair.after.undecided) if repair.after.d_out == 1 else ()
    if left:
        lines.append(f"Not repaired: {len(left)} of them, whose weights are too small for {repair.after.dtype}.")
    if repair.after.is_obstructed and repair.after.shape.input_dimension == 1:
        lines.append("With one input and no bias every neuron locks a sign, whatever its c_k: train with a bias.")
    return Group(*(Text(line) for line in lines))


def _network(found: Diagnosis) -> str:
    biases = (" + b1" if found.hidden_bias else "", " + b2" if found.output_bias else "")
    return (
        f"f(x) = W2 relu(W1 x{biases[0]}){biases[1]}: {_many(found.d_in, 'input')}, {_many(found.width, 'neuron')}, "
        f"{_many(found.d_out, 'output')}, {found.dtype}. The file does not name the activation: all below holds for "
        "ReLU and leaky ReLU, but not for tanh, GELU and others that are not homogeneous."
    )


def _verdict(found: Diagnosis) -> str:
    bad, all_of_them = len(found.pathological), found.width
    if not found.is_obstructed:
        if found.d_out > 1:
            return (
                f"No topological obstruction: with {found.d_out} outputs the invariant set is connected, whatever the "
                "signs of the c_k."
            )
        return "No topological obstruction: no c_k is decidedly negative, so the invariant set is connected."
    if found.frozen_inputs or found.d_out > 1:
        frozen = _many(len(found.frozen_inputs), "input weight"), _many(len(found.frozen_outputs), "output weight")
        return (
            f"{shown(found.components)} components: with one input and no bias, gradient flow cannot change the sign "
            f"of {frozen[0]} and {frozen[1]}."
        )
    return (
        f"{bad} of {_many(all_of_them, 'neuron')} {'is' if bad == 1 else 'are'} pathological (c_k < 0): gradient flow "
        f"cannot change the sign of {'its output weight' if bad == 1 else 'their output weights'}."
    )


def _neurons(found: Diagnosis) -> Table:
    table = Table(title=None, caption_justify="left")
    for heading in ("neuron", "c_k", "± rounding", "sign of a_k"):
        table.add_column(heading, justify="right")
    table.add_column("what it may do")
    order = {-1: 0, 0: 1, 1: 2}
    ordered = sorted(found.neurons, key=lambda neuron: (order[neuron.sign], neuron.imbalance))
    for neuron in ordered[:MOST_ROWS]:
        sign = {1: "+", 0: "0", -1: "−", None: ""}[neuron.output_sign]
        state = _state(found, neuron)
        style = "yellow" if neuron.index in {*found.frozen_outputs, *found.frozen_inputs} else None
        table.add_row(str(neuron.index), f"{neuron.imbalance:.6g}", f"{neuron.margin:.1g}", sign, state, style=style)
    if len(ordered) > MOST_ROWS:
        table.caption = f"and {len(ordered) - MOST_ROWS} neurons with larger c_k; --json FILE lists all"
    return table


def _state(found: Diagnosis, neuron: NeuronReport) -> str:
    notes = []
    if neuron.sign == 0:
        notes.append("undecided: c_k = 0 up to rounding" if neuron.imbalance else "balanced: c_k = 0")
        if found.d_out == 1:
            notes[-1] += "; the sign of a_k is kept for finite times"
    elif found.d_out == 1 and neuron.sign < 0:
        notes.append("pathological: the sign of a_k is frozen")
    elif neuron.index in found.frozen_inputs:
        notes.append("the sign of w_k is frozen")
    else:
        notes.append("free")
    if neuron.computes_nothing:
        notes.append("computes nothing now (a = 0)" if neuron.kind.w else "computes nothing (w = 0)")
    elif neuron.constant:
        notes.append("the same for every input (w = 0, b ≠ 0)")
    return "; ".join(notes)


def _facts(found: Diagnosis) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row(shown(found.components), "components of the invariant set H(c)")
    table.add_row(
        shown(found.effective_components), "effective components: classes up to rescaling and permutation (Theorem 2)"
    )
    if found.gradient_flow_pieces != found.components:
        table.add_row(
            shown(found.gradient_flow_pieces), "pieces that gradient flow cannot leave (those with c_k = 0 too)"
        )
    odds = found.odds
    if odds is not None:
        table.add_row(_probability(odds.disconnected), f"probability of a disconnected H(c) at {odds.scheme} init")
        if found.pathological:
            many = _many(len(found.pathological), "pathological neuron")
            table.add_row(_probability(odds.as_many), f"probability of {many} or more there")
        table.add_row(_probability(odds.pathological), "probability that a given neuron is pathological there")
    return table


def _remarks(found: Diagnosis) -> list[str]:
    remarks = []
    reach = found.reach
    if reach is not None and found.is_obstructed:
        for most, word, sign in (
            (reach.most_positive_kinks, "positive", "convex"),
            (reach.most_negative_kinks, "negative", "concave"),
        ):
            if most < found.width:
                remarks.append(
                    f"Out of reach: every function with more than {_many(most, 'hyperplane')} of {word} kink "
                    f"(where it is locally {sign}); {found.width} free neurons could have {found.width}."
                )
        remarks.append(
            "This binds gradient flow, and gradient descent, stochastic too, in steps h ≤ 1/|v_k| as long as c_k < 0 "
            "(which its steps can only raise); v_k is the mean of ℓ'(f(x)) σ'(w_k·x) x. Momentum and Adam may leave."
        )
    elif found.is_obstructed and found.reach is None and found.d_out == 1:
        remarks.append("On the line without biases all kinks are at 0; see quadrics count for the number of classes.")
    if found.undecided:
        remarks.append(
            f"{_many(len(found.undecided), 'neuron')} with c_k = 0 up to the {found.dtype} digits of the file: "
            "counted as c_k = 0, since a last digit could make it either sign."
        )
    if found.d_out == 1 and (found.pathological or found.undecided) and found.shape.input_dimension > 1:
        remarks.append("quadrics diagnose FILE --repair OUT writes the same function with every c_k > 0.")
    return remarks


def _probability(value: float) -> str:
    return f"{value:.4g}" if value else "< 1e-300"


def _many(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
