"""Measurements for section 4: signs along gradient flows, and what connectedness does not give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
import torch
from sympy import Rational

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.quadric import Quadric

from ...batch import Batch
from ...bridge import torch_function
from ...data import toy
from ...flow import gradient_flow
from ...intervals import proportion_interval
from ...objective import Objective
from ...optimizers import GradientDescent
from ...recorder import Recorder
from ...sampling import random_parameters
from ...sorted_gradient import SortedObjective
from ...training import train
from ..sampling import generator
from ..signs import as_numbers, flows

# -- signs along the flow ----------------------------------------------------------------------------------------------
Locked = Callable[[float], bool]


def _locked_neurons(locked: Locked, context: Context) -> Outcome:
    """Flows with c = (-0.3, 0.3): no neuron said to be locked changes sign, and a² >= -c up to the integrator's "
    "drift."""
    found = flows((-0.3, 0.3), 1, context.pick(quick=2, full=20), context, "section 4")
    rows = torch.tensor([locked(float(c)) for c in found.c])
    flips = int(found.flipped()[:, 0, rows].sum())
    low = bool((found.smallest_square()[:, rows] >= -found.c[rows] - found.drift).all())
    return decided(flips == 0 and low, **as_numbers(found))


def _balanced_neurons(locked: Locked, context: Context) -> Outcome:
    """Flows with c = (0, 0.1): the same question without a margin, for the balanced neuron."""
    found = flows((0.0, 0.1), 1, context.pick(quick=3, full=20), context, "balanced")
    rows = torch.tensor([locked(float(c)) for c in found.c])
    return decided(int(found.flipped()[:, 0, rows].sum()) == 0, **as_numbers(found))


def solved_example() -> Any:
    """a²(t) for f = a relu(w x), x = 1, y = -1, w = a: u = a² solves u' = -4u(u + 1), which SymPy solves."""
    t, a0 = sympy.symbols("t a0", positive=True)
    u = sympy.Function("u")
    solution = sympy.dsolve(sympy.Eq(u(t).diff(t), -4 * u(t) * (u(t) + 1)), u(t), ics={u(0): a0**2})
    solutions = solution if isinstance(solution, list) else [solution]
    return sympy.simplify(solutions[0].rhs), (t, a0)


def _follows(example: Any, context: Context) -> Outcome:
    """The measured flow of the example against a²(t).

    On the line w = a the flow contracts (its derivative is -6a² - 2), so errors do not grow: the sum of the local ones,
    steps · √2 (atol + rtol |θ|), moves a² by at most 2 |a| times that. The integrator keeps w = a to the last bit.
    """
    expression, (t, a0) = example
    formula = torch_function(expression, (t, a0))
    start = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    batch = Batch(start[:, None, None], start[:, None, None])
    one = torch.ones(1, 1, dtype=torch.float64)
    times = torch.linspace(0, 2, 9, dtype=torch.float64)
    rtol, atol = 1e-8, 1e-12
    flow = gradient_flow(batch, Objective(one, -one), times, rtol=rtol, atol=atol)
    a = torch.stack([state.W2[:, 0, 0] for state in flow.states])
    w = torch.stack([state.W1[:, 0, 0] for state in flow.states])
    local = 2**0.5 * (atol + rtol * 2**0.5 * start)
    tolerance = 2 * start * local * flow.evaluations / 11
    gap = (a.square() - formula(times[:, None], start[None, :].expand(9, 3))).abs()
    kept = bool((a == w).all()) and bool((a > 0).all())
    return decided(
        kept and bool((gap <= tolerance).all()), largest_gap=float(gap.max()), tolerance=float(tolerance.min())
    )


# -- connected is not trained ------------------------------------------------------------------------------------------
def _some_learn(sign: int, context: Context) -> Outcome:
    """The toy task of section 6 with c = ±0.1 for both neurons and positive output weights: do some learn, not all?"""
    n, steps = context.pick(quick=100, full=2_000), 500
    data = toy(seed=context.seed)
    W1, W2, *_ = random_parameters([Quadric(2, 1, Rational(sign, 10))] * 2, n, 1.0, generator(context, "cplus"))
    recorder = Recorder(steps=[0, steps], keep=["loss", "flips"])
    start = Batch(W1, W2.abs())
    result = train(start, SortedObjective(data.x, data.y), GradientDescent(0.01), steps, recorder)
    learned = int((result.loss < 0.01).sum())
    flips = int((recorder["flips"][-1] > 0).sum())
    return decided(
        0 < learned < n and flips > 0,
        networks=n,
        learned=learned,
        learned_interval=str(proportion_interval(learned, n)),
        networks_with_sign_changes=flips,
        smallest_loss=float(result.loss.min()),
    )


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.sec4.flow-sign": (
        measurement(
            "gradient flows of networks with c = (-0.3, 0.3) whose signs are wrong for the data",
            lambda: lambda c: c < 0,
            _locked_neurons,
            [
                Control("every neuron said to be locked", lambda _: lambda c: True),
                Control("those with c > 0 said to be locked", lambda _: lambda c: c > 0),
            ],
        ),
    ),
    "nurisso.sec4.boursier": (
        measurement(
            "gradient flows of networks with c = (0, 0.1)",
            lambda: lambda c: c <= 0,
            _balanced_neurons,
            [Control("the neuron with c = 0.1 said to be locked too", lambda _: lambda c: True)],
        ),
        measurement(
            "the exact example f = a relu(w x): the flow against the solution of its differential equation",
            solved_example,
            _follows,
            [
                Control("the exponent 2t", lambda s: (s[0].subs(s[1][0], s[1][0] / 2), s[1])),
                Control("the sign of 1 + a₀⁻² changed", lambda s: (1 / (sympy.exp(4 * s[1][0]) / s[1][1] ** 2), s[1])),
            ],
        ),
    ),
    "nurisso.sec4.cplus": (
        measurement(
            "trained networks on the toy task with c = (0.1, 0.1): signs change, some learn, some do not",
            lambda: 1,
            _some_learn,
            [Control("c = (-0.1, -0.1)", lambda sign: -sign)],
        ),
    ),
}
