"""From a SymPy expression to torch: the only way, so that each formula is written once, in ``quadrics``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeGuard

import numpy as np
import sympy
import torch
from torch import Tensor

from quadrics.errors import BridgeError, DeviceError, ShapeError

from .stable import stable
from .torch_printer import LOWERED, StraightLinePrinter, gamma, softplus

__all__ = ["TorchFunction", "torch_function"]

BLIND = (sympy.Piecewise, sympy.Heaviside, sympy.sign, sympy.KroneckerDelta, sympy.ITE)
"""Heads that turn NaN into a number."""

NAME = re.compile(r"\bt\d+\b")
"""What the printer names intermediate values."""

Value = Tensor | float


def torch_function(expr: Any, args: Any) -> TorchFunction:
    """Return the function of tensors that computes a SymPy expression.

    Arguments broadcast against each other; gradients flow through; the result has the floating-point type and the
    device of the arguments (float64 where there are only Python numbers or integers). A matrix expression (r, c)
    gives (..., r, c). Outside the real numbers (``sqrt(-1)``), and where an argument is NaN, the result is NaN.
    The derivative of ``Max`` at a tie is torch's.

    Args:
        expr: a SymPy expression, a condition, or an explicit matrix; never text.
        args: the symbols, in the order of the call, alone or in a sequence. An argument may be a matrix of
            symbols or a ``MatrixSymbol`` (r, c): it is called with a tensor (..., r, c).

    Raises:
        BridgeError: something in the expression has no translation (named), or symbols are not among ``args``.

    >>> x = sympy.Symbol("x", real=True)
    >>> f = torch_function(sympy.Max(x, sympy.sqrt(2) * x - 1), x)
    >>> f(torch.tensor([1.0, 5.0], dtype=torch.float64))
    tensor([1.0000, 6.0711], dtype=torch.float64)
    >>> torch_function(sympy.Piecewise((sympy.sin(x) / x, sympy.Ne(x, 0)), (1, True)), x)(0.0)
    tensor(1., dtype=torch.float64)
    >>> torch_function(sympy.zeta(x), x)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.BridgeError: expression: got zeta, which torch has no translation of; expected ...
    """
    if isinstance(args, (sympy.Symbol, sympy.MatrixSymbol, sympy.MatrixBase)):
        args = (args,)
    elif isinstance(args, str) or not isinstance(args, Iterable):
        raise BridgeError(f"args: got {type(args).__name__}; expected SymPy symbols")
    frozen = tuple(arg.as_immutable() if isinstance(arg, sympy.MatrixBase) else arg for arg in args)
    return _build(_explicit(expr), frozen)


class TorchFunction:
    """A SymPy expression as a function of tensors; ``source`` shows the torch code.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> torch_function(x**2 + y, (x, y))
    TorchFunction(x**2 + y, (x, y))
    """

    def __init__(self, expr: Any, args: Sequence[Any]) -> None:
        self.expr = expr
        self.args = tuple(args)
        symbols = [entry for arg in self.args for entry in _entries(arg)]
        self._all_symbols = bool(self.args) and all(isinstance(arg, sympy.Symbol) for arg in self.args)
        if len(set(symbols)) < len(symbols):
            raise BridgeError(f"args: got a symbol twice in {self.args}; expected each once")
        stray = _free(expr) - set(symbols)
        if stray:
            raise BridgeError(
                f"expression: got the symbols {', '.join(sorted(map(str, stray)))} that are not among the arguments "
                f"({', '.join(map(str, symbols))}); pass or substitute them"
            )
        dummies = [_dummy(symbol, i) for i, symbol in enumerate(symbols)]
        entries = list(expr) if isinstance(expr, sympy.MatrixBase) else [expr]
        renaming = dict(zip(symbols, dummies, strict=True))
        outputs = [entry.xreplace(renaming) for entry in entries]
        self._careful = expr.has(*BLIND, sympy.core.relational.Relational)
        self._compiled = _compile(outputs, dummies)
        self.source: str = self._compiled.source

    def __call__(self, *values: Value) -> Tensor:
        """Return the value at these tensors or numbers.

        Raises:
            ShapeError: the number or the shapes of the arguments do not fit.
            DeviceError: they lie on different devices.
        """
        results = self.entries(*values)
        if isinstance(self.expr, sympy.MatrixBase):
            return torch.stack(results, -1).reshape(*results[0].shape, *self.expr.shape)
        return results[0]

    def entries(self, *values: Value) -> list[Tensor]:
        """Return the value's entries, row by row, each a tensor of its own (one, unless it is a matrix)."""
        tensors = list(values) if self._is_uniform(values) else self._bind(values)
        shapes = {t.shape for t in tensors}
        if len(shapes) > 1:
            try:
                shape = np.broadcast_shapes(*(tuple(s) for s in shapes))
            except ValueError:
                listed = ", ".join(str(tuple(t.shape)) for t in tensors)
                raise ShapeError(f"arguments: got shapes {listed}; expected them to broadcast") from None
            tensors = [t.expand(shape) for t in tensors]
        like = tensors[0] if tensors else torch.zeros((), dtype=torch.float64)
        results = [_filled(value, like) for value in self._compiled(like, *tensors)]
        if self._careful and tensors:
            lost = torch.stack([t.isnan() for t in tensors]).any(0)
            results = [r if r.dtype == torch.bool else r.masked_fill(lost, math.nan) for r in results]
        return results

    def _is_uniform(self, values: Sequence[Value]) -> TypeGuard[Sequence[Tensor]]:
        """Whether these are tensors of one floating-point type on one device, one for each symbol: nothing to bind."""
        if not self._all_symbols or len(values) != len(self.args):
            return False
        first = values[0]
        return (
            isinstance(first, Tensor)
            and first.is_floating_point()
            and all(isinstance(v, Tensor) and v.dtype == first.dtype and v.device == first.device for v in values)
        )

    def _bind(self, values: Sequence[Value]) -> list[Tensor]:
        if len(values) != len(self.args):
            raise ShapeError(f"arguments: got {len(values)}; expected {len(self.args)}: {self.args}")
        given = [v for v in values if isinstance(v, Tensor)]
        floating = [v for v in given if v.is_floating_point()]
        kind = torch.float64
        if floating:
            kind = floating[0].dtype
            for v in floating[1:]:
                kind = torch.promote_types(kind, v.dtype)
        devices = {v.device for v in given}
        if len(devices) > 1:
            raise DeviceError(f"arguments: got tensors on {sorted(map(str, devices))}; expected one device")
        device = devices.pop() if devices else torch.device("cpu")
        tensors: list[Tensor] = []
        for arg, value in zip(self.args, values, strict=True):
            tensor = torch.as_tensor(value, dtype=kind, device=device)
            if isinstance(arg, sympy.Symbol):
                tensors.append(tensor)
                continue
            if tensor.ndim < 2 or tuple(tensor.shape[-2:]) != tuple(arg.shape):
                shape = ", ".join(map(str, arg.shape))
                raise ShapeError(f"{arg}: got shape {tuple(tensor.shape)}; expected (..., {shape})")
            tensors += tensor.flatten(-2).unbind(-1)
        return tensors

    def __repr__(self) -> str:
        return f"TorchFunction({self.expr}, {self.args})"


@lru_cache(maxsize=512)
def _build(expr: Any, args: tuple[Any, ...]) -> TorchFunction:
    return TorchFunction(expr, args)


class _Compiled:
    """Straight-line code for several outputs, called with a tensor to take type, device and shape from."""

    def __init__(self, source: str, pieces: dict[str, _Pieces]) -> None:
        self.source = source
        self.pieces = pieces
        self.code = compile(source, "<torch_function>", "exec")
        self.function: Callable[..., tuple[Value, ...]] | None = None
        if not pieces and not any(name in source for name in ("_number(", "_flag(")):
            # Nothing in it is made like its arguments, so one function serves all calls.
            scope: dict[str, Any] = {"torch": torch, "_inf": math.inf, "_gamma": gamma, "_softplus": softplus}
            exec(self.code, scope)
            self.function = scope["function"]

    def __call__(self, like: Tensor, *values: Tensor) -> Sequence[Value]:
        if self.function is not None:
            return self.function(*values)

        def scalar(value: float) -> Tensor:
            return torch.full((), value, dtype=like.dtype, device=like.device)

        def flag(value: bool) -> Tensor:
            return torch.full((), value, dtype=torch.bool, device=like.device)

        def piecewise(piece: _Pieces) -> Callable[..., Tensor]:
            return lambda *args: piece(like, *args)

        scope: dict[str, Any] = {"torch": torch, "_inf": math.inf, "_number": scalar, "_flag": flag}
        scope |= {"_gamma": gamma, "_softplus": softplus}
        scope |= {name: piecewise(piece) for name, piece in self.pieces.items()}
        exec(self.code, scope)
        results: tuple[Value, ...] = scope["function"](*values)
        return results


class _Pieces:
    """A piecewise function, each branch computed only at the points where it holds."""

    def __init__(self, branches: list[tuple[_Compiled, _Compiled]]) -> None:
        self.branches = branches

    def __call__(self, like: Tensor, *values: Tensor) -> Tensor:
        out = torch.full_like(like, math.nan)
        left = torch.ones_like(like, dtype=torch.bool)
        for condition, value in self.branches:
            holds = left & _filled(condition(like, *values)[0], like)
            left = left & ~holds
            if not bool(holds.any()):
                continue
            chosen = [v[holds] for v in values]
            some = like[holds]
            out = out.masked_scatter(holds, _filled(value(some, *chosen)[0], some))
        return out


def _compile(outputs: Sequence[Any], symbols: Sequence[Any]) -> _Compiled:
    pieces: dict[str, _Pieces] = {}

    def piecewise(expr: Any) -> str:
        name = f"_piecewise{len(pieces)}"
        pieces[name] = _Pieces([(_compile([c], symbols), _compile([e], symbols)) for e, c in expr.args])
        return name

    names = {symbol: f"x{i}" for i, symbol in enumerate(symbols)}
    printer = StraightLinePrinter(names, piecewise)
    printed = [printer.doprint(_lowered(output)) for output in outputs]
    if printer.missing:
        raise BridgeError(
            f"expression: got {', '.join(sorted(printer.missing))}, which torch has no translation of; "
            "expected real elementary functions, Max, Min, Piecewise, erf and gamma"
        )
    result = f"({', '.join(printed)},)"
    body = [*_needed(printer.lines, result), f"return {result}"]
    header = f"def function({', '.join(names.values())}):\n"
    return _Compiled(header + "".join(f"    {line}\n" for line in body), pieces)


def _needed(lines: Sequence[str], result: str) -> list[str]:
    """Return the assignments whose names a result depends on: a quotient is printed without its reciprocal's."""
    kept: list[str] = []
    names = set(NAME.findall(result))
    for line in reversed(lines):
        name, code = line.split(" = ", 1)
        if name in names:
            kept.append(line)
            names.update(NAME.findall(code))
    return kept[::-1]


def _lowered(expr: Any) -> Any:
    """Carry out what is written but not done, and express what torch lacks by what it has."""
    if expr.has(sympy.Sum, sympy.Product, sympy.Derivative, sympy.Subs, sympy.Trace, sympy.Determinant):
        expr = expr.doit(integrals=False)
    for head, rule in LOWERED.items():
        if expr.has(head):
            expr = expr.replace(head, lambda *a, head=head, rule=rule: _or_itself(rule(*a), head, a))
    return stable(expr)


def _or_itself(result: Any, head: Any, args: Sequence[Any]) -> Any:
    return head(*args, evaluate=False) if result is None else result


def _filled(value: Value, like: Tensor) -> Tensor:
    """Return a value, maybe a bare number, in the shape of ``like`` (and its type, unless it is a condition)."""
    if not isinstance(value, Tensor):
        value = torch.full((), value, dtype=like.dtype, device=like.device)
    return value.expand(like.shape) if value.shape != like.shape else value


def _explicit(expr: Any) -> Any:
    """Return the expression as an immutable SymPy object, a matrix entry by entry."""
    if isinstance(expr, (int, float)) and not isinstance(expr, bool):
        return sympy.sympify(expr)
    if isinstance(expr, sympy.MatrixExpr):
        try:
            return expr.doit().as_explicit().as_immutable()
        except (ValueError, TypeError, AttributeError):
            raise BridgeError(f"expression: got {expr} of shape {expr.shape}; expected explicit sizes") from None
    if isinstance(expr, sympy.MatrixBase):
        return expr.as_immutable()
    if not isinstance(expr, (sympy.Expr, sympy.logic.boolalg.Boolean)):
        raise BridgeError(
            f"expression: got {type(expr).__name__}; expected a SymPy expression or matrix (text is never evaluated)"
        )
    return expr


def _entries(arg: Any) -> list[Any]:
    if isinstance(arg, sympy.Symbol):
        return [arg]
    if isinstance(arg, sympy.MatrixSymbol):
        return list(arg.as_explicit())
    if isinstance(arg, sympy.MatrixBase) and all(isinstance(entry, sympy.Symbol) for entry in arg):
        return list(arg)
    raise BridgeError(f"args: got {arg!r}; expected symbols, or matrices of symbols")


def _dummy(symbol: Any, index: int) -> Any:
    assumptions = symbol.assumptions0 if isinstance(symbol, sympy.Symbol) else {"real": True}
    return sympy.Dummy(f"x{index}", **assumptions)


def _free(expr: Any) -> set[Any]:
    elements = expr.atoms(sympy.matrices.expressions.matexpr.MatrixElement)
    symbols = {s for s in expr.free_symbols if isinstance(s, sympy.Symbol)}
    return symbols | set(elements) | {s for s in expr.atoms(sympy.MatrixSymbol) if not elements}
