r"""Neuron types up to rescaling, and the signs of c that each type fits.

A rescaling can change the lengths of a neuron's weights but not which of them vanish, nor a sign. What is left of a
neuron (w, a) is its *type*, the pair of signs of w and a. For d > 1 and e = 1 there are six:

====================  ==============  ==========  ============================
type                  w               a           fits c_k (Proposition 4)
====================  ==============  ==========  ============================
``N+``, ``N-``        not 0           > 0, < 0    every c_k
``I+``, ``I-``        0               > 0, < 0    c_k < 0 only
``O``                 not 0           0           c_k > 0 only
``Z``                 0               0           c_k = 0 only
====================  ==============  ==========  ============================

In dimension d = 1 the sign of w counts too; for e > 1 that of a does not.

Reference: Nurisso et al. (2024), Proposition 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy

from .errors import ImbalanceError, ShapeError
from .network import Neuron, Parameters
from .signs import as_imbalance, sign_of
from .validation import Expr


class NeuronType(NamedTuple):
    """The signs of a neuron's input and output weights: 0 for a zero vector, 1 or -1 otherwise.

    A vector of dimension 2 or more has no sign: 1 then says that it is not zero.

    >>> N_PLUS, I_MINUS.fits(-1), I_MINUS.fits(1)
    (N+, True, False)
    """

    w: int
    a: int

    def fits(self, sign_of_c: int) -> bool:
        """Whether a neuron of this type can be rescaled to c_k of this sign (Proposition 4)."""
        if self.w and self.a:
            return True
        return sign_of_c == (self.w != 0) - (self.a != 0)

    @property
    def is_degenerate(self) -> bool:
        """Whether w or a is zero."""
        return not (self.w and self.a)

    def __repr__(self) -> str:
        kind = {(True, True): "N", (False, True): "I", (True, False): "O", (False, False): "Z"}[
            bool(self.w), bool(self.a)
        ]
        return ("-" if self.w < 0 else "") + kind + {1: "+", -1: "-", 0: ""}[self.a]


N_PLUS, N_MINUS = NeuronType(1, 1), NeuronType(1, -1)
I_PLUS, I_MINUS = NeuronType(0, 1), NeuronType(0, -1)
O, Z = NeuronType(1, 0), NeuronType(0, 0)

TypePattern = tuple[NeuronType, ...]


def neuron_type(neuron: Neuron) -> NeuronType:
    """Return the type of an exact neuron; a bias counts as one more input weight (appendix E).

    Raises ``ShapeError`` if an entry's sign cannot be decided (a symbol without assumptions).

    >>> neuron_type(Neuron(w=(3, 4), a=(-2,))), neuron_type(Neuron(w=(0, 0), a=(-2,), b=1))
    (N-, N-)
    >>> neuron_type(Neuron(w=(-3,), a=(2, -1)))
    -N+
    """
    inputs = neuron.w if neuron.b is None else (*neuron.w, neuron.b)
    return NeuronType(_sign_of_vector(inputs, "w"), _sign_of_vector(neuron.a, "a"))


def types_of(theta: Parameters) -> TypePattern:
    """Return the types of all neurons of θ, in order.

    >>> types_of(Parameters([[1, 2], [0, 0]], [[0, 3]]))
    (O, I+)
    """
    return tuple(neuron_type(n) for n in theta.neurons())


def signs_of(c: Sequence[object]) -> tuple[int, ...]:
    """Return the sign (-1, 0, 1) of each c_k.

    Raises ``ImbalanceError`` for text, an empty sequence, and entries whose sign is not known.

    >>> signs_of([-3, 0, sympy.sqrt(2)])
    (-1, 0, 1)
    """
    if isinstance(c, str | bytes) or len(c) == 0:
        raise ImbalanceError(f"c: got {c!r}; expected a sequence of at least one real number")
    return tuple(sign_of(as_imbalance(value, f"c[{k}]"), f"c[{k}]") for k, value in enumerate(c))


def _sign_of_vector(entries: Sequence[Expr], name: str) -> int:
    signs = [sympy.sign(v) for v in entries]
    if len(signs) == 1 and signs[0].is_Integer:
        return int(signs[0])
    zero = [sign.is_zero for sign in signs]
    if all(zero):
        return 0
    if len(signs) > 1 and any(z is False for z in zero):
        return 1
    raise ShapeError(f"{name}: got {tuple(entries)}, whose sign is not known; expected numbers")
