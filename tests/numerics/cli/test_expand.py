"""``quadrics expand``: the library's numbers, without torch, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from numerics.cli.expand import expand
from quadrics.errors import DimensionError
from quadrics.expansion import G, T, affine_subspaces, intersection_graph

runner = CliRunner()
app = typer.Typer()
app.command()(expand)


def document(*arguments):
    result = runner.invoke(app, [*map(str, arguments), "--json", "-"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(("r", "m"), [(1, 1), (2, 3), (3, 4), (2, 5)])
def test_counts_lists_and_graphs_agree(r, m):
    found = document(r, m, "--list", "--graph", "--inputs", 3, "--outputs", 2)
    graph = intersection_graph(r, m)
    assert found["subspaces"] == len(found["words"]) == len(set(found["words"])) == found["graph"]["vertices"]
    assert found["critical_subspaces"] == sum("z" not in word for word in found["words"])
    assert found["graph"]["edges"] == graph.number_of_edges()
    dimensions = [P.dimension(3, 2) for P in affine_subspaces(r, m)]
    assert found["dimensions"] == [min(dimensions), max(dimensions)]


def test_large_integers_are_text():
    found = document(30, 60)
    assert (found["subspaces"], found["critical_subspaces"]) == (str(T(30, 60)), str(G(30, 60)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 2), "expected r <= m"),
        ((2, 10**6), "at most 20000"),
        ((8, 16, "--list"), "expected at most 100000"),
        ((5, 9, "--graph"), "expected at most 4000"),
    ],
)
def test_refusals(arguments, message):
    result = runner.invoke(app, list(map(str, arguments)))
    assert isinstance(result.exception, DimensionError)
    assert message in str(result.exception)


def test_sizes_below_one_are_a_wrong_call():
    assert runner.invoke(app, ["0", "2"]).exit_code == 2


def test_needs_no_torch():
    code = "import sys; from numerics.cli.expand import _graph; _graph(2, 3); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
