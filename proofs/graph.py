"""The graph of claims: an edge from each claim to every claim it uses. A cycle or an unknown id is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from quadrics.errors import ClaimError, UnknownClaimError

from .claim import Claim
from .verdict import Verdict


def claim_graph(claims: Iterable[Claim]) -> Any:
    """The directed acyclic graph ``claim -> what it uses``, as a :class:`networkx.DiGraph` of ids.

    Raises
    ------
    UnknownClaimError
        If a claim uses an id that no claim has, or corrects one that does not exist.
    ClaimError
        If an id occurs twice, or the claims use each other in a circle.
    """
    graph: Any = nx.DiGraph()
    listed = list(claims)
    for claim in listed:
        if claim.id in graph:
            raise ClaimError(f"two claims have the id {claim.id!r}; ids are unique")
        graph.add_node(claim.id, claim=claim)
    for claim in listed:
        targets = [*claim.uses, *([claim.corrects] if claim.corrects else [])]
        for used in targets:
            if used not in graph:
                raise UnknownClaimError(f"claim {claim.id!r} refers to {used!r}, which is no claim")
        graph.add_edges_from((claim.id, used) for used in claim.uses)
    if not nx.is_directed_acyclic_graph(graph):
        circle = " -> ".join(edge[0] for edge in nx.find_cycle(graph))
        raise ClaimError(f"the claims use each other in a circle: {circle}")
    return graph


def fully_proved(graph: Any, verdicts: Mapping[str, Verdict]) -> set[str]:
    """The claims that are proved, or merely stated, and rest only on such claims.

    >>> graph = nx.DiGraph([("theorem", "lemma"), ("corollary", "theorem")])
    >>> sorted(fully_proved(graph, {"lemma": Verdict.PROVED, "theorem": Verdict.PROVED, "corollary": Verdict.CHECKED}))
    ['lemma', 'theorem']
    """
    solid: set[str] = set()
    for node in reversed(list(nx.topological_sort(graph))):
        if verdicts.get(node) in (Verdict.PROVED, Verdict.STATED) and all(n in solid for n in graph.successors(node)):
            solid.add(node)
    return solid
