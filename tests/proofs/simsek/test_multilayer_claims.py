"""The claims on deep networks: what they are examined with, and that a broken formula makes them fall."""

from importlib import import_module

import pytest

from proofs.beyond import simsek_multilayer
from proofs.check import Context
from proofs.ledger import examine
from proofs.registry import find
from proofs.simsek import multilayer_checks, section_5_counts, section_5_critical
from proofs.verdict import Verdict
from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.networks import is_irreducible_network

MODULES = [f"proofs.simsek.section_5_{name}" for name in ("setup", "counts", "order", "critical", "ratios")]


def test_the_cores_are_irreducible():
    for r, _ in (
        *multilayer_checks.EXPANSIONS,
        *multilayer_checks.LARGER,
        *section_5_counts.WIDTHS,
        *section_5_critical.CRITICAL,
    ):
        assert is_irreducible_network(multilayer_checks.core_of(r))
        assert is_irreducible_network(multilayer_checks.core_of(r, 2, 2))


def test_components_by_a_graph_of_all_pairs():
    """The count that skips pairs is the count that does not."""
    import networkx as nx

    for r, m in (((2, 2), (3, 2)), ((1, 1), (2, 2))):
        for family in Family:
            spaces = multilayer_checks.subspaces(r, m, family)
            graph = nx.Graph()
            graph.add_nodes_from(range(len(spaces)))
            graph.add_edges_from((i, j) for i in graph for j in graph if i < j and spaces[i].meets(spaces[j]))
            assert nx.number_connected_components(graph) == multilayer_checks.components(r, m, family)


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("number_of_subspaces", lambda f: lambda r, m: f(r, m) + 1, ["simsek.ml.count", "simsek.ml.app"]),
        ("number_of_critical_subspaces", lambda f: lambda r, m: f(r, m) + 1, ["simsek.ml.crit-count", "simsek.ml.app"]),
        ("number_of_components", lambda f: lambda r, m: f(r, m) + 1, ["simsek.ml.connect"]),
        ("dimension_of", lambda f: lambda *args: f(*args) + 1, ["simsek.eq8", "beyond.simsek.multilayer-family"]),
        ("most_segments", lambda f: lambda r: 4, ["simsek.ml.connect"]),
        ("all_levels_ratio", lambda f: lambda r, m, n: f(r, m, n) / 2, ["simsek.ml.app"]),
        (
            "gradient",
            lambda f: lambda theta, data: tuple(g + W for g, W in zip(f(theta, data), theta.weights, strict=True)),
            ["simsek.ml.crit"],
        ),
        ("output", lambda f: lambda theta, x: f(theta, x) * sum(theta.entries()), ["simsek.ml.order.printed"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen):
    holders = [*map(import_module, MODULES), simsek_multilayer]
    holders = [module for module in holders if hasattr(module, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(find(claim_id), Context()).verdict is Verdict.FAILED
