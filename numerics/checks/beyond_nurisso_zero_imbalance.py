"""Measurements on neurons with c_k = 0: the flow stays off the tip of the cone, and the pieces without the tip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.invariant_set import InvariantSet
from quadrics.quadric import Quadric

from ..homology import count_components
from ..sampling import Net, cone_net, product_net, quadric_net
from .sampling import generator
from .signs import TIMES, flows

Pieces = Callable[[int, int, Sequence[int]], Any]
INNER, OUTER, STEP = 1.0, 1.25, 0.3


def library_pieces(d: int, e: int, c: Sequence[int]) -> Any:
    """The number of pieces of H°(c), as the library has it."""
    return InvariantSet(d, e, c).number_of_gf_pieces()


def _net(quadric: Quadric, source: torch.Generator) -> Net:
    """Cones without their tips: the part 1 <= |w| = |a| <= 5/4, a retract. Different signs are at least 2 apart."""
    if quadric.sign == 0:
        return cone_net(quadric, INNER, OUTER, STEP, source)
    return quadric_net(quadric, 0.25, STEP, source)


def _pieces_agree(pieces: Pieces, context: Context) -> Outcome:
    cases = 0
    for d, e in product((1, 2), repeat=2):
        for c in ((0,), (0, -1), (0, 0), (1, 0)):
            if len(c) > 1 and d + e > 3:
                continue
            if len(c) > 1 and d + e == 3 and c in ((0, 0), (1, 0) if e == 1 else (0, -1)):
                continue  # products of circles, large and without new components
            found = context.once(("pieces without tip", d, e, c), partial(_count, d, e, c, context))
            cases += 1
            if found is None:
                return decided(None, reason="the net is too coarse", at=(d, e, c))
            if pieces(d, e, c) != found:
                return decided(False, d=d, e=e, c=c, counted=found, claimed=pieces(d, e, c))
    return decided(True, sets=cases)


def _count(d: int, e: int, c: Sequence[int], context: Context) -> int | None:
    source = generator(context, "zero imbalance")
    net = product_net([_net(Quadric(d, e, value), source) for value in c])
    return count_components(net) if net.link < 2 else None


Rate = Callable[[Tensor], Tensor]


def _stays_away(exponent: Rate, context: Context) -> Outcome:
    """|θ_k(t)|² >= |θ_k(0)|² exp(-exponent(∫|v_k|)) along flows of balanced networks, |v_k| by autograd.

    |v_k| = |∂L/∂w_k| / |a_k| is integrated from above: over each interval the larger of the values at its ends, plus
    the largest change over any interval. The integrator moves |θ_k|² by no more than it may move c.
    """
    found = flows((0.0, 0.0), 1, context.pick(quick=2, full=20), context, "away")
    sizes, forces = [], []
    for state in found.states:
        _, gradient = found.objective.loss_and_gradient(state)
        sizes.append(state.W1.square().sum(2) + state.W2.square().sum(1))
        forces.append(gradient.W1.norm(dim=2) / state.W2.abs()[:, 0])
    size, force = torch.stack(sizes), torch.stack(forces)
    jump = force.diff(dim=0).abs().amax(0)
    integral = (torch.maximum(force[:-1], force[1:]) + jump).cumsum(0) * float(TIMES[1] - TIMES[0])
    allowed = torch.exp(-exponent(integral))
    return decided(
        bool((size[1:] >= size[0] * allowed - found.drift).all()), networks=size.shape[1], smallest=float(size.min())
    )


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.zero-imbalance": (
        measurement(
            "union-find on sampled cones without their tips and on products, d, e <= 2",
            lambda: library_pieces,
            _pieces_agree,
            [
                Control(
                    "the components of H(c) (Corollary 1)",
                    lambda _: lambda d, e, c: InvariantSet(d, e, c).number_of_components(),
                ),
                Control("one piece more", lambda pieces: lambda d, e, c: pieces(d, e, c) + 1),
            ],
        ),
        measurement(
            "gradient flows of balanced networks: |θ_k|² against the bound exp(-2∫|v_k|)",
            lambda: lambda integral: 2 * integral,
            _stays_away,
            [Control("the bound without decay", lambda _: torch.zeros_like)],
        ),
    ),
}
