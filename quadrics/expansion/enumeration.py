r"""All configurations of r labels on m positions: generated, counted, recognised.

>>> [P.word for P in affine_subspaces(1, 2)]
[(1, 1), (1, -1), (-1, 1)]
>>> len(list(affine_subspaces(3, 4))), len(list(critical_subspaces(3, 4)))
(60, 36)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from ..errors import DimensionError, QuadricsError
from .configurations import Configuration, Word
from .counts import G, T
from .sizes import MAX_LISTED, MAX_WIDTH, as_expansion, log10_bound, refuse_listing


def affine_subspaces(r: object, m: object, most: int | None = MAX_LISTED) -> Iterator[Configuration]:
    r"""Generate the T(r, m) configurations of the expansion manifold :math:`\Theta_{r \to m}`, each exactly once.

    Parameters
    ----------
    r, m : integers with 0 ≤ r ≤ m (r = 0 gives the partitions of [m])
    most : longer lists are refused, before anything is generated; ``None`` for no limit

    Raises
    ------
    DimensionError
        if r > m, or there are more than ``most`` of them; the message has the count and an estimate of the time.

    Examples
    --------
    >>> from quadrics.expansion.counts import T
    >>> T(2, 5) == len(list(affine_subspaces(2, 5))) == len(set(affine_subspaces(2, 5)))
    True
    >>> affine_subspaces(9, 10)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: affine_subspaces(9, 10): got 19958400 to list, which would take about 40 seconds...
    """
    r, m = as_expansion(r, m)
    _refuse(r, m, True, most)
    return (Configuration._trusted(r, word) for word in _words(r, m, True))


def critical_subspaces(r: object, m: object, most: int | None = MAX_LISTED) -> Iterator[Configuration]:
    r"""Generate the G(r, m) configurations of :math:`\bar\Theta_{r \to m}`: no zero-type groups (Definition 4.1).

    Parameters and errors as for :func:`affine_subspaces`.

    >>> [P.word for P in critical_subspaces(2, 3)]
    [(1, 1, 2), (1, 2, 1), (1, 2, 2), (2, 1, 1), (2, 1, 2), (2, 2, 1)]
    """
    r, m = as_expansion(r, m)
    _refuse(r, m, False, most)
    return (Configuration._trusted(r, word) for word in _words(r, m, False))


def is_affine_subspace(r: int, m: int, word: Word) -> bool:
    """Whether ``word`` is, as written, one of the words that :func:`affine_subspaces` generates.

    >>> is_affine_subspace(2, 3, (2, -1, 1)), is_affine_subspace(2, 3, (2, -2, 1)), is_affine_subspace(2, 3, (2, 2, 2))
    (True, False, False)
    """
    try:
        return len(word) == m and Configuration(r, word).word == tuple(word)
    except QuadricsError:
        return False


def is_critical_subspace(r: int, m: int, word: Word) -> bool:
    """Whether ``word`` is one of the words that :func:`critical_subspaces` generates.

    >>> is_critical_subspace(2, 3, (2, 1, 1)), is_critical_subspace(2, 3, (2, 1, -1))
    (True, False)
    """
    return is_affine_subspace(r, m, word) and min(word, default=1) > 0


def shapes(r: object, m: object) -> Iterator[Configuration]:
    """Generate one configuration an orbit of the permutations: Γ_s for every s with b_1 ≥ b_2 ≥ ... ≥ 1.

    >>> [P.sizes for P in shapes(1, 3)]
    [((1,), (1, 1)), ((1,), (2,)), ((2,), (1,)), ((3,), ())]
    >>> sum(P.orbit_size() for P in shapes(2, 6)) == T(2, 6)
    True
    """
    r, m = as_expansion(r, m)
    for total in range(r, m + 1):
        for k in _compositions(total, r):
            for b in _partitions(m - total, m - total):
                yield Configuration.standard(k, b)


def affine_subspaces_by_definition(r: object, m: object) -> set[Configuration]:
    """Return the configurations as Definition 3.3 has them: P_π Γ_s for all π and s, duplicates removed.

    The cost is m! for every s. This is the slow, literal version that :func:`affine_subspaces` is checked against.

    >>> affine_subspaces_by_definition(2, 4) == set(affine_subspaces(2, 4))
    True

    Raises ``DimensionError`` for m > 7.
    """
    r, m = as_expansion(r, m)
    refuse_listing(f"affine_subspaces_by_definition({r}, {m})", m, 7, "use affine_subspaces")
    return {P.permuted(perm) for P in shapes(r, m) for perm in permutations(range(m))}


def _refuse(r: int, m: int, zero_types: bool, most: int | None) -> None:
    """Refuse a long list; beyond the widths where the exact count takes long, by a bound on it."""
    name, count = ("affine_subspaces", "T") if zero_types else ("critical_subspaces", "G")
    name, instead = f"{name}({r}, {m})", f"count with {count}"
    if m <= MAX_WIDTH:
        refuse_listing(name, T(r, m) if zero_types else G(r, m), most, instead)
    elif most is not None and (bound := log10_bound(r, m, zero_types)) > 15:
        raise DimensionError(f"{name}: got up to about 10^{round(bound)} to list; expected at most {most} ({instead})")


def _words(r: int, m: int, zero_types: bool) -> Iterator[Word]:
    """All canonical words, labels first: letters are added from the left, and labels that must still come are saved."""

    def extend(word: Word, missing: frozenset[int], groups: int) -> Iterator[Word]:
        left = m - len(word)
        if left == 0:
            yield word
            return
        if len(missing) == left:
            for t in sorted(missing):
                yield from extend((*word, t), missing - {t}, groups)
            return
        for t in labels:
            yield from extend((*word, t), missing - {t}, groups)
        if zero_types:
            for z in range(1, groups + 2):
                yield from extend((*word, -z), missing, max(groups, z))

    labels = range(1, r + 1)
    return extend((), frozenset(labels), 0)


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All (k_1, ..., k_parts) with k ≥ 1 and the given sum."""
    if parts == 0:
        if total == 0:
            yield ()
        return
    for first in range(1, total - parts + 2):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _partitions(total: int, largest: int) -> Iterator[tuple[int, ...]]:
    """All partitions of ``total`` into parts of at most ``largest``, in decreasing order of parts."""
    if total == 0:
        yield ()
        return
    for first in range(1, min(total, largest) + 1):
        for rest in _partitions(total - first, first):
            yield (first, *rest)
