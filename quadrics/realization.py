"""Write a target on a given component of an invariant set: the constructive half of the reachability theorem."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from .activation import Activation, relu
from .components import Component
from .errors import DisconnectedError, ShapeError
from .network import Neuron, Parameters
from .neuron_types import signs_of
from .reachability import KinkTarget, merged_neurons
from .rescaling import rescale_to
from .signs import as_imbalance, known_sign
from .validation import Expr


def realize(
    theta: Parameters, c: Sequence[object], signs: Sequence[int] | Component, activation: Activation = relu
) -> Parameters:
    """Return a point of the component of H(c) with these signs that computes the same function as ``theta``, exactly.

    The target's neurons, merged ray by ray, are placed on pathological neurons of their sign first and on the others
    after that. Surplus pathological neurons get w = 0, surplus others a = 0 (c_k > 0) or w = a = 0 (c_k = 0). The width
    of the result is the length of c, whatever the width of ``theta``.

    Parameters
    ----------
    theta : the target, with one output and d > 1 (or biases)
    c : the imbalances
    signs : a component of H(c) or its signs, one for each c_k < 0
    activation : homogeneous of degree 1, α ≠ β

    Raises
    ------
    DisconnectedError
        if no point of the component computes this function (a true topological obstruction).
    ShapeError, DimensionError
        for a target that the theorem does not speak of (see :meth:`KinkTarget.of`), or bad signs.

    Examples
    --------
    >>> target = Parameters([[1, 0], [0, 1]], [[2, -2]])
    >>> point = realize(target, c=[-1, -1, 5], signs=(1, 1))
    >>> from quadrics.forms import imbalance
    >>> [q.simplify() for q in imbalance(point)], [sympy.sign(a) for a in point.W2]
    ([-1, -1, 5], [1, 1, -1])
    >>> realize(target, c=[-1, -1], signs=(1, 1))
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: signs: got (1, 1) with 0 neurons of free sign; expected a component that the \
target KinkTarget(positive=1, negative=1) can be written on
    """
    if activation.degree != 1:
        raise ShapeError(f"activation: got degree {activation.degree}; expected 1")
    target = KinkTarget.of(theta, activation)
    if not target.is_reachable(c, signs):
        given = signs.signs if isinstance(signs, Component) else tuple(signs)
        raise DisconnectedError(
            f"signs: got {given} with {len(c) - len(given)} neurons of free sign; expected a component that the target "
            f"{target} can be written on"
        )
    values = [as_imbalance(v, "c") for v in c]
    wanted = iter(signs.signs if isinstance(signs, Component) else signs)
    labels = [next(wanted) if sign < 0 else 0 for sign in signs_of(values)]
    waiting = {
        sign: [pair for pair in merged_neurons(theta, activation) if known_sign(pair[1]) == sign] for sign in (1, -1)
    }
    neurons: dict[int, Neuron] = {}
    for k, label in sorted(enumerate(labels), key=lambda item: item[1] == 0):
        pool = waiting[label] if label else max(waiting.values(), key=len)
        neurons[k] = _neuron(*pool.pop(), theta) if pool else _switched_off(values[k], label, theta)
    point = Parameters.from_neurons([neurons[k] for k in range(len(values))], theta.b2)
    return rescale_to(point, values)


def _neuron(u: Sequence[Expr], mass: Expr, theta: Parameters) -> Neuron:
    w, b = (tuple(u[:-1]), u[-1]) if theta.has_bias else (tuple(u), None)
    return Neuron(w, (mass,), b)


def _switched_off(c: Expr, sign: int, theta: Parameters) -> Neuron:
    """A neuron of Q(c) that contributes nothing."""
    first = sympy.sqrt(c) if known_sign(c) == 1 else sympy.Integer(0)
    w = (first, *[sympy.Integer(0)] * (theta.d_in - 1))
    return Neuron(
        w, (sign * sympy.sqrt(-c) if sign else sympy.Integer(0),), sympy.Integer(0) if theta.has_bias else None
    )
