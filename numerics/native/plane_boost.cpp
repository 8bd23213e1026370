// Boosts of neurons with one output, in one pass over the neurons; the thin ones are marked and left to the caller.
//
// The functions change_of_p<T>(p, q, x) and change_of_q stand before this text; they are printed from quadrics.boost.

#include <algorithm>
#include <cmath>

// n networks of `width` neurons with d inputs, and the fields whose combination moves them; b and v_b may be null.
template <class T> struct Neurons {
  const T *w, *b, *a;
  const T *const *v, *const *v_b;
  const double* weights;
  int64_t fields, n, width, d;
};

// What w and a are divided by, the largest rapidity (0 for none), and from which |m|/|a| on a neuron of c <= 0 is thin.
template <class T> struct Scales { T inward, outward, cap, thin; };

// Where the neurons go; c and thin may be null.
template <class T> struct After {
  T *w, *a, *b;
  const T* c;
  bool* thin;
};

constexpr int BLOCK = 64;

// |v|^2 and <v, w>; for few inputs it does not pay to fill a register.
template <class T> inline void products(const T* v, const T* w, int64_t d, T& square, T& along) {
  square = along = 0;
  if (d < LANES<T>) {
    for (int64_t j = 0; j < d; ++j) {
      square += v[j] * v[j];
      along += v[j] * w[j];
    }
    return;
  }
#pragma omp simd reduction(+ : square, along)
  for (int64_t j = 0; j < d; ++j) {
    square += v[j] * v[j];
    along += v[j] * w[j];
  }
}

// Puts the sum of weighted fields, from `start` to `stop`, where the neurons that they move will be.
template <class T>
void combine(const T* const* fields, const double* weights, int64_t count, int64_t start, int64_t stop, T* sum) {
  const T first = T(weights[0]);
  for (int64_t j = start; j < stop; ++j) sum[j] = first * fields[0][j];
  for (int64_t i = 1; i < count; ++i) {
    const T weight = T(weights[i]), *field = fields[i];
    for (int64_t j = start; j < stop; ++j) sum[j] += weight * field[j];
  }
}

// Boosts the neurons from `first` to `last`, at most BLOCK of them, and returns how many are thin.
template <class T>
int64_t boost_block(const Neurons<T>& from, const T* h, const Scales<T>& scales, const After<T>& after, int64_t first,
                    int64_t last) {
  // A field whose square underflows moves nothing: its x is zero, and m is bounded.
  const T smallest = std::sqrt(std::numeric_limits<T>::min());
  T A[BLOCK], M[BLOCK], p[BLOCK] = {}, q[BLOCK] = {}, x[BLOCK] = {}, inverse[BLOCK];
  const T unit = scales.inward * scales.outward;
  combine(from.v, from.weights, from.fields, first * from.d, last * from.d, after.w);
  if (from.b) combine(from.v_b, from.weights, from.fields, first, last, after.b);
  for (int64_t k = first, net = first / from.width; k < last; ++k) {
    const int64_t i = k - first;
    if (k == (net + 1) * from.width) ++net;
    T square, along;
    products(after.w + k * from.d, from.w + k * from.d, from.d, square, along);
    T s = std::sqrt(square);
    if (from.b) {
      s = std::hypot(s, after.b[k]);
      along += after.b[k] * from.b[k];
    }
    inverse[i] = 1 / (s < smallest ? smallest : s);
    x[i] = s * (h[net] * unit);
    if (scales.cap > 0) x[i] *= scales.cap / (x[i] < scales.cap ? scales.cap : x[i]);
    A[i] = from.a[k] / scales.outward;
    M[i] = along * inverse[i] / scales.inward;
    p[i] = A[i] + M[i];
    q[i] = A[i] - M[i];
  }
  for (int64_t i = 0; i < last - first; i += LANES<T>) {
    const Vector<T> at_p = load(p + i), at_q = load(q + i), at_x = load(x + i);
    store(p + i, change_of_p<T>(at_p, at_q, at_x));
    store(q + i, change_of_q<T>(at_p, at_q, at_x));
  }
  int64_t count = 0;
  for (int64_t k = first; k < last; ++k) {
    const int64_t i = k - first;
    const T* w = from.w + k * from.d;
    T* moved = after.w + k * from.d;
    const T by_m = (p[i] - q[i]) * (inverse[i] * scales.inward / 2);
    after.a[k] = (A[i] + (p[i] + q[i]) / 2) * scales.outward;
    for (int64_t j = 0; j < from.d; ++j) moved[j] = w[j] + by_m * moved[j];
    if (from.b) after.b[k] = from.b[k] + by_m * after.b[k];
    if (after.c) count += after.thin[k] = std::abs(M[i]) > scales.thin * std::abs(A[i]) && after.c[k] <= 0;
  }
  return count;
}

// Returns the number of thin neurons. Where c is null, there are none.
template <class T>
int64_t boost_all(const Neurons<T>& from, const T* h, const Scales<T>& scales, const After<T>& after, int threads) {
  const int64_t all = from.n * from.width;
  int64_t count = 0;
#pragma omp parallel for reduction(+ : count) schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t first = 0; first < all; first += BLOCK)
    count += boost_block(from, h, scales, after, first, std::min(first + BLOCK, all));
  return count;
}

#define PLANE_BOOST(NAME, T)                                                                                           \
  extern "C" int64_t NAME(const T* w, const T* b, const T* a, const T* h, const T* c, const T* const* v,               \
                          const T* const* v_b, const double* weights, int64_t fields, int64_t n, int64_t width,        \
                          int64_t d, double inward, double outward, double cap, double thin_from, T* w_after,          \
                          T* a_after, T* b_after, bool* thin, int threads) {                                           \
    return boost_all<T>({w, b, a, v, v_b, weights, fields, n, width, d}, h,                                            \
                        {T(inward), T(outward), T(cap), T(thin_from)}, {w_after, a_after, b_after, c, thin}, threads); \
  }
PLANE_BOOST(plane_boost_float32, float)
PLANE_BOOST(plane_boost_float64, double)
