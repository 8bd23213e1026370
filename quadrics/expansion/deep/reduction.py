r"""The reduction of a deep network to its irreducible core.

Neurons of a layer that compute the same function are merged, from the first layer to the last, and neurons that
nothing depends on are left out, from the last layer to the first. Neither changes the function, whatever σ is.

>>> theta = DeepParameters([[[1], [2]], [[3, 0], [4, 5]], [[6, 0]]])
>>> reduce(theta).core.widths, [P.word for P in reduce(theta).configurations]
((1, 1), [(1, -1), (1, -1)])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy

from ...errors import NonFiniteError, ReducibleError, SymmetryError
from ...network import Parameters
from ...validation import Expr, Matrix
from .. import reduction as two_layer
from ..configurations import Configuration
from .networks import DeepParameters


@dataclass(frozen=True)
class DeepReduction:
    """A deep network sorted into groups of neurons: its irreducible core, and one configuration a hidden layer."""

    core: DeepParameters
    configurations: tuple[Configuration, ...]


def reduce(theta: DeepParameters) -> DeepReduction:
    """Return the irreducible core of θ, and where the copies of its neurons and the zero-type groups are.

    Equal neurons are merged layer by layer; a group is of zero type if its outgoing weights to every neuron that is
    kept add up to zero. Labels follow the first members of the groups.

    Raises
    ------
    ReducibleError
        if a layer has no neuron left: the network computes a constant.
    NonFiniteError
        if SymPy cannot decide whether two weights are equal.

    Examples
    --------
    A neuron of zero type may depend on another one:

    >>> [P.word for P in reduce(DeepParameters([[[1], [9]], [[2, 0], [8, 7]], [[3, 0]]])).configurations]
    [(1, -1), (1, -1)]
    >>> reduce(DeepParameters([[[1], [1]], [[2, -2]], [[3]]]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.ReducibleError: core: got no neuron that matters in hidden layer 1; expected one at least...
    """
    groups: list[list[tuple[int, ...]]] = []
    merged = [theta.weights[0]]
    for above in theta.weights[1:]:
        classes = _equal_rows(merged[-1])
        merged[-1] = merged[-1].extract([block[0] for block in classes], list(range(merged[-1].cols)))
        merged.append(_sum_columns(above, classes))
        groups.append(classes)
    kept = [list(range(theta.d_out))]
    for layer in range(len(groups), 0, -1):
        above = merged[layer]
        alive = [j for j in range(above.cols) if any(not is_zero(above[i, j]) for i in kept[0])]
        if not alive:
            raise ReducibleError(
                f"core: got no neuron that matters in hidden layer {layer}; expected one at least (the network "
                "computes a constant)"
            )
        kept.insert(0, alive)
    kept.insert(0, list(range(theta.d_in)))
    core = DeepParameters(tuple(W.extract(rows, cols) for W, (cols, rows) in zip(merged, pairwise(kept), strict=True)))
    configurations = tuple(
        Configuration.from_blocks(
            [blocks[j] for j in alive], [block for j, block in enumerate(blocks) if j not in alive]
        )
        for blocks, alive in zip(groups, kept[1:-1], strict=True)
    )
    return DeepReduction(core, configurations)


def configurations_in(
    core: DeepParameters, theta: DeepParameters, order: Sequence[int] | None = None
) -> tuple[Configuration, ...] | None:
    """Return the configurations of θ with the labels of ``core``, or ``None`` if θ does not reduce to it.

    They are the coarsest ones: neurons of equal functions share a block. With an ``order`` the pairs are reduced in
    that order, once (:func:`reduce_in_order`).

    >>> core = DeepParameters([[[1], [2]], [[3, 4]]])
    >>> [P.word for P in configurations_in(core, DeepParameters([[[2], [2], [1]], [[1, 3, 3]]]))]
    [(2, 2, 1)]
    >>> configurations_in(core, DeepParameters([[[2], [2], [1]], [[1, 4, 3]]])) is None
    True
    """
    if (theta.d_in, theta.d_out, theta.number_of_layers) != (core.d_in, core.d_out, core.number_of_layers):
        return None
    try:
        found = reduce(theta) if order is None else reduce_in_order(theta, order)
    except ReducibleError:
        return None
    orders = matching(core, found.core)
    if orders is None:
        return None
    return tuple(
        Configuration.from_blocks([P.labelled_blocks[i] for i in perm], P.zero_blocks)
        for P, perm in zip(found.configurations, orders, strict=True)
    )


def matching(core: DeepParameters, other: DeepParameters) -> list[list[int]] | None:
    """Return the permutations that make ``other`` the irreducible network ``core``, or ``None`` if there are none.

    >>> core = DeepParameters([[[1], [2]], [[3, 4]]])
    >>> matching(core, DeepParameters([[[2], [1]], [[4, 3]]])), matching(core, DeepParameters([[[2], [1]], [[3, 4]]]))
    ([[1, 0]], None)
    """
    if core.sizes != other.sizes:
        return None
    columns, orders = list(range(core.d_in)), []
    for W, own in zip(core.weights[:-1], other.weights[:-1], strict=True):
        rows = _matching_rows(W, own.extract(list(range(own.rows)), columns))
        if rows is None:
            return None
        orders.append(rows)
        columns = rows
    last = other.weights[-1].extract(list(range(other.d_out)), columns)
    return orders if all(map(is_zero, last - core.weights[-1])) else None


def is_zero(value: Expr) -> bool:
    """Whether an expression is identically zero.

    Raises ``NonFiniteError`` if SymPy cannot tell.
    """
    if value.is_Number:
        return bool(value == 0)
    answer = True if sympy.expand(value) == 0 else value.equals(0)
    if answer is None:
        raise NonFiniteError(f"weights: got a difference {value} that may be zero or not; expected a decidable one")
    return bool(answer)


def _equal_rows(W: Matrix) -> list[tuple[int, ...]]:
    """The classes of equal rows, in the order of their first members."""
    classes: list[list[int]] = []
    for i in range(W.rows):
        for block in classes:
            if all(is_zero(W[i, j] - W[block[0], j]) for j in range(W.cols)):
                block.append(i)
                break
        else:
            classes.append([i])
    return [tuple(block) for block in classes]


def _sum_columns(W: Matrix, blocks: Sequence[Sequence[int]]) -> Matrix:
    """The sums of the columns of each block."""
    return sympy.ImmutableMatrix(W.rows, len(blocks), lambda i, b: sympy.Add(*(W[i, j] for j in blocks[b])))


def _matching_rows(wanted: Matrix, rows: Matrix) -> list[int] | None:
    """For each wanted row, the index of the row that equals it."""
    order = []
    for t in range(wanted.rows):
        match = [i for i in range(rows.rows) if all(is_zero(wanted[t, j] - rows[i, j]) for j in range(wanted.cols))]
        if not match:
            return None
        order.append(match[0])
    return order


def reduce_in_order(theta: DeepParameters, order: Sequence[int]) -> DeepReduction:
    """Return what is left when the pairs around the hidden layers are reduced as two-layer networks, in this order.

    This undoes a sequential expansion in the opposite order. One pass need not end in an irreducible network:

    >>> theta = DeepParameters([[[1], [9]], [[2, 0], [8, 7]], [[3, 0]]])
    >>> [reduce_in_order(theta, order).core.widths for order in ([1, 2], [2, 1])]
    [(2, 1), (1, 1)]

    Raises
    ------
    ReducibleError
        if a layer has no neuron left.
    SymmetryError
        if ``order`` does not list every hidden layer, counted from 1, once.
    """
    layers = list(range(1, theta.number_of_layers))
    if sorted(order) != layers:
        raise SymmetryError(f"order: got {list(order)}; expected each of the hidden layers {layers} once")
    weights, configurations = list(theta.weights), {}
    for layer in order:
        found = two_layer.reduce(Parameters(weights[layer - 1], weights[layer]))
        configurations[layer] = found.configuration
        weights[layer - 1], weights[layer] = found.core.W1, found.core.W2
    return DeepReduction(DeepParameters(tuple(weights)), tuple(configurations[layer] for layer in layers))
