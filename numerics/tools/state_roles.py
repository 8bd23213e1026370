"""Which entry of a state dict is which: W1, b1, W2, b2, recognised by shapes, under any names.

Shapes come first. Where they allow two readings, names decide (a bias belongs to the matrix whose name it shares;
``net.0`` comes before ``net.2``), then, if the format keeps it, the order in the file. A reading is never guessed, and
numbers or an order that contradict the shapes are refused: they are the mark of matrices stored transposed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from quadrics.errors import CheckpointError

__all__ = ["Roles", "find_roles"]

Shape = tuple[int, ...]


class Roles(NamedTuple):
    """The keys of the four arrays of f(x) = W2 σ(W1 x + b1) + b2; None for a bias that is not there."""

    W1: str
    W2: str
    b1: str | None = None
    b2: str | None = None


def find_roles(shapes: Mapping[str, Sequence[int]], ordered: bool = True) -> Roles:
    """Return which key holds which array of a two-layer network.

    Args:
        shapes: the shape of every entry: W1 (l, d), W2 (e, l), and perhaps b1 (l,), b2 (e,).
        ordered: whether the order of the entries is the order of the layers (state dicts: yes; safetensors: no).

    Raises:
        CheckpointError: no reading as a two-layer network fits, or more than one does.

    >>> find_roles({"0.weight": (4, 3), "0.bias": (4,), "2.weight": (1, 4), "2.bias": (1,)})
    Roles(W1='0.weight', W2='2.weight', b1='0.bias', b2='2.bias')
    >>> find_roles({"out": (1, 4), "in": (4, 3)}, ordered=False)
    Roles(W1='in', W2='out', b1=None, b2=None)
    >>> find_roles({"u": (4, 1), "v": (1, 4)}, ordered=False)
    Traceback (most recent call last):
    ...
    quadrics.errors.CheckpointError: state dict: got u (4, 1), v (1, 4), where either matrix could be the hidden \
layer's; expected names that say which comes first, as in '0.weight' and '2.weight': rename the entries
    """
    matrices = [key for key, shape in shapes.items() if len(shape) == 2]
    vectors = [key for key, shape in shapes.items() if len(shape) == 1]
    got = _listing(shapes)
    if not shapes:
        raise CheckpointError("state dict: got no entries; expected the weights of a two-layer network")
    if len(matrices) != 2 or len(vectors) > 2 or len(matrices) + len(vectors) != len(shapes):
        deep = " (the theory is about one hidden layer)" if len(matrices) > 2 else ""
        raise CheckpointError(
            f"state dict: got {len(matrices)} matrices and {len(shapes) - len(matrices)} other entries, {got}; "
            "expected the two matrices of nn.Sequential(Linear, activation, Linear) and at most a bias for each: "
            f"save that part of the model alone{deep}"
        )
    empty = [key for key, shape in shapes.items() if 0 in shape]
    if empty:
        raise CheckpointError(
            f"state dict: got the empty {_listing({empty[0]: shapes[empty[0]]})}; expected at least one input, one "
            "hidden neuron and one output"
        )
    first, second = matrices
    orders = [(first, second), (second, first)]
    readings = [Roles(*order, *biases) for order in orders for biases in _bias_choices(vectors)]
    readings = [roles for roles in readings if _fits(roles, shapes)]
    if not readings:
        raise CheckpointError(
            f"state dict: got {got}; expected matrices of shapes (width, d_in) and (d_out, width), biases of shapes "
            "(width,) and (d_out,): check that these are the layers of one network"
        )
    known = [roles for roles in readings if False not in _evidence(roles, matrices, ordered)]
    if not known:
        raise CheckpointError(
            f"state dict: got {got}, where the shapes contradict the names or the order of the entries; expected "
            "(width, d_in), then (d_out, width), a bias under the name of its matrix: transpose the matrices if they "
            "are stored as (inputs, outputs)"
        )
    certain = [roles for roles in known if any(_evidence(roles, matrices, ordered))] or known
    if len({roles[:2] for roles in certain}) > 1:
        raise CheckpointError(
            f"state dict: got {got}, where either matrix could be the hidden layer's; expected names that say which "
            "comes first, as in '0.weight' and '2.weight': rename the entries"
        )
    if len(certain) > 1:
        raise CheckpointError(
            f"state dict: got {got}, where either matrix could own the bias; expected the name of a bias to be that "
            "of its matrix, as in '0.weight' and '0.bias': rename the entries"
        )
    return certain[0]


def _bias_choices(vectors: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Every way to call at most two vectors (b1, b2)."""
    if not vectors:
        return [(None, None)]
    if len(vectors) == 1:
        return [(vectors[0], None), (None, vectors[0])]
    return [(vectors[0], vectors[1]), (vectors[1], vectors[0])]


def _fits(roles: Roles, shapes: Mapping[str, Sequence[int]]) -> bool:
    (width, _), (d_out, columns) = shapes[roles.W1], shapes[roles.W2]
    biases = ((roles.b1, width), (roles.b2, d_out))
    return columns == width and all(key is None or shapes[key][0] == rows for key, rows in biases)


def _stem(key: str) -> tuple[str, ...]:
    """What tells the layer: the key without the part that tells weight from bias."""
    if "." in key:
        return tuple(key.split(".")[:-1])
    return tuple(re.findall("[0-9]+", key)) or tuple(re.sub("weight|kernel|bias", "", key).split("_"))


def _evidence(roles: Roles, in_file: Sequence[str], ordered: bool) -> tuple[bool | None, bool | None]:
    """What speaks for this reading (True), against it (False), or not at all (None): bias names, order of layers."""
    return _names_agree(roles), _order_agrees(roles, in_file, ordered)


def _names_agree(roles: Roles) -> bool | None:
    """Whether each bias has the stem of its matrix; None where the stems of the matrices say nothing about it."""
    stems = {_stem(roles.W1), _stem(roles.W2)}
    pairs = [(roles.W1, roles.b1), (roles.W2, roles.b2)]
    telling = [(matrix, bias) for matrix, bias in pairs if bias is not None and _stem(bias) in stems]
    if len(stems) == 1 or not telling:
        return None
    return all(_stem(bias) == _stem(matrix) for matrix, bias in telling)


def _order_agrees(roles: Roles, in_file: Sequence[str], ordered: bool) -> bool | None:
    """Whether W1 comes before W2 by the first number in which their names differ, or else in the file."""
    first, second = (re.findall(r"[0-9]+|[^0-9]+", key) for key in (roles.W1, roles.W2))
    one, other = next(((a, b) for a, b in zip(first, second, strict=False) if a != b), ("", ""))
    if one.isdecimal() and other.isdecimal():
        return _size(one) < _size(other)
    return in_file[0] == roles.W1 if ordered else None


def _size(digits: str) -> tuple[int, str]:
    """Orders numbers of any length without converting them."""
    plain = digits.lstrip("0")
    return len(plain), plain


def _listing(shapes: Mapping[str, Sequence[int]]) -> str:
    """Entries with their shapes, for a message: names from a file may hold anything, so they are escaped and cut."""
    shown = [f"{_printable(key)} {tuple(shape)}" for key, shape in list(shapes.items())[:6]]
    return ", ".join(shown) + (f" and {len(shapes) - 6} more" if len(shapes) > 6 else "")


def _printable(key: str, limit: int = 60) -> str:
    text = repr(key)[1:-1]
    return text if len(text) <= limit else text[:limit] + "..."
