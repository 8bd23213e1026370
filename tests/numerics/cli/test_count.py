"""``quadrics count``: the library's numbers, from text, without torch, at any width."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from numerics.cli import app, main
from quadrics import InvariantSet
from quadrics.effective import closure_classes, definition_2_sets, permutation_classes, theorem_2_classes
from quadrics.function_classes import function_class_count
from quadrics.type_patterns import TypePatterns

runner = CliRunner()


def count(*arguments: str) -> dict[str, object]:
    result = runner.invoke(app, ["count", *arguments, "--json", "-"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert isinstance(document, dict)
    return document


def complaint(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """What a wrong call prints, after making sure that it ends with status 2."""
    monkeypatch.setattr(sys, "argv", ["quadrics", "count", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    assert ended.value.code == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_the_example_of_the_paper() -> None:
    document = count("--inputs", "2", "--outputs", "1", "--imbalance", "-0.1,-0.1,3")
    assert document["components"] == 4
    assert document["connected"] is False
    assert document["poincare_polynomial"] == "2^2 * (1 + x)"
    assert document["betti_numbers"] == {"0": 4, "1": 4}
    assert document["effective_components"] == {
        "theorem_2": 3,
        "definition_2": 5,
        "transitive_closure": 1,
        "permutations": 3,
        "functions": 3,
    }


@settings(max_examples=40)
@given(
    c=st.lists(st.sampled_from(["-1", "-1/2", "0", "0.5", "2e0"]), min_size=1, max_size=4),
    d=st.integers(1, 3),
    e=st.integers(1, 2),
    bias=st.booleans(),
)
def test_every_number_is_the_enumerated_one(c: list[str], d: int, e: int, bias: bool) -> None:
    arguments = ["--inputs", str(d), "--outputs", str(e), "--imbalance", ",".join(c), *(["--bias"] if bias else [])]
    document = count(*arguments)
    exact = [{"-1": -1, "-1/2": -0.5, "0": 0, "0.5": 0.5, "2e0": 2}[text] for text in c]
    H = InvariantSet(d, e, exact, bias=bias)
    assert document["components"] == len(list(H.components()))
    assert document["gradient_flow_pieces"] == len(list(H.gf_pieces()))
    assert document["dimension"] == H.dimension
    assert document["betti_numbers"] == {str(i): b for i, b in enumerate(H.betti_numbers()) if b}
    assert document["betti_numbers_complete"] is True
    D = d + bias
    patterns = TypePatterns(exact, D, e)
    effective = document["effective_components"]
    assert isinstance(effective, dict)
    assert effective["theorem_2"] == len(list(theorem_2_classes(patterns)))
    assert effective["transitive_closure"] == len(list(closure_classes(patterns)))
    assert effective["permutations"] == len(list(permutation_classes(patterns)))
    assert effective["functions"] == function_class_count(D, e, H.l_plus, H.l_minus, H.l_zero)
    if effective["definition_2"] is None:
        assert D == e == 1
        assert H.l_plus > 0 < H.l_minus
    else:
        assert effective["definition_2"] == len(definition_2_sets(patterns))
    result = runner.invoke(app, ["count", *arguments])
    assert result.exit_code == 0
    assert str(document["components"]) in result.stdout


def test_counts_instead_of_imbalances() -> None:
    by_signs = count("--inputs", "3", "--plus", "1", "--minus", "2", "--zero", "1")
    by_values = count("--inputs", "3", "--imbalance", "5,-1,-2,0")
    assert by_signs.pop("effective_components") != by_values.pop("effective_components")  # permutations need values
    assert by_signs == by_values


def test_large_widths() -> None:
    document = count("--inputs", "3", "--plus", "50000", "--minus", "50000", "--betti", "2", "--betti", "3")
    assert document["components"] == _digits(2**50_000)
    assert document["betti_numbers"] == {"2": _digits(50_000 * 2**50_000), "3": 0}
    assert document["betti_numbers_complete"] is False
    result = runner.invoke(app, ["count", "--inputs", "3", "--plus", "50000", "--minus", "50000"])
    assert "2^50000" in result.stdout
    assert len(result.stdout) < 3000
    assert count("--inputs", "1", "--minus", str(10**7))["width"] == 10**7


def _digits(n: int) -> str:
    """Decimal digits by halves: ``str`` refuses integers of this size."""
    if n < 10**4000:
        return str(n)
    half = n.bit_length() * 3 // 20
    high, low = divmod(n, 10**half)
    return _digits(high) + _digits(low).rjust(half, "0")


def test_many_different_imbalances() -> None:
    c = ",".join(f"-{k}/7" for k in range(1, 3001))
    effective = count("--inputs", "2", "--imbalance", c)["effective_components"]
    assert isinstance(effective, dict)
    assert effective["permutations"] == _digits(2**3000)


def test_json_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "count.json"
    result = runner.invoke(app, ["count", "--inputs", "2", "--minus", "1", "--json", str(path)])
    assert result.exit_code == 0
    assert json.loads(path.read_text())["components"] == 2
    assert "components" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--inputs", "2"], "--imbalance"),
        (["--inputs", "2", "--minus", "1", "--imbalance", "1"], "one or the other"),
        (["--inputs", "0", "--minus", "1"], "d_in"),
        (["--inputs", "-3", "--minus", "1"], "d_in"),
        (["--inputs", "2", "--outputs", "0", "--minus", "1"], "d_out"),
        (["--inputs", "2", "--minus", "-1"], "l_minus"),
        (["--inputs", "2", "--minus", "100000000"], "10000000"),
        (["--inputs", "2", "--imbalance", "nan"], "nan"),
        (["--inputs", "2", "--imbalance", ""], "number"),
        (["--inputs", "2", "--imbalance", "__import__('os').system('echo no')"], "number"),
        (["--inputs", "2", "--imbalance", "[/red]"], "[/red]"),
        (["--inputs", "2", "--minus", "1", "--betti", "-1"], "got -1"),
        (["--inputs", "two", "--minus", "1"], "inputs"),
        (["--minus", "1"], "inputs"),
    ],
)
def test_wrong_calls(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: str
) -> None:
    assert expected in complaint(capsys, monkeypatch, *arguments)


def test_a_bad_place_for_the_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = complaint(
        capsys, monkeypatch, "--inputs", "2", "--minus", "1", "--json", str(tmp_path / "no" / "file.json")
    )
    assert "folder" in message


def test_no_torch_is_imported() -> None:
    code = (
        "import sys; from numerics.cli import app\n"
        "try: app(['count', '--inputs', '2', '--minus', '3'])\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=False).returncode == 0
