"""Measurements for figures 2 and A5: flows of the toy losses, where they end, and that they keep their side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.expansion.losses.symmetric import UnitLoss
from quadrics.expansion.losses.toy import CriticalPoint, CriticalType, ToyLoss, toy_figures

from ...toy_flow import PlaneFlow, nearest, toy_flow
from ..sampling import EPS


@dataclass(frozen=True)
class Ends:
    """Flows of each loss from off the diagonal keep the sign of w1 - w2, and end at points of these types."""

    kinds: dict[str, frozenset[CriticalType]]
    change: Callable[[UnitLoss], UnitLoss] = lambda loss: loss


def _ends(statement: Ends, context: Context) -> Outcome:
    """Flows from random starts around the critical points; signs as long as the integrator's errors leave them certain.

    u = w1 - w2 obeys u' = -κ(t) u: the sum of the local errors over |u| bounds the relative error. At the end, where
    |∇L| < stop, the distance to a critical point is at most 2 stop over the least |eigenvalue| of its Hessian.
    """
    found: dict[str, set[str]] = {}
    for name, kinds in statement.kinds.items():
        loss = toy_figures()[name]
        points = loss.critical_points()
        flow = PlaneFlow(statement.change(loss.as_unit_loss()))
        for start in _starts(points, name, context):
            line = flow.line(start)
            certain = (line.step_error / np.maximum(np.abs(line.gap), EPS)).cumsum() < 0.5
            if (np.sign(line.gap[certain]) != np.sign(line.gap[0])).any():
                return decided(False, loss=name, start=str(start), reason="the sign changed")
            index, distance = nearest(points, line.w[-1])
            if not line.reached or distance > _tolerance(loss, points[index]):
                return decided(False, loss=name, start=str(start), end=str(line.w[-1]))
            found.setdefault(name, set()).add(points[index].kind)
        if found[name] != set(kinds):
            return decided(False, loss=name, found=sorted(map(str, found[name])))
    return decided(True, found={name: sorted(map(str, kinds)) for name, kinds in found.items()})


def _starts(points: tuple[CriticalPoint, ...], name: str, context: Context) -> Any:
    """Random points within 1 of each critical point (in each coordinate)."""
    random = np.random.default_rng(context.seed_for(f"toy {name}"))
    count = context.pick(quick=1, full=8)
    return [(float(p.w1) + s, float(p.w2) + t) for p in points for s, t in random.uniform(-1, 1, (count, 2))]


def _tolerance(loss: ToyLoss, point: CriticalPoint, stop: float = 1e-6) -> float:
    curvatures = np.linalg.eigvalsh(toy_flow(loss).hessian([float(point.w1), float(point.w2)]))
    return float(2 * stop / np.abs(curvatures).min())


def _lopsided(loss: UnitLoss) -> UnitLoss:
    """Pull w1 towards w2 + 3: the loss is not symmetric, and flows cross the diagonal."""
    return UnitLoss(loss.expression + (loss.units[0] - loss.units[1] - 3) ** 2, loss.units)


def _along_diagonal(ends: dict[str, float], context: Context) -> Outcome:
    """Flows from the diagonal stay on it, to the last bit, and end at the stated w (the integrator treats both alike).

    The tolerance is that of the curvature along the diagonal, to which the flow is confined.
    """
    for name, (start, end) in {name: (3.0 * np.sign(w), w) for name, w in ends.items()}.items():
        loss = toy_figures()[name]
        line = toy_flow(loss).line((start, start))
        curvature = float(np.abs(toy_flow(loss).hessian([end, end]).sum(0)).min())
        if np.abs(line.gap).max() > 0 or abs(line.w[-1, 0] - end) > 2e-6 / curvature:
            return decided(False, loss=name, end=str(line.w[-1]), largest_gap=float(np.abs(line.gap).max()))
    return decided(True)


def _saddles() -> dict[str, float]:
    return {
        name: float(p.w1)
        for name in ("1st", "3rd", "4th")
        for p in toy_figures()[name].critical_points()
        if p.on_diagonal
    }


def _reached(kind: CriticalType, context: Context) -> Outcome:
    """Flows of the second loss from around its point of this type on the diagonal end there, from either side."""
    loss = toy_figures()["2nd"]
    points = loss.critical_points()
    index = next(i for i, p in enumerate(points) if p.on_diagonal and p.kind is kind)
    random = np.random.default_rng(context.seed_for("simsek rem2.1"))
    centre = float(points[index].w1)
    for offset in random.uniform(-0.5, 0.5, (context.pick(quick=4, full=30), 2)):
        line = toy_flow(loss).line(centre + offset)
        nearest_one, distance = nearest(points, line.w[-1])
        if nearest_one != index or distance > _tolerance(loss, points[index]):
            return decided(False, start=str(centre + offset), end=str(line.w[-1]))
    return decided(True)


_GLOBAL = frozenset({CriticalType.GLOBAL_MINIMUM})
_BOTH = frozenset({CriticalType.GLOBAL_MINIMUM, CriticalType.LOCAL_MINIMUM})

CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.rem2.1": (
        measurement(
            "flows around the local minimum on the diagonal of the second toy loss",
            lambda: CriticalType.LOCAL_MINIMUM,
            _reached,
            [Control("around a saddle", lambda kind: CriticalType.SADDLE)],
        ),
    ),
    "simsek.fig2": (
        measurement(
            "flows from both sides of the diagonal of Figure 2",
            lambda: Ends({"1st": _GLOBAL}),
            _ends,
            [
                Control("to the saddle, too", lambda s: replace(s, kinds={"1st": _GLOBAL | {CriticalType.SADDLE}})),
                Control("with a pull across the diagonal", lambda s: replace(s, change=_lopsided)),
            ],
        ),
    ),
    "simsek.figA5": (
        measurement(
            "flows of the other three losses from around their critical points",
            lambda: Ends({"2nd": _BOTH, "3rd": _GLOBAL, "4th": _GLOBAL}),
            _ends,
            [Control("global minima only", lambda s: replace(s, kinds={**s.kinds, "2nd": _GLOBAL}))],
        ),
        measurement(
            "flows along the diagonal",
            _saddles,
            _along_diagonal,
            [Control("to half the mean of the minima", lambda ends: {**ends, "1st": 1.5})],
        ),
    ),
}
