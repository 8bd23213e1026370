r"""Configurations: which neurons of a wide network copy which neuron of a narrow one, and which cancel each other.

Expanding r neurons to m, every neuron of the wide network either carries the incoming weights of one of the r (its
*label*), or belongs to a *zero-type group*: neurons of equal incoming weights whose outgoing weights sum to zero
(section 3 of Şimşek et al., 2021). A configuration is therefore a partition of the m positions with an injection of
the r labels into the blocks. It is written as a word, a letter a position: t for label t, -1, -2, ... for the groups
in the order of their first members.

>>> P = Configuration(2, (1, -7, 2, 1, -7, -3))
>>> P.word, P.labelled_blocks, P.zero_blocks
((1, -1, 2, 1, -1, -2), ((0, 3), (2,)), ((1, 4), (5,)))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import factorial, prod
from typing import Any

from ..errors import ShapeError, SymmetryError
from ..validation import as_dimension

Word = tuple[int, ...]


@dataclass(frozen=True)
class Configuration:
    r"""A partition of m positions in which r blocks are labelled 1, ..., r: one affine subspace of an expansion.

    Definition 3.2 of the paper gives the subspaces :math:`\mathcal P_\pi \Gamma_s` by a tuple s and a permutation π;
    many pairs (s, π) describe the same set. Configurations describe each exactly once.

    Parameters
    ----------
    r : number of labels, at least 0
    word : a letter for each of the m positions, labels 1, ..., r or any negative integers for zero-type groups (they
        are renumbered -1, -2, ... in the order of their first members)

    Raises
    ------
    DimensionError
        if r or a letter is no integer in range.
    ShapeError
        if a label does not occur.

    Examples
    --------
    >>> Configuration(2, (2, 1, -5)) == Configuration(2, (2, 1, -1))
    True
    >>> Configuration(2, (1, 1, -1))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: word: got (1, 1, -1); expected each of the labels 1 to 2 at least once (2 is missing)
    """

    r: int
    word: Word

    def __post_init__(self) -> None:
        r = as_dimension(self.r, "r", 0)
        groups: dict[int, int] = {}
        letters: list[int] = []
        for letter in self.word:
            letter = as_dimension(letter, "letter", -(2**63), r)
            if letter == 0:
                raise ShapeError(f"word: got {tuple(self.word)}; expected labels from 1 or negative zero-type groups")
            letters.append(letter if letter > 0 else groups.setdefault(letter, -1 - len(groups)))
        missing = sorted(set(range(1, r + 1)) - set(letters))
        if missing:
            raise ShapeError(
                f"word: got {tuple(self.word)}; expected each of the labels 1 to {r} at least once "
                f"({', '.join(map(str, missing))} {'is' if len(missing) == 1 else 'are'} missing)"
            )
        object.__setattr__(self, "r", r)
        object.__setattr__(self, "word", tuple(letters))

    @classmethod
    def standard(cls, k: Sequence[int], b: Sequence[int] = ()) -> Configuration:
        """Return the configuration of Γ_s for s = (k_1, ..., k_r, b_1, ..., b_j): blocks side by side, in this order.

        Groups of size b = 0 are allowed, as in Definition 3.2, and change nothing.

        >>> Configuration.standard([2, 1], [2, 0, 1]).word
        (1, 1, 2, -1, -1, -2)
        """
        sizes = [as_dimension(size, "k", 1) for size in k] + [as_dimension(size, "b", 0) for size in b]
        letters = [*range(1, len(k) + 1), *(-1 - i for i in range(len(b)))]
        return cls(len(k), tuple(letter for letter, size in zip(letters, sizes, strict=True) for _ in range(size)))

    @classmethod
    def from_blocks(cls, labelled: Sequence[Iterable[int]], zero: Iterable[Iterable[int]] = ()) -> Configuration:
        """Return the configuration with these blocks of 0-based positions; the i-th labelled block carries label i + 1.

        Raises ``SymmetryError`` if the blocks are no partition of 0, ..., m-1.

        >>> Configuration.from_blocks([[2], [0, 1]], [[3]]).word
        (2, 2, 1, -1)
        """
        letters: dict[int, int] = {}
        blocks = [(i + 1, block) for i, block in enumerate(labelled)] + [
            (-1 - i, block) for i, block in enumerate(zero)
        ]
        positions = [(as_dimension(k, "position", 0), letter) for letter, block in blocks for k in block]
        letters = dict(positions)
        if len(letters) != len(positions) or sorted(letters) != list(range(len(positions))):
            raise SymmetryError(
                f"blocks: got the positions {sorted(k for k, _ in positions)}; expected each of 0 to "
                f"{len(positions) - 1} exactly once"
            )
        return cls(len(labelled), tuple(letters[k] for k in range(len(letters))))

    @classmethod
    def _trusted(cls, r: int, word: Word) -> Configuration:
        """A configuration from a word known to be canonical: what the enumerator makes."""
        new: Configuration = object.__new__(cls)
        new.__dict__.update(r=r, word=word)
        return new

    @property
    def m(self) -> int:
        """The number of positions, the width of the expanded network."""
        return len(self.word)

    @property
    def number_of_zero_groups(self) -> int:
        """j, the number of zero-type groups (of at least one neuron)."""
        return -min(self.word, default=0) if min(self.word, default=0) < 0 else 0

    @property
    def labelled_blocks(self) -> tuple[tuple[int, ...], ...]:
        """The positions that carry label 1, ..., r."""
        return tuple(self._positions(t) for t in range(1, self.r + 1))

    @property
    def zero_blocks(self) -> tuple[tuple[int, ...], ...]:
        """The positions of the zero-type groups, in the order of their first members."""
        return tuple(self._positions(-1 - i) for i in range(self.number_of_zero_groups))

    @property
    def sizes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """((k_1, ..., k_r), (b_1, ..., b_j)): the numbers of copies, and the sizes of the zero-type groups."""
        return tuple(map(len, self.labelled_blocks)), tuple(map(len, self.zero_blocks))

    @property
    def is_critical(self) -> bool:
        """Whether there are no zero-type groups: the configurations of critical subspaces (Definition 4.1)."""
        return self.number_of_zero_groups == 0

    def dimension(self, d_in: object, d_out: object) -> Any:
        """Return (m - r - j) d_out + j d_in, the dimension of Γ_s; integers or SymPy symbols.

        >>> Configuration(2, (1, -1, 2, 1, -1, -2)).dimension(3, 1)
        8
        """
        j = self.number_of_zero_groups
        outputs: Any = d_out
        inputs: Any = d_in
        return (self.m - self.r - j) * outputs + j * inputs

    def permuted(self, perm: Sequence[int]) -> Configuration:
        """Return the configuration of P_π Γ: position i gets the letter of position π(i), as neurons do.

        Raises ``SymmetryError`` when ``perm`` is no permutation of 0, ..., m-1.

        >>> Configuration(1, (1, -1, -2)).permuted([1, 2, 0]).word
        (-1, -2, 1)
        """
        order = [as_dimension(i, "perm", 0) for i in perm]
        if sorted(order) != list(range(self.m)):
            raise SymmetryError(f"perm: got {list(perm)}; expected each of the positions 0 to {self.m - 1} once")
        return Configuration(self.r, tuple(self.word[i] for i in order))

    def orbit_size(self) -> int:
        """Return how many configurations the permutations make of this one: m! / (∏ k_t! ∏ b_i! ∏ c_i!).

        Here c_i is the number of zero-type groups of size i (Theorem 3.1).

        >>> Configuration.standard([1, 1], [1]).orbit_size(), Configuration.standard([1], [1, 1]).orbit_size()
        (6, 3)
        """
        k, b = self.sizes
        repeated = Counter(b).values()
        return factorial(self.m) // prod(factorial(n) for n in (*k, *b, *repeated))

    def _positions(self, letter: int) -> tuple[int, ...]:
        return tuple(i for i, other in enumerate(self.word) if other == letter)
