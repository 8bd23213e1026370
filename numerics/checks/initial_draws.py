"""What the measurements on initialization share: counts of pathological neurons in drawn networks, against formulas.

An interval is wrong once in a million (``intervals.LEVEL``); the few dozen of a check are all right but once in ten
thousand runs at worst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import sympy
import torch
import xarray as xr

from proofs import Context, Outcome, decided
from quadrics.initialization import Orthogonal, Scheme, evaluate

from ..experiments.nurisso import figure_5
from ..initialize import sample
from ..intervals import Interval, proportion_interval

__all__ = ["Cell", "Draws", "draws", "fits", "figure_5_data", "probability_of_obstruction", "within"]

MOST_NUMBERS = 1_000_000
"""So many random numbers are held in memory at once."""

ROUNDING = 1e-12
"""c_k above minus this counts as not negative: where c_k is exactly 0 (orthogonal weights) rounding decides."""


class Cell(NamedTuple):
    """A scheme at a number of inputs and of neurons."""

    scheme: Scheme
    d: int
    l: int

    def __str__(self) -> str:
        return f"{self.scheme.name} (bias: {self.scheme.bias}), d = {self.d}, l = {self.l}"


class Draws(NamedTuple):
    """How many of ``networks`` have some pathological neuron, a pathological first one; the largest number of them."""

    networks: int
    some: int
    first: int
    largest: int

    @property
    def layer(self) -> Interval:
        """The probability that at least one neuron is pathological."""
        return proportion_interval(self.some, self.networks)

    @property
    def neuron(self) -> Interval:
        """The probability that a given neuron is pathological."""
        return proportion_interval(self.first, self.networks)


def draws(context: Context, cell: Cell, quick: int = 20_000, full: int = 500_000) -> Draws:
    """Draw networks of a cell (fewer with orthogonal weights, which cost more), once in a run, and count."""
    networks = context.pick(quick=quick, full=full) // (4 if isinstance(cell.scheme, Orthogonal) else 1)

    def compute() -> Draws:
        source = torch.Generator().manual_seed(context.seed_for(f"draws of {cell!r}"))
        some = first = largest = 0
        chunk = max(1, MOST_NUMBERS // (cell.l * (cell.d + 1)))
        for start in range(0, networks, chunk):
            n = min(chunk, networks - start)
            negative = sample(cell.scheme, n, cell.d, cell.l, source, device=context.device).imbalance() < -ROUNDING
            some += int(negative.any(1).sum())
            first += int(negative[:, 0].sum())
            largest = max(largest, int(negative.sum(1).max()))
        return Draws(networks, some, first, largest)

    return context.once(("draws", repr(cell), networks), compute)


def within(interval: Interval, value: Any) -> bool:
    """Whether an exact value is in the interval."""
    return interval.contains(float(evaluate(value)) if isinstance(value, sympy.Basic) else float(value))


Claimed = Callable[[Cell], Any]


def fits(cells: Iterable[Cell], one_neuron: bool = False) -> Callable[[Claimed, Context], Outcome]:
    """A decision: the claimed probability (of some pathological neuron, or of a given one) is in every interval."""

    def decide(claimed: Claimed, context: Context) -> Outcome:
        seen = {}
        for cell in cells:
            found = draws(context, cell)
            interval = found.neuron if one_neuron else found.layer
            value = claimed(cell)
            seen[str(cell)] = str(interval)
            if not within(interval, value):
                return decided(False, at=str(cell), claimed=float(sympy.N(value)), interval=str(interval))
        return decided(True, intervals=seen)

    return decide


def probability_of_obstruction(cell: Cell) -> Any:
    """The exact probability, as :mod:`quadrics` has it."""
    return cell.scheme.obstruction_probability(cell.d, cell.l)


def figure_5_data(context: Context) -> xr.Dataset:
    """The experiment of figure 5, at the size that goes with the mode, once in a run."""

    def compute() -> xr.Dataset:
        context.tell("drawing the networks of figure 5")
        return figure_5.run(quick=context.mode == "quick", seed=context.seed, device=context.device)

    return context.once("nurisso.fig5", compute)
