"""The widths of the networks of a batch, as a key to how the work on them was cut."""

from __future__ import annotations

__all__ = ["Extents"]


class Extents(tuple[int, ...]):
    """A tuple whose hash is computed once: it is looked up at each step, for a million networks perhaps.

    >>> Extents([2, 3]) == (2, 3), hash(Extents([2, 3])) == hash((2, 3))
    (True, True)
    """

    _hash: int

    def __hash__(self) -> int:
        if "_hash" not in self.__dict__:
            self._hash = super().__hash__()
        return self._hash
