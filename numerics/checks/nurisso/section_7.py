"""Measurements for the remarks of sections 4 and 7: pathological neurons in ever wider layers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.initialization import Gaussian, kaiming_normal, xavier_normal

from ..initial_draws import Cell, draws, fits

Schemes = tuple[Callable[[], Gaussian], ...]
Direction = dict[str, int]

WIDTHS = (4, 20, 100)


def _rare(schemes: Schemes, context: Context) -> Outcome:
    """Ten inputs, 500 neurons: at most one network in ten has a pathological neuron."""
    seen = {}
    for make in schemes:
        interval = draws(context, Cell(make(), 10, 500), quick=2_000, full=50_000).layer
        seen[make().name] = str(interval)
        if interval.low > 0.1:
            return decided(False, intervals=seen)
        if interval.high > 0.1:
            return decided(None, intervals=seen)
    return decided(True, intervals=seen)


def _changes(direction: Direction, context: Context) -> Outcome:
    """Eight inputs, 4 to 100 neurons: from width to width the intervals move as stated, and are apart."""
    seen = {}
    for make in (kaiming_normal, xavier_normal):
        name = make().name
        intervals = [draws(context, Cell(make(), 8, l)).layer for l in WIDTHS]
        seen[name] = [str(one) for one in intervals]
        for few, many in pairwise(intervals):
            grown = 1 if many.low > few.high else -1 if many.high < few.low else 0
            if grown == 0:
                return decided(None, intervals=seen)
            if grown != direction[name]:
                return decided(False, intervals=seen)
    return decided(True, intervals=seen)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.sec4.init": (
        measurement(
            "networks with 10 inputs and 500 neurons, Kaiming initialization",
            lambda: (kaiming_normal,),
            _rare,
            [Control("Xavier initialization, too", lambda schemes: (*schemes, xavier_normal))],
        ),
    ),
    "nurisso.sec7.width": (
        measurement(
            "at least one pathological neuron: networks with 8 inputs and 4, 20, 100 neurons",
            lambda: {"Kaiming normal": -1, "Xavier normal": 1},
            _changes,
            [
                Control("falling for both, as printed", lambda direction: dict.fromkeys(direction, -1)),
                Control("growing for both", lambda direction: dict.fromkeys(direction, 1)),
            ],
        ),
        measurement(
            "one neuron: the same networks",
            lambda: lambda cell: cell.scheme.pathological_probability(cell.d, cell.l),
            fits([Cell(make(), 8, l) for make in (kaiming_normal, xavier_normal) for l in WIDTHS], one_neuron=True),
            [
                Control("half the width", lambda p: lambda cell: p(cell._replace(l=cell.l // 2))),
                Control("one input less", lambda p: lambda cell: p(cell._replace(d=cell.d - 1))),
            ],
        ),
    ),
}
