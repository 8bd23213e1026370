"""Numbers of neurons of each type, as integer symbols: what "for every width" comes down to.

Proposition 4 rescales any neuron to any place that its type fits, so which components a parameter reaches depends on
how many neurons it has of each type. A *placement* says how many neurons of each type sit at places of each kind:
pathological with a > 0, pathological with a < 0, c > 0, c = 0. With integer symbols for all these numbers, statements
for every width are linear integer arithmetic, which z3 decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import sympy as sp

from quadrics.neuron_types import I_MINUS, I_PLUS, N_MINUS, N_PLUS, NeuronType, O, Z

TYPES = (N_PLUS, N_MINUS, I_PLUS, I_MINUS, O, Z)
# kind of place: the sign of c there, and the sign of a that the component prescribes (0: none)
PLACES = ((-1, 1), (-1, -1), (1, 0), (0, 0))

Entry = tuple[NeuronType, tuple[int, int]]


def count(name: str) -> Any:
    """A number of neurons: an integer symbol of at least 0."""
    return sp.Symbol(name, integer=True, nonnegative=True)


@dataclass(frozen=True)
class Layer:
    """The numbers l_+, l_-, l_0 of a layer of any width, d > 1 and e = 1, as symbols or numbers.

    >>> len(Layer().entries), Layer().free
    (10, l_plus + l_zero)
    """

    plus: Any = field(default_factory=lambda: count("l_plus"))
    minus: Any = field(default_factory=lambda: count("l_minus"))
    zero: Any = field(default_factory=lambda: count("l_zero"))

    @property
    def free(self) -> Any:
        """m, the number of neurons that are not pathological."""
        return self.plus + self.zero

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The pairs of a type and a kind of place that it fits."""
        return tuple(
            (kind, (sign, wanted))
            for kind, (sign, wanted) in product(TYPES, PLACES)
            if kind.fits(sign) and (wanted == 0 or kind.a == wanted)
        )

    def placement(self, name: str) -> dict[Entry, Any]:
        """Symbols for the numbers of an unknown placement."""
        return {e: count(f"{name}_{i}") for i, e in enumerate(self.entries)}

    def numbers(self, placement: Mapping[Entry, Any]) -> dict[NeuronType, Any]:
        """How many neurons of each type a placement has."""
        return {t: sp.Add(*(v for (kind, _), v in placement.items() if kind == t)) for t in TYPES}

    def fills(self, placement: Mapping[Entry, Any], positive: Any) -> Any:
        """Whether a placement fills exactly the places of the component with ``positive`` plus signs."""
        sizes = {(-1, 1): positive, (-1, -1): self.minus - positive, (1, 0): self.plus, (0, 0): self.zero}
        filled = [
            sp.Eq(sp.Add(*(v for (_, at), v in placement.items() if at == place)), sizes[place]) for place in PLACES
        ]
        return sp.And(*filled, *(v >= 0 for v in placement.values()))

    def statistics(self, numbers: Mapping[NeuronType, Any]) -> tuple[Any, Any, Any, Any]:
        """P, N, δ_+, δ_- of a parameter with these numbers of neurons of each type."""
        positive = sum(v for t, v in numbers.items() if t.a > 0)
        negative = sum(v for t, v in numbers.items() if t.a < 0)
        return positive, negative, numbers[I_PLUS], numbers[I_MINUS]

    def generic(self, positive: Any) -> dict[NeuronType, Any]:
        """The numbers of a parameter without degenerate neurons and with ``positive`` plus signs in all."""
        return {t: sp.Integer(0) for t in TYPES} | {
            N_PLUS: positive,
            N_MINUS: self.plus + self.minus + self.zero - positive,
        }


def within(bounds: tuple[Any, Any], value: Any) -> Any:
    """least <= value <= most."""
    return sp.And(bounds[0] <= value, value <= bounds[1])
