"""All claims of the project, found by id. Each package lists its own modules: no order of imports matters."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache

from quadrics.errors import UnknownClaimError

from . import beyond, nurisso, simsek, zhao
from .claim import Claim
from .graph import claim_graph
from .kernel import with_kernel_proofs

PAPERS = {
    "nurisso": "Nurisso, Leroy, Vaccarino: Topological obstruction to the training of shallow ReLU neural networks "
    "(NeurIPS 2024)",
    "simsek": "Şimşek, Ged, Jacot, Spadaro, Hongler, Gerstner, Brea: Geometry of the Loss Landscape in "
    "Overparameterized Neural Networks (ICML 2021)",
    "zhao": "Zhao, Dehmamy, Walters, Yu: Understanding Mode Connectivity via Parameter Space Symmetry (2024)",
}


@cache
def all_claims() -> tuple[Claim, ...]:
    """Every claim, in the order of the papers; the graph of their uses is checked on the way."""
    claims = with_kernel_proofs((*nurisso.claims(), *simsek.claims(), *zhao.claims(), *beyond.claims()))
    claim_graph(claims)
    return claims


def find(claim_id: str) -> Claim:
    """The claim with this id.

    >>> find("nurisso.prop4").kind
    <Kind.THEOREM: 'theorem'>

    Raises
    ------
    UnknownClaimError
        With the nearest ids there are.
    """
    known = {claim.id: claim for claim in all_claims()}
    if claim_id in known:
        return known[claim_id]
    near = get_close_matches(claim_id, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "see `quadrics claims` for all ids"
    raise UnknownClaimError(f"no claim {claim_id!r}; {hint}")


def select(patterns: Iterable[str] = (), paper: str | None = None) -> tuple[Claim, ...]:
    """The claims whose id matches any of the patterns (shell wildcards; none means all), of one paper or of all.

    The statements beyond a paper belong to it: ``paper="nurisso"`` includes ``beyond.nurisso.*``.

    Raises
    ------
    UnknownClaimError
        If a pattern matches nothing, or the paper is not known.
    """
    if paper is not None and paper not in PAPERS:
        raise UnknownClaimError(f"no paper {paper!r}; expected one of {', '.join(PAPERS)}")
    chosen = [c for c in all_claims() if paper is None or c.id.startswith((f"{paper}.", f"beyond.{paper}."))]
    patterns = tuple(patterns)
    for pattern in patterns:
        if not any(fnmatchcase(c.id, pattern) for c in chosen):
            if any(mark in pattern for mark in "*?["):
                raise UnknownClaimError(f"no claim matches {pattern!r}; see `quadrics claims` for all ids")
            find(pattern)
            raise UnknownClaimError(f"{pattern!r} is not a claim of the paper {paper!r}")
    return tuple(c for c in chosen if not patterns or any(fnmatchcase(c.id, p) for p in patterns))


def twins(claim: Claim) -> tuple[Claim, ...]:
    """The ``.printed`` and ``.proof`` claims that a claim corrects; for one of those, the claim that corrects it."""
    if claim.corrects is not None:
        return (find(claim.corrects),)
    return tuple(c for c in all_claims() if c.corrects == claim.id)
