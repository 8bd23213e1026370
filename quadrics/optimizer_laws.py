r"""How optimizers other than plain gradient descent change the imbalance c = |w|² - |a|²: exact laws.

Write ⟨⟨x, y⟩⟩ for the form of one neuron (|w|² - |a|² polarized, biases with w), so that c = ⟨⟨θ, θ⟩⟩. Any step
``θ' = θ - h u`` gives ``c' = c - 2h ⟨⟨θ, u⟩⟩ + h² ⟨⟨u, u⟩⟩``; eq. (9) says ``⟨⟨θ, g⟩⟩ = 0`` of a gradient, and of
little else. So the term of order h is what an optimizer adds: it vanishes for gradient descent, is of order h for
momentum, and is there at every step size for ℓ1 penalties and for Adam, whose step tends to the sign of the gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from .errors import ShapeError
from .validation import Expr, as_real

__all__ = ["l1_rate", "momentum_amplification", "momentum_imbalance", "sign_rate", "step_imbalance"]


def step_imbalance(c: Expr, along: Expr, square: Expr, h: Expr, decoupled_decay: Expr = 0) -> Expr:
    """Return the imbalance after any step ``θ' = (1 - hλ) θ - h u``, λ being a decoupled weight decay as AdamW's.

    Parameters
    ----------
    c : the imbalance before the step
    along, square : ⟨⟨θ, u⟩⟩ and ⟨⟨u, u⟩⟩
    h : learning rate
    decoupled_decay : λ

    Examples
    --------
    >>> c, b, q, h = sympy.symbols("c b q h")
    >>> step_imbalance(c, b, q, h)
    -2*b*h + c + h**2*q

    A decoupled decay alone only shrinks c, as one in the gradient does:

    >>> step_imbalance(-3, 0, 0, sympy.Rational(1, 10), decoupled_decay=1)
    -243/100
    """
    c, along, square, h = (
        as_real(v, name) for v, name in ((c, "c"), (along, "⟨⟨θ, u⟩⟩"), (square, "⟨⟨u, u⟩⟩"), (h, "h"))
    )
    keep = 1 - h * as_real(decoupled_decay, "decoupled_decay")
    return keep**2 * c - 2 * h * keep * along + h**2 * square


def momentum_imbalance(
    c: Expr, b: Expr, gg: Expr, gm: Expr, mm: Expr, h: Expr, beta: Expr, nesterov: bool = False
) -> tuple[Expr, Expr]:
    """Return c and ``b = ⟨⟨θ, m⟩⟩`` after a step with momentum, m the velocity: the two obey an exact law together.

    The step is ``m' = βm + g``, ``θ' = θ - h m'`` or, Nesterov's, ``θ' = θ - h (g + βm')``, as torch's SGD has it; it
    starts from m = 0, so b = 0.

    Parameters
    ----------
    c, b : the imbalance and ⟨⟨θ, m⟩⟩ before the step
    gg, gm, mm : ⟨⟨g, g⟩⟩, ⟨⟨g, m'⟩⟩ and ⟨⟨m', m'⟩⟩
    h, beta : learning rate and β
    nesterov : Nesterov's step

    Examples
    --------
    >>> c, b, A, B, C, h, beta = sympy.symbols("c b A B C h beta")
    >>> momentum_imbalance(c, b, A, B, C, h, beta)
    (C*h**2 - 2*b*beta*h + c, -C*h + b*beta)

    Without momentum it is gradient descent's law (m' = g, and b is 0 for ever):

    >>> momentum_imbalance(c, 0, A, A, A, h, 0, nesterov=True)[0]
    A*h**2 + c
    """
    h, beta, b = as_real(h, "h"), as_real(beta, "beta"), as_real(b, "b")
    gg, gm, mm = as_real(gg, "⟨⟨g, g⟩⟩"), as_real(gm, "⟨⟨g, m⟩⟩"), as_real(mm, "⟨⟨m, m⟩⟩")
    if nesterov:
        along, square, turned = beta**2 * b, gg + 2 * beta * gm + beta**2 * mm, gm + beta * mm
    else:
        along, square, turned = beta * b, mm, mm
    return step_imbalance(c, along, square, h), beta * b - h * turned


def momentum_amplification(beta: Expr, nesterov: bool = False) -> Expr:
    """Return how many times faster c drifts with momentum than by gradient descent at the rate ``h/(1 - β)``.

    That rate moves the parameters as far, so both follow the same flow; the factor is that of small steps, when the
    gradient hardly changes over ``1/(1 - β)`` of them.

    >>> momentum_amplification(sympy.Rational(9, 10)), momentum_amplification(sympy.Rational(9, 10), nesterov=True)
    (19, 86/5)
    >>> momentum_amplification(0)
    1
    """
    beta = as_real(beta, "beta")
    return ((1 - beta + 2 * beta**2) if nesterov else (1 + beta)) / (1 - beta)


def l1_rate(w: Sequence[Expr], a: Sequence[Expr], weight: Expr) -> Expr:
    """Return dc/dt under gradient flow of ``L + λ Σ|θ_i|``: ``-2λ (‖w‖₁ - ‖a‖₁)``, whatever the loss.

    For one output it is at most 0 where c = 0: an ℓ1 penalty makes neurons pathological, and cannot heal one.

    >>> l1_rate([3, -4], [5], weight=1)
    -4
    >>> l1_rate([0, 1], [5], weight=1)  # c = -24 rises, but reaches 0 only where the whole neuron is 0
    8
    """
    w, a = [as_real(x, "w") for x in w], [as_real(x, "a") for x in a]
    sizes = [sum((sympy.Abs(x) for x in layer), sympy.Integer(0)) for layer in (w, a)]
    return -2 * as_real(weight, "weight") * (sizes[0] - sizes[1])


def sign_rate(w: Sequence[Expr], a: Expr, v: Sequence[Expr]) -> Expr:
    """Return dc/dt under sign descent ``θ' = -sign(∇L)``, to which Adam tends as its steps get small; one output.

    The gradient is (a v, ⟨w, v⟩) with ``v = Σ_n r_n σ'(w·x_n) x_n``. Nothing is conserved: c moves at the speed of the
    weights, upwards or downwards.

    Raises ``ShapeError`` when w and v differ in length.

    >>> sign_rate([1, 0], 2, [3, 5]), sign_rate([1, 0], -2, [3, 5])
    (2, -2)
    """
    if len(w) != len(v):
        raise ShapeError(f"sign_rate: got {len(w)} weights and {len(v)} entries of v; expected as many")
    w, v, a = [as_real(x, "w") for x in w], [as_real(x, "v") for x in v], as_real(a, "a")
    along = sum((x * y for x, y in zip(w, v, strict=True)), sympy.Integer(0))
    matched = sum((x * sympy.sign(y) for x, y in zip(w, v, strict=True)), sympy.Integer(0))
    return -2 * sympy.sign(a) * (matched - sympy.Abs(a) * sympy.sign(along))
