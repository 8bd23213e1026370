// The loss of two-layer networks with one output and its gradient, in one pass over the data.
//
// A network's hidden layer on a block of samples stays in the first cache: products with the data, the rectifier, the
// output, the derivative of the loss and the products back follow each other without a trip to memory. The function
// loss_derivative(f, y) stands before this text; it is printed from the loss.
//
//   z_u = <w_u, x> + b_u,  f = sum_u a_u sigma(z_u) + b,  r = dloss/df,  v_u = sum over samples of r sigma'(z_u) x,
//   grad w_u = a_u v_u,  grad a_u = <w_u, v_u>.

#include <algorithm>

#if defined(_OPENMP)
#include <omp.h>
#define THREAD omp_get_thread_num()
#else
#define THREAD 0
#endif

// Networks L wide with d inputs; those narrower than L are followed by zeros. b1, b2 may be null.
template <class T> struct Networks {
  const T *W1, *b1, *W2, *b2;
  const int64_t* widths;
  int64_t n, L, d;
};

// Samples in columns (x, with a last row of ones where the networks have hidden biases) and, if the gradient is taken
// by rows, also in rows of `row` numbers. `stride` is the number of samples, padded by zeros.
template <class T> struct Data {
  const T *columns, *rows, *y;
  int64_t valid, stride, inputs, row;
};

// sigma(z) = alpha z for z > 0, alpha * slope * z elsewhere.
template <class T> struct Rectifier { T alpha, slope; };

// Where what is found goes; each may be null. With `by_weights` it is the gradient, without it the field v.
template <class T> struct Found {
  T *W1, *b1, *W2, *b2, *f;
  T scale;
  bool by_weights;
};

// Adds what U neurons give to f on K vectors of samples, and leaves their z.
template <class T, int U, int K>
void forward(const Networks<T>& net, const T* W1, const T* b1, const T* a, const T* x, int64_t stride,
             Rectifier<T> sigma, Vector<T>* __restrict f, T* __restrict kept, int64_t block) {
  Vector<T> z[U][K];
#pragma GCC unroll 8
  for (int u = 0; u < U; ++u)
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) z[u][k] = all(b1 ? b1[u] : T(0));
  for (int64_t i = 0; i < net.d; ++i) {
    Vector<T> column[K];
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) keep(column[k] = load(x + i * stride + k * LANES<T>));
#pragma GCC unroll 8
    for (int u = 0; u < U; ++u) {
      const T w = W1[u * net.d + i];
#pragma GCC unroll 8
      for (int k = 0; k < K; ++k) z[u][k] += w * column[k];
    }
  }
  const Vector<T> zero = {};
#pragma GCC unroll 8
  for (int u = 0; u < U; ++u) {
    const T weight = a[u] * sigma.alpha;
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) {
      // In this form NaN stays NaN, and minus infinity is rectified to zero.
      const Vector<T> h = z[u][k] <= zero ? (sigma.slope == 0 ? zero : z[u][k] * sigma.slope) : z[u][k];
      f[k] += weight * h;
      store(kept + u * block + k * LANES<T>, z[u][k]);
    }
  }
}

// Adds sums in registers to v.
template <class T, int U, int K> inline void add(const Vector<T> (&sum)[U][K], T* v, int64_t row) {
#pragma GCC unroll 8
  for (int u = 0; u < U; ++u)
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) {
      T* at = v + u * row + k * LANES<T>;
      store(at, load(at) + sum[u][k]);
    }
}

// Adds g x^T of U neurons to v, with samples in rows: K vectors of inputs at a time, one sample after the other.
template <class T, int U, int K>
void backward_by_rows(const T* g, int64_t block, int64_t count, const T* rows, int64_t row, T* v) {
  Vector<T> sum[U][K] = {};
  for (int64_t s = 0; s < count; ++s) {
    Vector<T> x[K];
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) keep(x[k] = load(rows + s * row + k * LANES<T>));
#pragma GCC unroll 8
    for (int u = 0; u < U; ++u) {
      const T factor = g[u * block + s];
#pragma GCC unroll 8
      for (int k = 0; k < K; ++k) sum[u][k] += factor * x[k];
    }
  }
  add<T, U, K>(sum, v, row);
}

// The same with samples in columns: K inputs, a vector of samples at a time; the lanes are summed up at the very end.
template <class T, int U, int K>
void backward_by_columns(const T* g, int64_t block, int64_t count, const T* columns, int64_t stride, T* v,
                         int64_t row) {
  Vector<T> sum[U][K] = {};
  for (int64_t s = 0; s < count; s += LANES<T>) {
    Vector<T> x[K];
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) keep(x[k] = load(columns + k * stride + s));
#pragma GCC unroll 8
    for (int u = 0; u < U; ++u) {
      const Vector<T> factor = load(g + u * block + s);
#pragma GCC unroll 8
      for (int k = 0; k < K; ++k) sum[u][k] += factor * x[k];
    }
  }
  add<T, U, K>(sum, v, row);
}

// Calls `call` with a number from 1 to 6 as a constant.
template <class Call> inline void with_constant(int64_t number, Call call) {
  static_assert(ROWS <= 6 && GROUP <= 6, "one case for each number");
  switch (number) {
    case 1: return call(std::integral_constant<int, 1>());
    case 2: return call(std::integral_constant<int, 2>());
    case 3: return call(std::integral_constant<int, 3>());
    case 4: return call(std::integral_constant<int, 4>());
    case 5: return call(std::integral_constant<int, 5>());
    case 6: return call(std::integral_constant<int, 6>());
  }
}

template <class T, int U>
void backward(const T* g, int64_t block, int64_t count, const Data<T>& data, int64_t first, T* v) {
  const int64_t row = data.row, pieces = row / LANES<T>;
  for (int64_t i = 0; i < pieces; i += GROUP)
    with_constant(std::min<int64_t>(GROUP, pieces - i), [&](auto K) {
      T* at = v + i * LANES<T>;
      if constexpr (K <= GROUP) {
        if (data.rows)
          backward_by_rows<T, U, K>(g, block, count, data.rows + first * row + i * LANES<T>, row, at);
        else
          backward_by_columns<T, U, K>(g, block, count, data.columns + i * data.stride + first, data.stride, at, row);
      }
    });
}

// Adds what the samples from `first` on, `count` of them, give to the v of one network; f (count) and g are workspace.
template <class T>
void visit(const Networks<T>& net, int64_t k, const Data<T>& data, Rectifier<T> sigma, int64_t first, int64_t count,
           int64_t block, T* f, T* g, T* v, const Found<T>& found) {
  const int64_t width = net.widths[k], parts = (width + ROWS - 1) / ROWS;
  const T* W1 = net.W1 + k * net.L * net.d;
  const T* W2 = net.W2 + k * net.L;
  const T* b1 = net.b1 ? net.b1 + k * net.L : nullptr;
  std::fill(f, f + count, net.b2 ? net.b2[k] : T(0));
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t u = width * part / parts, neurons = width * (part + 1) / parts - u;
    with_constant(neurons, [&](auto U) {
      for (int64_t s = 0; s < count; s += GROUP * LANES<T>)
        with_constant(std::min<int64_t>(GROUP, (count - s) / LANES<T>), [&](auto K) {
          if constexpr (K <= GROUP) {
            Vector<T> sums[K];
            for (int k = 0; k < K; ++k) sums[k] = load(f + s + k * LANES<T>);
            forward<T, U, K>(net, W1 + u * net.d, b1 ? b1 + u : nullptr, W2 + u, data.columns + first + s, data.stride,
                             sigma, sums, g + u * block + s, block);
            for (int k = 0; k < K; ++k) store(f + s + k * LANES<T>, sums[k]);
          }
        });
    });
  }
  if (found.f) std::copy(f, f + count, found.f + k * data.stride + first);
  if (!found.W1) return;
  for (int64_t s = 0; s < count; s += LANES<T>)
    store(f + s, loss_derivative<T>(load(f + s), load(data.y + first + s)));
  if (first + count > data.valid) std::fill(f + (data.valid - first), f + count, T(0));  // padding: no samples
  if (found.b2) {
    Vector<T> sum = {};
    for (int64_t s = 0; s < count; s += LANES<T>) sum += load(f + s);
    found.b2[k] += sum_of_lanes<T>(sum);
  }
  for (int64_t s = 0; s < count; s += LANES<T>) {
    const Vector<T> r = load(f + s), less = sigma.slope == 0 ? Vector<T>{} : r * sigma.slope;
    for (int64_t u = 0; u < width; ++u) {
      T* at = g + u * block + s;
      store(at, load(at) <= Vector<T>{} ? less : r);
    }
  }
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t u = width * part / parts, neurons = width * (part + 1) / parts - u;
    with_constant(neurons, [&](auto U) {
      backward<T, U>(g + u * block, block, count, data, first, v + u * data.row);
    });
  }
}

// Turns the v of one network into what is wanted.
template <class T>
void finish(const Networks<T>& net, int64_t k, const Data<T>& data, T alpha, const T* v,
            const Found<T>& found) {
  for (int64_t u = 0; u < net.L; ++u) {
    const int64_t at = k * net.L + u;
    const T factor = (found.by_weights ? net.W2[at] * found.scale : found.scale) * alpha;
    T product = 0;
    const T* sums = v + u * data.row;
    const auto entry = [&](int64_t i) { return data.rows ? sums[i] : sum_of_lanes<T>(load(sums + i * LANES<T>)); };
    for (int64_t i = 0; i < net.d; ++i) {
      const T value = entry(i);
      product += net.W1[at * net.d + i] * value;
      found.W1[at * net.d + i] = factor * value;
    }
    if (net.b1) {
      const T value = entry(net.d);
      product += net.b1[at] * value;
      found.b1[at] = factor * value;
    }
    if (found.by_weights) found.W2[at] = found.scale * alpha * product;
  }
  if (found.b2) found.b2[k] *= found.scale;
}

// So many networks at a time visit a block of so many samples: their v stay in the second cache, the block in the first.
template <class T>
void run(const Networks<T>& net, const Data<T>& data, Rectifier<T> sigma, const Found<T>& found, int64_t together,
         int64_t block, T* workspace, int threads) {
  const int64_t row = data.row, sums = together * net.L * row, share = sums + net.L * block + block;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (int64_t start = 0; start < net.n; start += together) {
    T* v = workspace + THREAD * share;
    T *g = v + sums, *f = g + net.L * block;
    const int64_t stop = std::min(start + together, net.n);
    std::fill(v, g, T(0));
    if (found.b2) std::fill(found.b2 + start, found.b2 + stop, T(0));
    for (int64_t first = 0; first < data.stride; first += block)
      for (int64_t k = start; k < stop; ++k)
        visit(net, k, data, sigma, first, std::min(block, data.stride - first), block, f, g,
              v + (k - start) * net.L * row, found);
    if (found.W1)
      for (int64_t k = start; k < stop; ++k) finish(net, k, data, sigma.alpha, v + (k - start) * net.L * row, found);
  }
}

#define ENTRY(T, NAME)                                                                                              \
  extern "C" void NAME(const T* W1, const T* b1, const T* W2, const T* b2, const int64_t* widths, int64_t n,        \
                       int64_t L, int64_t d, const T* columns, const T* rows, const T* y, int64_t valid,            \
                       int64_t stride, int64_t inputs, int64_t row, double alpha, double slope, T* W1_out,          \
                       T* b1_out, T* W2_out, T* b2_out, T* f, double scale, int by_weights, int64_t together,       \
                       int64_t block, T* workspace, int threads) {                                                  \
    run<T>({W1, b1, W2, b2, widths, n, L, d}, {columns, rows, y, valid, stride, inputs, row}, {T(alpha), T(slope)}, \
           {W1_out, b1_out, W2_out, b2_out, f, T(scale), by_weights != 0}, together, block, workspace, threads);    \
  }
ENTRY(float, rectified_float32)
ENTRY(double, rectified_float64)

extern "C" int lane_bytes() { return BYTES; }
