"""Measurements beyond section 5: reach, readings, function classes and reachable targets, on networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import networkx as nx
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from proofs.beyond.nurisso_dimensions import Dimensions
from proofs.beyond.nurisso_readings import Readings, plus_one, readings
from quadrics.effective import closure_class_count, theorem_2_class_count
from quadrics.function_classes import function_class_count
from quadrics.initialization import Scheme, kaiming_normal, pytorch_default, uniform, xavier_normal
from quadrics.reachability import KinkTarget, missing_signs
from quadrics.rp_equivalence import positive_range

from ..experiments.nurisso.figure_3 import CONFIGURATIONS, LEARNED
from ..initialize import sample
from ..intervals import proportion_interval
from ..objective import Objective
from ..optimizers import GradientDescent
from ..training import train
from .experiment_data import figure_3_data
from .kinks import Kinks, kinks
from .moves import Reached, Signs, measure
from .nurisso.section_5 import LAYERS, bounds_agree, classes, ignoring_ties
from .sampling import EPS, generator

Formula = Callable[..., Any]

# -- readings ----------------------------------------------------------------------------------------------------------


def closure(found: Reached) -> int:
    """The number of classes that the measured links generate."""
    return int(nx.number_connected_components(nx.Graph(found.linked())))


def _readings_agree(said: Readings, context: Context) -> Outcome:
    for signs in LAYERS:
        plus, minus, zero = numbers = signs.count(1), signs.count(-1), signs.count(0)
        found, tied = measure(context, signs), measure(context, signs, degenerate=True)
        measured = {
            "classes": classes(found),
            "generic_sets": len(set(found.met)),
            "sets": len(set(found.met) | set(tied.met)),
            "closure": closure(found),
        }
        wrong = [name for name, value in measured.items() if getattr(said, name)(*numbers) != value]
        linked = {(s.count(1), t.count(1)) for s, t in found.linked()}
        if linked != {pair for pair in product(range(minus + 1), repeat=2) if said.linked(*pair, plus, zero)}:
            wrong.append("linked")
        if wrong:
            return decided(False, c=signs, wrong=wrong, measured=measured)
    return decided(True, layers=len(LAYERS))


def _dimensions_agree(said: Dimensions, context: Context) -> Outcome:
    cases = 0
    for (d, e), signs in product(((1, 1), (1, 2), (2, 2)), ((-1, -1), (1, 1), (-1, 1), (-1, 0, 1), (1, 1, -1))):
        found = measure(context, signs, d, e)
        numbers = (signs.count(1), signs.count(-1), signs.count(0))
        measured = (classes(found), closure(found))
        cases += 1
        if measured != (said.classes(d, e, *numbers), said.closure(d, e, *numbers)):
            return decided(False, d=d, e=e, c=signs, measured=measured)
    return decided(True, cases=cases)


# -- functions of trained networks -------------------------------------------------------------------------------------


class Trained(NamedTuple):
    """Networks of one H(c), their components at the start and their kinks after training."""

    start: list[Signs]
    kinks: Kinks
    kept: bool  # no pathological output weight changed its sign


def _train(context: Context, signs: Signs) -> Trained:
    """512 networks, 100 steps of gradient descent on random targets; the step is small enough for no sign to flip."""
    found = measure(context, signs)
    source = generator(context, f"kinks {signs}")
    x = torch.randn(64, 2, generator=source, dtype=torch.float64)
    y = torch.randn(64, 1, generator=source, dtype=torch.float64)
    objective = Objective(x.to(context.device), y.to(context.device), "mse")
    result = train(found.batch, objective, GradientDescent(0.01), steps=100)
    after = result.batch
    pathological = [k for k, sign in enumerate(signs) if sign < 0]
    kept = bool((after.signs()[:, pathological] == found.batch.signs()[:, pathological]).all())
    return Trained(found.start, kinks(after), kept)


def _trained(context: Context, signs: Signs) -> Trained:
    return context.once(("kinks", signs), partial(_train, context, signs))


def _function_classes_agree(number: Formula, context: Context) -> Outcome:
    """The largest numbers of positive and negative kinks of trained networks of a component tell the classes apart."""
    measured = {}
    for signs in LAYERS:
        run = _trained(context, signs)
        most: dict[Signs, tuple[int, int]] = {}
        rows = zip(run.start, run.kinks.positive.tolist(), run.kinks.negative.tolist(), run.kinks.resolved, strict=True)
        for s, up, down, resolved in rows:
            if resolved:
                a, b = most.get(s, (0, 0))
                most[s] = (max(a, up), max(b, down))
        measured[str(signs)] = len(set(most.values()))
        if not run.kept or len(set(most.values())) != number(2, 1, len(signs) - signs.count(-1), signs.count(-1)):
            return decided(False, c=signs, most=sorted(set(most.values())), signs_kept=run.kept)
    return decided(True, classes=measured)


def _kinks_obey(missing: Formula, context: Context) -> Outcome:
    """Among trained networks with a kink for each neuron, exactly the pairs (P, N) occur that the inequality admits."""
    networks = 0
    for signs in LAYERS:
        run = _trained(context, signs)
        n, width = signs.count(-1), len(signs)
        resolved = run.kinks.resolved & (run.kinks.positive + run.kinks.negative == width)
        for p in range(n + 1):
            rows = [row for row, s in enumerate(run.start) if s.count(1) == p and resolved[row]]
            seen = {(int(run.kinks.positive[row]), int(run.kinks.negative[row])) for row in rows}
            admitted = {(P, width - P) for P in range(width + 1) if missing(P, width - P, p, n) <= width - n}
            networks += len(rows)
            if seen != admitted:
                return decided(False, c=signs, p=p, seen=sorted(seen), admitted=sorted(admitted))
    return decided(True, networks=networks)


def _toy_agrees(missing: Formula, context: Context) -> Outcome:
    """The toy target has no positive kink and one negative: reachable configurations learn it, others never beat E F².

    With all output weights positive, f ≥ 0 ≥ F gives (f - F)² ≥ F² at every point. The loss is computed from moments,
    with at most 100 operations on terms whose sizes add up to f² + 2|f F| + F² ≤ 4 (f - F)² + 6 F² on average.
    """
    data = figure_3_data(context)
    bound = float(data.mean_square)
    fractions = {}
    for name, (c_signs, a_signs) in CONFIGURATIONS.items():
        loss = data.loss.sel(configuration=name).values
        positive = sum(a > 0 for c, a in zip(c_signs, a_signs, strict=True) if c < 0)
        l_minus = c_signs.count(-1)
        reachable = bool(missing(0, 1, positive, l_minus) <= len(c_signs) - l_minus)
        fractions[name] = float((loss < LEARNED).mean())
        stuck = bool((loss >= bound - 100 * EPS * (4 * loss + 6 * bound)).all())
        if reachable == stuck or reachable != bool((loss < LEARNED).any()):
            return decided(False, configuration=name, reachable=reachable, lowest=float(loss.min()), bound=bound)
    return decided(True, learned=fractions, bound=bound)


# -- the probability of a true obstruction -----------------------------------------------------------------------------

CASES: tuple[tuple[str, Scheme, int, int, int, int], ...] = (
    # name, scheme, d, l, P, N
    ("toy", uniform(2**0.5, 2**0.5), 2, 2, 0, 1),
    ("Xavier", xavier_normal(), 5, 5, 2, 3),
    ("Xavier, d = 2", xavier_normal(), 2, 4, 2, 2),
    ("Kaiming", kaiming_normal(), 2, 6, 3, 3),
    ("PyTorch", pytorch_default(), 2, 4, 1, 3),
)


def _lost(scheme: Scheme, d: int, width: int, P: int, N: int, context: Context) -> tuple[int, int]:
    """How many sampled initializations cannot express the target: tried with every sign of the free neurons."""
    source = generator(context, f"obstruction {scheme} {d} {width}")
    n = context.pick(quick=100_000, full=1_000_000)
    batch = sample(scheme, n, d, width, source, device=context.device)
    pathological = batch.imbalance() < 0
    a: Tensor = batch.W2[:, 0]
    p, q = (pathological & (a > 0)).sum(1), (pathological & (a < 0)).sum(1)
    free = width - p - q
    possible = torch.zeros_like(p, dtype=torch.bool)
    for up in range(width + 1):
        possible |= (up <= free) & (p + up >= P) & (q + free - up >= N)
    return int((~possible).sum()), n


def _probability(P: int, N: int, width: int, rho: Any) -> Any:
    return KinkTarget(P, N).obstruction_probability(width, rho)


def _probability_agrees(said: Formula, context: Context) -> Outcome:
    measured = {}
    for name, scheme, d, width, P, N in CASES:
        lost, n = context.once(("lost", name), partial(_lost, scheme, d, width, P, N, context))
        interval = proportion_interval(lost, n)
        claimed = float(said(P, N, width, scheme.pathological_probability(d, width)))
        measured[name] = {"claimed": claimed, "measured": str(interval)}
        if not interval.contains(claimed):
            return decided(False, case=name, claimed=claimed, measured=str(interval))
    return decided(True, cases=measured)


def _disconnected(P: int, N: int, width: int, rho: Any) -> Any:
    return 1 - (1 - rho) ** width


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.thm2-strong": (
        measurement(
            "512 networks with biases and one input for each of eight c, with and without degenerate neurons, moved by "
            "every permutation: functions and imbalances kept at rounding level",
            lambda: positive_range,
            partial(bounds_agree, d_in=1, bias=True),
            [
                Control("as if no neuron were degenerate", ignoring_ties),
                Control("N off by one", lambda b: lambda P, N, dp, dm, n: b(P, N + 1, dp, dm, n)),
            ],
        ),
    ),
    "beyond.nurisso.effective-readings": (
        measurement(
            "classes, sets Eff, links and their closure, measured on 1024 networks for each of eight c",
            readings,
            _readings_agree,
            [Control(f"{name} off by one", plus_one(name)) for name in ("classes", "sets", "generic_sets", "closure")]
            + [
                Control(
                    "linked a step further", lambda s: s._replace(linked=lambda p, q, a, b: s.linked(p, q, a + 1, b))
                )
            ],
        ),
    ),
    "beyond.nurisso.other-dimensions": (
        measurement(
            "classes and closure measured on 512 networks for each of five c, in three cases of (d, e)",
            lambda: Dimensions(theorem_2_class_count, closure_class_count),
            _dimensions_agree,
            [
                Control("classes off by one", plus_one("classes")),
                Control("closure off by one", plus_one("closure")),
            ],
        ),
    ),
    "beyond.nurisso.function-classes": (
        measurement(
            "512 networks for each of eight c, trained: the most kinks of either sign, counted on values of the "
            "function",
            lambda: function_class_count,
            _function_classes_agree,
            [
                Control("one class more", lambda number: lambda *n: number(*n) + 1),
                Control("all components", lambda number: lambda d, e, m, n: 2**n),
            ],
        ),
    ),
    "beyond.nurisso.reachability": (
        measurement(
            "512 networks for each of eight c, trained: which numbers of kinks occur on which component",
            lambda: missing_signs,
            _kinks_obey,
            [
                Control("one neuron more", lambda missing: lambda *n: missing(*n) + 1),
                Control("only positive kinks", lambda missing: lambda P, N, p, n: max(P - p, 0)),
            ],
        ),
        measurement(
            "the toy experiment: the target is learned from some start of each reachable configuration, and never "
            "below its bound from others",
            lambda: missing_signs,
            _toy_agrees,
            [
                Control("one neuron fewer", lambda missing: lambda *n: missing(*n) - 1),
                Control("one neuron more", lambda missing: lambda *n: missing(*n) + 1),
            ],
        ),
        measurement(
            "sampled initializations that cannot express a target, with exact binomial intervals",
            lambda: _probability,
            _probability_agrees,
            [
                Control("the probability of being disconnected", lambda said: _disconnected),
                Control("ρ twice as large", lambda said: lambda P, N, width, rho: said(P, N, width, 2 * rho)),
            ],
        ),
    ),
}
