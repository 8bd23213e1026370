"""Components of an invariant set, told apart by the signs of the weights that cannot vanish (Proposition 3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy

from .printing import Printable


class Layer(StrEnum):
    """Which of a neuron's weights carries the sign: the input weight w or the output weight a."""

    INPUT = "w"
    OUTPUT = "a"


@dataclass(frozen=True)
class Label(Printable):
    """A scalar weight that cannot vanish: of neuron ``neuron`` (0-based), in layer ``w`` or ``a``.

    >>> Label(2, Layer.OUTPUT)
    a_3
    """

    neuron: int
    layer: Layer

    def __repr__(self) -> str:
        return f"{self.layer.value}_{self.neuron + 1}"

    def _latex(self, printer: Any) -> str:
        return f"{self.layer.value}_{{{self.neuron + 1}}}"


@dataclass(frozen=True)
class Component(Printable):
    """One connected component: ``signs[i]`` is the sign of the weight ``labels[i]`` on all of it.

    ``signs`` is the paper's s(θ) when d > 1 and e = 1, one entry for each neuron with c_k < 0, in the order of the
    neurons. When the input is one-dimensional the signs of w_k for c_k > 0 join it. A connected set has no signs.

    >>> c = Component((-1, 1), (Label(0, Layer.OUTPUT), Label(1, Layer.OUTPUT)))
    >>> c.signs, c.number_of_positive_signs
    ((-1, 1), 1)
    """

    signs: tuple[int, ...]
    labels: tuple[Label, ...] = ()

    @property
    def number_of_positive_signs(self) -> int:
        """p(s), the number of plus signs: all that Theorem 2 keeps of s when d > 1 and e = 1."""
        return sum(sign > 0 for sign in self.signs)

    def __repr__(self) -> str:
        return f"Component(signs={self.signs})"

    def _latex(self, printer: Any) -> str:
        signs = "".join("+" if sign > 0 else "-" for sign in self.signs)
        conditions = r",\ ".join(
            rf"{sympy.latex(label)} {'>' if sign > 0 else '<'} 0"
            for label, sign in zip(self.labels, self.signs, strict=False)
        )
        return rf"C_{{{signs}}}" + (rf" = \left\{{ {conditions} \right\}}" if conditions else "")
