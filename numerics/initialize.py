"""Networks as an initialization scheme draws them, and networks moved to imbalances of one's choice.

The schemes are those of :mod:`quadrics.initialization`: their scales come from the same SymPy expressions as the exact
probabilities. :func:`torchs_own` draws with ``torch.nn`` itself, for comparing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sympy
import torch
from torch import Tensor, nn

from quadrics.errors import RescalingError, SchemeError, ShapeError
from quadrics.initialization import Gaussian, HiddenBias, Orthogonal, Scheme, Uniform
from quadrics.initialization.scheme import in_dimensions, require_integer
from quadrics.rescaling import stable_rescaling_factor

from .activation import homogeneous_sigma_of
from .batch import Batch
from .bridge import TorchFunction, torch_function
from .device import pick_device

__all__ = ["rescale", "sample", "torchs_own"]

Draw = Callable[..., Tensor]


def sample(
    scheme: Scheme,
    n: int,
    d_in: int,
    width: int,
    generator: torch.Generator,
    dtype: torch.dtype = torch.float64,
    device: str | torch.device | None = None,
) -> Batch:
    """Return ``n`` networks with one output, drawn as the scheme says.

    The numbers are drawn on the generator's device and moved, so that a seed means the same networks everywhere. With
    a hidden bias there is an output bias too, drawn or zero as the hidden one.

    Raises:
        DimensionError: a number of networks, inputs or neurons that is no positive integer.
        SchemeError: the scheme's scales are symbols, not numbers.

    >>> from quadrics.initialization import kaiming_normal, orthogonal
    >>> sample(kaiming_normal(), 3, 4, 5, torch.Generator().manual_seed(0)).W1.shape
    torch.Size([3, 5, 4])
    >>> batch = sample(orthogonal(), 3, 4, 4, torch.Generator().manual_seed(0))
    >>> bool((batch.imbalance() >= -1e-14).all())
    True
    """
    n, d, l = (int(require_integer(value, name)) for value, name in ((n, "n"), (d_in, "d_in"), (width, "width")))
    place = pick_device(device)
    first, second = _laws(scheme, d, l)

    def draw(law: Draw, *shape: int) -> Tensor:
        return law(*shape, generator=generator, dtype=dtype, device=generator.device).to(place)

    W1, W2 = draw(first, n, l, d), draw(second, n, 1, l)
    b1 = b2 = None
    if scheme.bias is HiddenBias.DRAWN:
        b1, b2 = draw(first, n, l), draw(second, n, 1)
    elif scheme.bias is HiddenBias.ZERO:
        b1, b2 = W1.new_zeros(n, l), W1.new_zeros(n, 1)
    return Batch(W1, W2, b1, b2)


def _laws(scheme: Scheme, d: int, l: int) -> tuple[Draw, Draw]:
    """How the entries of the first and of the second layer are drawn."""
    if isinstance(scheme, Gaussian):
        return _normal(_number(scheme.variance1, d, l) ** 0.5), _normal(_number(scheme.variance2, d, l) ** 0.5)
    if isinstance(scheme, Uniform):
        return _uniform(_number(scheme.half_width1, d, l)), _uniform(_number(scheme.half_width2, d, l))
    if isinstance(scheme, Orthogonal):
        return _orthogonal, _orthogonal
    raise SchemeError(f"scheme: got {scheme!r}; expected a Gaussian, uniform or orthogonal one")


def _number(scale: sympy.Expr, d: int, l: int) -> float:
    value = in_dimensions(scale, d, l)
    if not value.is_number:
        raise SchemeError(f"scheme: got the scale {value}; expected a number (substitute its symbols first)")
    return float(value)


def _normal(sigma: float) -> Draw:
    def law(*shape: int, generator: torch.Generator, dtype: torch.dtype, device: torch.device) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=dtype, device=device) * sigma

    return law


def _uniform(half_width: float) -> Draw:
    def law(*shape: int, generator: torch.Generator, dtype: torch.dtype, device: torch.device) -> Tensor:
        return (2 * torch.rand(*shape, generator=generator, dtype=dtype, device=device) - 1) * half_width

    return law


def _orthogonal(*shape: int, generator: torch.Generator, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Haar-distributed frames, as rows or as columns: QR of a Gaussian matrix with the signs of R made positive."""
    rows, columns = shape[-2:]
    tall = (*shape[:-2], max(rows, columns), min(rows, columns))
    Q, R = torch.linalg.qr(torch.randn(*tall, generator=generator, dtype=dtype, device=device))
    frame: Tensor = Q * R.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)
    return frame if rows >= columns else frame.transpose(-2, -1).contiguous()


def torchs_own(scheme: Scheme, n: int, d_in: int, width: int, generator: torch.Generator) -> Batch:
    """Return ``n`` networks drawn by ``torch.nn`` itself, one by one: the witness against which ``sample`` is checked.

    Raises:
        SchemeError: torch has no initializer of this name, or draws no bias with it.

    >>> from quadrics.initialization import pytorch_default
    >>> torchs_own(pytorch_default(HiddenBias.DRAWN), 2, 3, 4, torch.Generator().manual_seed(0)).b1.shape
    torch.Size([2, 4])
    """
    fills: dict[str, Callable[[Tensor], Tensor]] = {
        "Kaiming normal": nn.init.kaiming_normal_,
        "Kaiming uniform": nn.init.kaiming_uniform_,
        "Xavier normal": nn.init.xavier_normal_,
        "Xavier uniform": nn.init.xavier_uniform_,
        "orthogonal": nn.init.orthogonal_,
    }
    fill = fills.get(scheme.name)
    default = scheme.name == "PyTorch default" and scheme.bias is not HiddenBias.ZERO
    if not default and (fill is None or scheme.bias is not HiddenBias.NONE):
        raise SchemeError(f"torchs_own: got {scheme.name} with bias {scheme.bias}; expected a scheme that torch.nn has")
    has_bias = scheme.bias is HiddenBias.DRAWN
    modules = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**62, (1,), generator=generator)))
        for _ in range(n):
            hidden, output = nn.Linear(d_in, width, bias=has_bias), nn.Linear(width, 1, bias=has_bias)
            if fill is not None:
                fill(hidden.weight)
                fill(output.weight)
            modules.append((hidden, output))

    def gather(layer: int, name: str) -> Tensor:
        return torch.stack([getattr(pair[layer], name).detach() for pair in modules])

    b1, b2 = (gather(0, "bias"), gather(1, "bias")) if has_bias else (None, None)
    return Batch(gather(0, "weight"), gather(1, "weight"), b1, b2)


@lru_cache(maxsize=1)
def _factor() -> TorchFunction:
    A, C = sympy.symbols("A C", positive=True)
    c = sympy.Symbol("c", real=True)
    return torch_function(stable_rescaling_factor(A, C, c), (A, C, c))


def rescale(batch: Batch, c: Tensor) -> Batch:
    """Return the networks with the same functions and the imbalances ``c``, by Proposition 4 (eq. 23 in stable form).

    Args:
        batch: networks with an activation of degree 1.
        c: imbalances, of a shape that broadcasts to (n, l); ignored at padding.

    Raises:
        ShapeError: ``c`` does not broadcast to (n, l).
        RescalingError: a neuron without input weights and c >= 0, or without output weights and c <= 0 (all zero and
            c = 0 is left as it is); or an activation of another degree.

    >>> batch = Batch(torch.tensor([[[3.0, 4.0]]]).double(), torch.tensor([[[2.0]]]).double())
    >>> rescale(batch, torch.tensor([-1.0])).imbalance()
    tensor([[-1.0000]], dtype=torch.float64)
    """
    degree = homogeneous_sigma_of(batch.activation, "rescale").degree
    if degree != 1:
        raise RescalingError(f"rescale: got an activation of degree {degree}; expected degree 1")
    try:
        level = c.to(batch.W1).broadcast_to(batch.n, batch.width)
    except RuntimeError:
        raise ShapeError(
            f"c: got shape {tuple(c.shape)}; expected one that broadcasts to {(batch.n, batch.width)}"
        ) from None
    A, C = batch.W1.square().sum(2), batch.W2.square().sum(1)
    if batch.b1 is not None:
        A = A + batch.b1.square()
    fixed = ~batch.mask | ((A == 0) & (C == 0) & (level == 0))
    impossible = ~fixed & (((A == 0) & (level >= 0)) | ((C == 0) & (level <= 0)))
    if bool(impossible.any()):
        network, neuron = (int(v) for v in impossible.nonzero()[0])
        raise RescalingError(
            f"rescale: got |w|^2 = {float(A[network, neuron]):.4g}, |a|^2 = {float(C[network, neuron]):.4g} and "
            f"c = {float(level[network, neuron]):.4g} for neuron {neuron} of network {network}; expected w != 0, or "
            "c < 0, and a != 0, or c > 0"
        )
    one = torch.ones_like(A)
    alpha = torch.where(fixed, one, _factor()(A.where(~fixed, one), C.where(~fixed, one), level.where(~fixed, one)))
    b1 = None if batch.b1 is None else batch.b1 * alpha
    return Batch(batch.W1 * alpha[:, :, None], batch.W2 / alpha[:, None, :], b1, batch.b2, batch.mask, batch.activation)
