"""Measurements on the flows of the phase diagram, one experiment for all of them, and on drawn networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import xarray as xr

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.reachability import KinkTarget

from ..batch import Batch
from ..experiments.nurisso import phase_diagram
from ..experiments.nurisso.phase_diagram_view import learned, share
from ..experiments.nurisso.phase_task import TARGET, Task, least_loss, make_task
from ..intervals import LEVEL
from .sampling import EPS, generator, networks

STEPS = round(phase_diagram.TIME / phase_diagram.STEP)


def study(context: Context) -> xr.Dataset:
    """The phase diagram, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        def tell(done: int, total: int) -> None:
            context.tell(f"following the flows of the phase diagram: block {done} of {total}")

        return phase_diagram.run(quick=context.mode == "quick", seed=context.seed, device=context.device, progress=tell)

    return context.once(phase_diagram.KIND, compute)


def rounding(loss: Any, mean_square: float) -> Any:
    """What rounding can do to a loss, a difference of moments, and to a bound, a quotient of them: see ``toy_runs``."""
    return 100 * EPS * (4 * loss + 6 * mean_square)


Bound = Callable[[Task, int, int], float]  # positive and negative output weights -> least loss


def no_network_is_below(bound: Bound, context: Context) -> Outcome:
    """Random networks of width 3 with chosen signs, on the task's samples; the best scale is taken for each."""
    task = make_task(1000, context.seed)
    source = generator(context, "kink bound")
    details: dict[str, Any] = {}
    right = True
    for negative in range(3):
        drawn = networks(source, context.pick(quick=1_000, full=20_000), 3, 2)
        signs = drawn.W2.new_tensor([-1.0] * negative + [1.0] * (3 - negative))
        batch = Batch(drawn.W1, drawn.W2.abs() * signs)
        loss = scaled_loss(batch, task)
        least = bound(task, 3 - negative, negative)
        right = right and bool((loss >= least - rounding(loss, task.mean_square)).all())
        details[f"{negative} negative"] = {"least": float(loss.min()), "bound": least}
    return decided(right, **details)


def scaled_loss(batch: Batch, task: Task) -> torch.Tensor:
    """The loss of each network after the best scaling of its output by a positive factor: signs stay as they are."""
    f = batch.output(task.objective.x)[..., 0]
    y = task.objective.targets[:, 0]
    factor = ((f @ y) / f.square().sum(1)).clamp(min=0).nan_to_num()
    return task.objective.loss(Batch(batch.W1, batch.W2 * factor[:, None, None]))


def obstructed_do_not_reach(target: KinkTarget, context: Context) -> Outcome:
    """No flow learned the target from a component that this target, so stated, calls out of reach."""
    data = study(context)
    l_minus = data.width - data.l_plus
    positive = data.positive_signs
    missing = (target.positive - positive).clip(min=0) + (target.negative - (l_minus - positive)).clip(min=0)
    obstructed = (missing > data.l_plus) & data.loss.notnull()
    hits = int((learned(data) & obstructed).sum())
    return decided(hits == 0, obstructed=int(obstructed.sum()), of=int(data.loss.notnull().sum()), learned=hits)


def losses_are_above(factor: float, context: Context) -> Outcome:
    """No flow ended below ``factor`` times the bound of its component."""
    data = study(context)
    room = data.loss - factor * data.bound + rounding(data.loss, data.attrs["mean_square"])
    ratio = (data.loss / data.bound).where(data.bound > 0)
    return decided(not bool((room < 0).any()), least_ratio=float(ratio.min()), below=int((room < 0).sum()))


def components_are_kept(largest: float, context: Context) -> Outcome:
    """No pathological neuron changed the sign of its output weight, and every c is what it was.

    ``largest`` is in units of eps (|w|² + a²), which grows along these flows: a boost is a dozen operations on terms of
    that size, and there are so many steps.
    """
    data = study(context)
    drift = float(data.drift.max()) / EPS
    return decided(int(data.flips.sum()) == 0 and drift <= largest, flips=int(data.flips.sum()), drift_in_eps=drift)


@dataclass(frozen=True)
class Most:
    """More than half the flows from cells of this width with so many healthy neurons learn the target."""

    width: int = 6
    healthy: int = 6
    rules: tuple[str, ...] = tuple(phase_diagram.RULES)


def most_learn(statement: Most, context: Context) -> Outcome:
    """The share over all rules and |c|, with its interval."""
    data = study(context).sel(width=statement.width, l_plus=statement.healthy, rule=list(statement.rules))
    interval = share(data, LEVEL)
    answer = True if interval.low > 0.5 else False if interval.high < 0.5 else None
    return decided(answer, share=str(interval))


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.kink-bound": (
        measurement(
            "drawn networks of width 3 with no, one and two negative output weights, at their best scale",
            lambda: least_loss,
            no_network_is_below,
            [
                Control("ten times the bound", lambda bound: lambda *x: 10 * bound(*x)),
                Control("one more negative weight needed", lambda bound: lambda t, p, n: bound(t, p, max(n - 1, 0))),
            ],
        ),
    ),
    "beyond.nurisso.phase-diagram": (
        measurement(
            "flows from components that cannot express the target",
            lambda: TARGET,
            obstructed_do_not_reach,
            [
                Control("three negative kinks", lambda t: KinkTarget(t.positive, t.negative + 1)),
                Control("two positive kinks", lambda t: KinkTarget(t.positive + 1, t.negative)),
            ],
        ),
        measurement(
            "final losses against the bounds of the components",
            lambda: 1.0,
            losses_are_above,
            [Control("half as much again", lambda factor: 1.5 * factor)],
        ),
        measurement(
            "components and imbalances at the end of the flows",
            lambda: 16.0 * STEPS,
            components_are_kept,
            [Control("no rounding at all", lambda largest: 0.0)],
        ),
        measurement(
            "networks of six neurons, all of them healthy",
            Most,
            most_learn,
            [Control("with one healthy neuron, all a > 0", lambda s: replace(s, healthy=1, rules=("positive",)))],
        ),
    ),
}
