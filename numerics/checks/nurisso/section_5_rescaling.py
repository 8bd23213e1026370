"""Measurements for section 5: eq. (23) in floating point, and the rescaling of networks into an invariant set."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.rescaling import quartic, rescaling_factor, stable_rescaling_factor

from ...batch import Batch
from ...bridge import torch_function
from ..sampling import EPS, generator, networks
from .section_3 import rescaled

Factor = Callable[[Tensor, Tensor, Tensor], Tensor]
DECADES = 12


@lru_cache(maxsize=4)
def on_tensors(formula: Any) -> Factor:
    """A formula for α in A, C and c as a function of tensors, through the bridge."""
    A, C = sympy.symbols("A C", positive=True)
    c = sympy.Symbol("c", real=True)
    return torch_function(formula(A, C, c), (A, C, c))


@lru_cache(maxsize=1)
def _terms() -> Factor:
    """The quartic (22) with its terms' sizes for a scale: (A α⁴ - c α² - C) / (A α⁴ + |c| α² + C)."""
    A, C, alpha = sympy.symbols("A C alpha", positive=True)
    c = sympy.Symbol("c", real=True)
    return torch_function(quartic(A, C, c, alpha) / (A * alpha**4 + abs(c) * alpha**2 + C), (A, C, c, alpha))


def neurons(context: Context) -> tuple[Tensor, Tensor, Tensor]:
    """Squared norms and imbalances, log-uniform over twelve decades, c of either sign."""
    source = generator(context, "prop4")
    size = context.pick(quick=20_000, full=1_000_000)
    A, C, c = (10 ** (DECADES * (torch.rand(size, generator=source, dtype=torch.float64) - 0.5)) for _ in range(3))
    signs = torch.randint(0, 2, (size,), generator=source) * 2 - 1
    return A.to(context.device), C.to(context.device), (c * signs).to(context.device)


def _solves(factor: Factor, context: Context) -> Outcome:
    """The relative residual of the quartic is at most 20 eps: α² carries at most 8 roundings (c², AC, their sum, the
    root, the second sum, the quotient, the last root, and its square), each at most eps/2 and at most doubled, and the
    evaluation of the residual itself 8 more."""
    A, C, c = neurons(context)
    alpha = factor(A, C, c)
    residual = _terms()(A, C, c, alpha).abs()  # type: ignore[call-arg]
    worst = float(residual.nan_to_num(nan=float("inf")).max())
    return decided(
        worst <= 20 * EPS,
        worst_residual=worst,
        tolerance=20 * EPS,
        zeros=int((alpha == 0).sum()),
        neurons=alpha.numel(),
    )


Move = Callable[[Batch, Tensor], Batch]


def to_level(batch: Batch, c: Tensor) -> Batch:
    """The batch rescaled to the imbalances c (n, l), by the stable form."""
    A, C = batch.W1.square().sum(2), batch.W2.square().sum(1)
    if batch.b1 is not None:
        A = A + batch.b1.square()
    return rescaled(batch, on_tensors(stable_rescaling_factor)(A, C, c))


def _lands(move: Move, context: Context) -> Outcome:
    """Random networks land on H(c) with their function kept.

    The norms A and C carry d + 2 and e roundings, α² so many and 8 more; a rescaled weight one more, a squared norm
    d + 2 or e again: at most 2(d + e + 12) eps of the sum of the norms. An output as in eq. (3), with the error of α
    itself cancelling in α · (1/α).
    """
    source = generator(context, "levels")
    worst_c = worst_f = 0.0
    for d, e, bias in ((2, 1, False), (5, 3, True)):
        batch = networks(source, 200, 6, d, e, bias, device=context.device)
        c = 3 * torch.randn(200, 6, generator=source, dtype=torch.float64).to(batch.W1)
        moved = move(batch, c)
        norms = moved.imbalance() + 2 * moved.W2.square().sum(1)
        worst_c = max(worst_c, float(((moved.imbalance() - c).abs() / (2 * (d + e + 12) * EPS * norms)).max()))
        x = torch.randn(30, d, generator=source, dtype=torch.float64).to(batch.W1)
        reach = x.abs() @ batch.W1.abs().transpose(1, 2)
        if batch.b1 is not None:
            reach = reach + batch.b1.abs()[:, None, :]
        sizes = reach @ batch.W2.abs().transpose(1, 2)
        if batch.b2 is not None:
            sizes = sizes + batch.b2.abs()[:, None, :]
        gap = (moved.output(x) - batch.output(x)).abs()
        worst_f = max(worst_f, float((gap / (2 * (d + 6 + 8) * EPS * sizes)).max()))
    return decided(worst_c <= 1 and worst_f <= 1, imbalance_in_tolerances=worst_c, output_in_tolerances=worst_f)


def _flipped(factor: Factor) -> Factor:
    return lambda A, C, c: factor(A, C, -c)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.prop4": (
        measurement(
            "eq. (22) at the stable form of eq. (23), |w|², |a|² and |c| over twelve decades",
            lambda: on_tensors(stable_rescaling_factor),
            _solves,
            [
                Control("eq. (23) as printed, which cancels for c < 0", lambda _: on_tensors(rescaling_factor)),
                Control("sign of c flipped", _flipped),
            ],
        ),
        measurement(
            "400 random networks rescaled to random imbalances, with their outputs",
            lambda: to_level,
            _lands,
            [
                Control("sign of c flipped", lambda move: lambda batch, c: move(batch, -c)),
                Control(
                    "output weights not divided",
                    lambda move: lambda b, c: b.replace(move(b, c).W1, b.W2, move(b, c).b1, b.b2),
                ),
            ],
        ),
    ),
}
