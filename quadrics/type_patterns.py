r"""Patterns of neuron types that fit an invariant set H(c), under rescaling and permutation.

Rescaling and permutation take a parameter of H(c) to one of H(c) of the same types in another order, and to every order
that fits (Proposition 4). On the level of types this is an equivalence of patterns; which components of H(c) one orbit
meets is all that the readings of *effective component* are about (:mod:`quadrics.effective`).

Reference: Nurisso et al. (2024), Proposition 4 and Theorem 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, product
from math import prod

import networkx as nx
import sympy

from .errors import DimensionError, ShapeError
from .neuron_types import NeuronType, TypePattern, signs_of
from .orbits import NeuronPermutations
from .polya import cycle_index, multiset_count
from .validation import as_dimension

MAX_PATTERNS = 2**14


@dataclass(frozen=True)
class TypePatterns:
    """The type patterns of the parameters in H(c), under rescaling and permutation.

    Parameters
    ----------
    c : real numbers, one for each neuron; only their signs matter
    d_in, d_out : input and output dimension (d + 1 with biases)

    Raises
    ------
    ImbalanceError
        if c is empty or holds something whose sign is not known.
    DimensionError
        if a dimension is below 1.

    Examples
    --------
    One pathological and one healthy neuron, the paper's free toy network:

    >>> from quadrics.neuron_types import I_PLUS, N_MINUS, N_PLUS
    >>> H = TypePatterns([-1, 1])
    >>> H.number_of_patterns(), H.number_of_orbits(), len(list(H.orbits()))
    (12, 11, 11)
    >>> H.orbit_of((N_PLUS, N_MINUS)) == {(N_PLUS, N_MINUS), (N_MINUS, N_PLUS)}
    True

    The orbit of a degenerate pattern can be smaller: ``I+`` only fits the pathological place.

    >>> H.orbit_of((I_PLUS, N_MINUS)) == {(I_PLUS, N_MINUS)}
    True
    """

    c: Sequence[object]
    d_in: int = 2
    d_out: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "c", tuple(self.c) if not isinstance(self.c, str | bytes) else self.c)
        signs_of(self.c)
        for name in ("d_in", "d_out"):
            object.__setattr__(self, name, as_dimension(getattr(self, name), name))

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """The sign of each c_k."""
        return signs_of(self.c)

    @property
    def width(self) -> int:
        """The number l of neurons."""
        return len(self.c)

    def types(self, sign_of_c: int | None = None) -> tuple[NeuronType, ...]:
        """Return the types of this architecture, or those that fit a sign of c_k.

        >>> TypePatterns([1]).types(), TypePatterns([1]).types(0)
        ((N+, N-, I+, I-, O, Z), (N+, N-, Z))
        """
        return tuple(t for t in self._every if sign_of_c is None or t.fits(sign_of_c))

    @cached_property
    def _every(self) -> TypePattern:
        w_signs = (1, -1, 0) if self.d_in == 1 else (1, 0)
        a_signs = (1, -1, 0) if self.d_out == 1 else (1, 0)
        every = (NeuronType(w, a) for w, a in product(w_signs, a_signs))
        return tuple(sorted(every, key=lambda t: (t.is_degenerate, t.a == 0, t.w == 0, -t.w, -t.a)))

    def patterns(self) -> Iterator[TypePattern]:
        """Generate the type patterns of the parameters in H(c)."""
        return product(*(self.types(sign) for sign in self.signs))

    def number_of_patterns(self) -> int:
        """Return the number of patterns: a product over the neurons."""
        return prod(len(self.types(sign)) for sign in self.signs)

    def contains(self, pattern: Sequence[NeuronType]) -> bool:
        """Whether some parameter of H(c) has this pattern."""
        return all(t.fits(sign) for t, sign in zip(self._pattern(pattern), self.signs, strict=True))

    def component_of(self, pattern: Sequence[NeuronType]) -> tuple[int, ...]:
        """Return the component of H(c) that parameters of this pattern lie in, as the signs that tell it apart.

        One sign for each neuron whose quadric has two sheets, in order: sign(a_k) where c_k < 0 and e = 1 (the s(θ) of
        Proposition 3), sign(w_k) where c_k > 0 and d = 1.

        >>> from quadrics.neuron_types import N_MINUS, N_PLUS
        >>> TypePatterns([-1, 1]).component_of((N_MINUS, N_PLUS))
        (-1,)
        """
        pairs = zip(self._pattern(pattern), self.signs, strict=True)
        return tuple(t.a if sign < 0 else t.w for t, sign in pairs if self.is_two_sheeted(sign))

    def is_two_sheeted(self, sign_of_c: int) -> bool:
        """Whether the quadric Q(c_k) is disconnected for c_k of this sign."""
        return (sign_of_c < 0 and self.d_out == 1) or (sign_of_c > 0 and self.d_in == 1)

    def components(self) -> Iterator[tuple[int, ...]]:
        """Generate the components of H(c), as their sign vectors."""
        return product((-1, 1), repeat=sum(map(self.is_two_sheeted, self.signs)))

    def orbits(self) -> Iterator[frozenset[TypePattern]]:
        """Generate the orbits by brute force: components of the graph of neuron exchanges, cut down to H(c).

        Raises ``DimensionError`` beyond 2^14 patterns (of all types): :meth:`multisets` and :meth:`number_of_orbits` go
        further.
        """
        if len(self._every) ** self.width > MAX_PATTERNS:
            raise DimensionError(
                f"orbits: got {len(self._every)}^{self.width} patterns; expected at most {MAX_PATTERNS} for brute "
                "force (use multisets() for one canonical form an orbit, number_of_orbits() to count)"
            )
        return iter(self._orbits)

    @cached_property
    def _orbits(self) -> tuple[frozenset[TypePattern], ...]:
        moves = [g.array_form for g in NeuronPermutations.symmetric(self.width).group().generators]
        graph: nx.Graph[TypePattern] = nx.Graph()
        for pattern in product(self._every, repeat=self.width):
            graph.add_node(pattern)
            graph.add_edges_from((pattern, tuple(pattern[k] for k in move)) for move in moves)
        found = (frozenset(filter(self.contains, orbit)) for orbit in nx.connected_components(graph))
        return tuple(filter(None, found))

    def orbit_of(self, pattern: Sequence[NeuronType]) -> frozenset[TypePattern]:
        """Return the patterns of H(c) that rescalings and permutations lead to from this one."""
        counts = Counter(self._pattern(pattern))
        return frozenset(self._arrangements(counts, 0))

    def canonical_form(self, pattern: Sequence[NeuronType]) -> TypePattern:
        """Return the multiset of types, sorted: equal for two patterns exactly when they are equivalent.

        >>> H = TypePatterns([-1, 1])
        >>> negative, positive = NeuronType(1, -1), NeuronType(1, 1)
        >>> H.canonical_form((negative, positive)) == H.canonical_form((positive, negative))
        True
        """
        return tuple(sorted(self._pattern(pattern), key=self._every.index))

    def multisets(self) -> Iterator[TypePattern]:
        """Generate the canonical forms of all orbits: the multisets of types that can be placed in H(c)."""
        return filter(self.can_place, combinations_with_replacement(self._every, self.width))

    def can_place(self, pattern: Sequence[NeuronType]) -> bool:
        """Whether some permutation takes neurons of these types into H(c), in their order or any other.

        ``I`` needs places with c_k < 0, ``O`` with c_k > 0, ``Z`` with c_k = 0; there must be enough of each.
        """
        degenerate = Counter((t.w != 0) - (t.a != 0) for t in self._pattern(pattern) if t.is_degenerate)
        places = Counter(self.signs)
        return all(degenerate[sign] <= places[sign] for sign in degenerate)

    def number_of_orbits(self) -> int:
        """Return the number of orbits in closed form.

        A sum over the numbers i, o, z of neurons of kinds I, O, Z, at most l_-, l_+, l_0, of the numbers of multisets;
        for d > 1 and e = 1 the summand is (i + 1)(l - i - o - z + 1).

        >>> TypePatterns([-1] * 50).number_of_orbits()
        23426
        """
        places = Counter(self.signs)
        n, i, o = self._kinds()
        total = sum(
            multiset_count(p, i) * multiset_count(q, o) * multiset_count(self.width - p - q - r, n)
            for p in range(places[-1] + 1)
            for q in range(places[1] + 1)
            for r in range(places[0] + 1)
        )
        return int(total)

    def number_of_orbits_by_polya(self) -> int:
        """Return the number of orbits from the cycle index of S_l, keeping the multisets that can be placed."""
        n, i, o = self._kinds()
        x, y, z = variables = sympy.symbols("x y z")
        series = {f"p{k}": n + i * x**k + o * y**k + z**k for k in range(1, self.width + 1)}
        polynomial = sympy.Poly(cycle_index(self.width).subs(series), *variables)
        places = Counter(self.signs)
        limits = (places[-1], places[1], places[0])
        terms = polynomial.terms()
        return int(sum(c for degrees, c in terms if all(a <= b for a, b in zip(degrees, limits, strict=True))))

    def _kinds(self) -> tuple[int, int, int]:
        """How many types there are of kinds N, I and O."""
        w, a = (2 if self.d_in == 1 else 1), (2 if self.d_out == 1 else 1)
        return w * a, a, w

    def _arrangements(self, counts: Counter[NeuronType], k: int) -> Iterator[TypePattern]:
        if k == self.width:
            yield ()
            return
        for t in [t for t in counts if counts[t] and t.fits(self.signs[k])]:
            for rest in self._arrangements(counts - Counter([t]), k + 1):
                yield (t, *rest)

    def _pattern(self, pattern: Sequence[NeuronType]) -> TypePattern:
        if len(pattern) != self.width:
            raise ShapeError(f"pattern: got {len(pattern)} types; expected {self.width}, one for each c_k")
        unknown = [t for t in pattern if t not in self._every]
        if unknown:
            raise ShapeError(
                f"pattern: got {unknown[0]!r}; expected types of d = {self.d_in}, e = {self.d_out}: {self._every}"
            )
        return tuple(pattern)
