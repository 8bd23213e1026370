"""``quadrics count``: how many components, effective components and holes an invariant set has, exactly."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from quadrics.errors import DimensionError, ImbalanceError

from ..integers import as_json, shown
from .options import JsonFile, check_writable, emit_json
from .parsing import as_numbers

if TYPE_CHECKING:
    from quadrics.invariant_shape import InvariantShape
    from quadrics.spheres import SphereProduct

MAX_WIDTH = 10**7
"""Neurons; the number of components then has three million digits."""

MAX_LISTED_BITS = 2**24
"""Betti numbers are listed where all of them together are no longer than this; ``--betti I`` gives any one."""

MOST_SHOWN = 12


def count(
    inputs: Annotated[int, typer.Option(help="Input dimension d.")],
    outputs: Annotated[int, typer.Option(help="Output dimension e.")] = 1,
    imbalance: Annotated[
        str | None, typer.Option(metavar="C1,C2,...", help="The c_k, one for each neuron: -0.1,-1/10,3.")
    ] = None,
    plus: Annotated[int, typer.Option(help="Or just how many c_k > 0 ...")] = 0,
    minus: Annotated[int, typer.Option(help="... how many c_k < 0 ...")] = 0,
    zero: Annotated[int, typer.Option(help="... and how many c_k = 0.")] = 0,
    bias: Annotated[bool, typer.Option("--bias", help="The network has biases (appendix E).")] = False,
    betti: Annotated[
        list[int] | None, typer.Option(metavar="I", help="Also this Betti number; may be repeated.")
    ] = None,
    json: JsonFile = None,
) -> None:
    """Count components, effective components (under each reading), orbits and Betti numbers of an invariant set.

    Exact at any width up to 10^7: closed forms, no enumeration.
    """
    from quadrics.invariant_shape import InvariantShape

    check_writable(json)
    values = None if imbalance is None else as_numbers(imbalance, "--imbalance")
    signs = _signs(values, plus, minus, zero)
    if sum(signs) > MAX_WIDTH:
        raise DimensionError(f"width: got {sum(signs)} neurons; expected at most {MAX_WIDTH}")
    shape = InvariantShape(inputs, outputs, *signs, bias=bias)
    document = {
        "schema": 1,
        "d_in": inputs,
        "d_out": outputs,
        "bias": bias,
        "width": shape.width,
        "l_plus": shape.l_plus,
        "l_minus": shape.l_minus,
        "l_zero": shape.l_zero,
        "dimension": as_json(shape.dimension),
        "poincare_polynomial": _polynomial(shape.homotopy_type),
        "connected": shape.is_connected(),
        "components": as_json(shape.number_of_components()),
        "gradient_flow_pieces": as_json(shape.number_of_gf_pieces()),
    }
    effective = _effective(shape, values)
    numbers = _betti_numbers(shape, betti or [])
    document["effective_components"] = {name: None if n is None else as_json(n) for name, n, _ in effective}
    document["betti_numbers"] = {str(i): as_json(b) for i, b in numbers.items()}
    document["betti_numbers_complete"] = _is_short(shape.homotopy_type)
    if str(json) != "-":
        _show(shape, effective, numbers)
    emit_json(document, json)


def _signs(values: list[Fraction] | None, plus: int, minus: int, zero: int) -> tuple[int, int, int]:
    """The numbers l_+, l_-, l_0, from whichever options were given."""
    if values is None:
        if plus == minus == zero == 0:
            raise ImbalanceError(
                "got no neurons; expected --imbalance C1,C2,... or the numbers of signs, --plus N --minus N --zero N"
            )
        return plus, minus, zero
    if plus or minus or zero:
        raise ImbalanceError("got both --imbalance and --plus, --minus or --zero; expected one or the other")
    found = Counter((v > 0) - (v < 0) for v in values)
    return found[1], found[-1], found[0]


def _effective(shape: InvariantShape, values: list[Fraction] | None) -> list[tuple[str, int | None, str]]:
    """(name, number, meaning) of each reading of "effective component"; None where no number is known."""
    from quadrics.effective import closure_class_count, definition_2_set_count
    from quadrics.function_classes import function_class_count

    sizes = (shape.input_dimension, shape.d_out, shape.l_plus, shape.l_minus, shape.l_zero)
    try:
        definition_2 = int(definition_2_set_count(*sizes))
    except DimensionError:  # d = e = 1 with both signs of c: no closed form is known
        definition_2 = None
    permutations = None if values is None else _permutation_classes(shape, values)
    return [
        ("theorem_2", int(shape.number_of_effective_components()), "Theorem 2: every θ has an equivalent in the other"),
        ("definition_2", definition_2, "Definition 2: different sets Eff(θ), overlapping"),
        ("transitive_closure", int(closure_class_count(*sizes)), "closure: some θ has an equivalent, transitively"),
        ("permutations", permutations, "orbits under the permutations that keep c, no rescaling"),
        ("functions", int(function_class_count(*sizes)), "functions: different sets of functions (ReLU)"),
    ]


def _permutation_classes(shape: InvariantShape, values: list[Fraction]) -> int:
    """Orbits of components under the permutations that keep c: each value of c_k has its own symmetric group."""
    from quadrics.invariant_shape import InvariantShape
    from quadrics.orbits import NeuronPermutations

    kinds = Counter(((v > 0) - (v < 0), m) for v, m in Counter(values).items())
    orbits = []
    for (sign, m), times in kinds.items():
        one = InvariantShape(shape.d_in, shape.d_out, int(sign > 0), int(sign < 0), int(sign == 0), shape.bias)
        if not one.is_connected():
            orbits.append(NeuronPermutations.symmetric(m).number_of_orbits() ** times)
    return prod(orbits)


def _betti_numbers(shape: InvariantShape, wanted: list[int]) -> dict[int, int]:
    """The Betti numbers that are not zero, where they are few, and those that were asked for."""
    numbers = dict(shape.homotopy_type.betti_items()) if _is_short(shape.homotopy_type) else {}
    return numbers | {i: shape.betti_number(i) for i in wanted}


def _is_short(spheres: SphereProduct) -> bool:
    positive = [(n, m) for n, m in spheres.factors if n > 0]
    entries = min(prod(m + 1 for _, m in positive), 1 + sum(n * m for n, m in positive))
    return bool(entries * (1 + sum(m for _, m in spheres.factors)) <= MAX_LISTED_BITS)


def _polynomial(spheres: SphereProduct) -> str:
    """The Poincaré polynomial as a product, whose constant factor may be too long to write out."""

    def power(base: str, m: int) -> str:
        return base if m == 1 else f"{base}^{m}"

    parts = [power("2" if n == 0 else "(1 + x)" if n == 1 else f"(1 + x^{n})", m) for n, m in sorted(spheres.factors)]
    return " * ".join(parts) or "1"


def _show(shape: InvariantShape, effective: list[tuple[str, int | None, str]], numbers: dict[int, Any]) -> None:
    biases = ", biases" if shape.bias else ""
    table = Table(
        show_header=False,
        box=None,
        title=f"H(c): d = {shape.d_in}, e = {shape.d_out}{biases}, {shape.l_plus} c_k > 0, {shape.l_minus} c_k < 0, "
        f"{shape.l_zero} c_k = 0",
        title_justify="left",
        title_style="bold",
    )
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row(shown(shape.dimension), "dimension")
    table.add_row(shown(shape.number_of_components()), "components" + (" (connected)" if shape.is_connected() else ""))
    if shape.l_zero:
        table.add_row(shown(shape.number_of_gf_pieces()), "pieces that gradient flow cannot leave, c_k = 0 included")
    table.add_row("", "")
    table.add_row("", "effective components, by what makes two components one:")
    why_not = {"definition_2": "no closed form for d = e = 1 and both signs", "permutations": "give --imbalance"}
    for name, n, meaning in effective:
        table.add_row("-" if n is None else shown(n), f"  {meaning}" + (f" ({why_not[name]})" if n is None else ""))
    table.add_row("", "")
    table.add_row("p(x)", _polynomial(shape.homotopy_type))
    for i, b in list(numbers.items())[:MOST_SHOWN]:
        table.add_row(shown(b), f"= β_{i}")
    if len(numbers) > MOST_SHOWN:
        table.add_row("...", f"{len(numbers) - MOST_SHOWN} more; --json FILE lists all")
    if not _is_short(shape.homotopy_type):
        table.add_row("...", "too many to list; --betti I gives any one")
    Console(highlight=False).print(table, markup=False)
