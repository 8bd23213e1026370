// Boosts of neurons with one output, in one pass over the neurons; the thin ones are marked and left to the caller.
//
// The function light_cone_change(p, q, x, by_p, by_q) stands before this text; it is printed from quadrics.boost.

#include <cmath>
#include <cstdint>
#include <limits>

// n networks of `width` neurons with d inputs; b may be null.
template <class T> struct Neurons {
  const T *w, *b, *a, *v, *v_b;
  int64_t n, width, d;
};

// What w and a are divided by, the largest rapidity (0 for none), and from which |m|/|a| on a neuron of c <= 0 is thin.
template <class T> struct Scales { T inward, outward, cap, thin; };

// Returns the number of thin neurons. Where c is null, there are none, and `thin` is not touched.
template <class T>
int64_t plane_boost(const Neurons<T>& from, const T* h, const T* c, const Scales<T>& scales, T* w_after, T* a_after,
                    T* b_after, bool* thin, int threads) {
  // A field whose square underflows moves nothing: its x is zero, and m is bounded.
  const T smallest = std::sqrt(std::numeric_limits<T>::min());
  int64_t count = 0;
#pragma omp parallel for reduction(+ : count) schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t k = 0; k < from.n * from.width; ++k) {
    const T *w = from.w + k * from.d, *v = from.v + k * from.d;
    T square = 0, along = 0;
#pragma omp simd reduction(+ : square, along)
    for (int64_t i = 0; i < from.d; ++i) {
      square += v[i] * v[i];
      along += v[i] * w[i];
    }
    T s = std::sqrt(square);
    if (from.b) {
      s = std::hypot(s, from.v_b[k]);
      along += from.v_b[k] * from.b[k];
    }
    const T inverse = 1 / (s < smallest ? smallest : s);
    T x = s * (h[k / from.width] * (scales.inward * scales.outward));
    if (scales.cap > 0) x *= scales.cap / (x < scales.cap ? scales.cap : x);
    const T A = from.a[k] / scales.outward, M = along * inverse / scales.inward;
    T by_p, by_q;
    light_cone_change(A + M, A - M, x, by_p, by_q);
    a_after[k] = (A + (by_p + by_q) / 2) * scales.outward;
    const T by_m = (by_p - by_q) * (inverse * scales.inward / 2);
    for (int64_t i = 0; i < from.d; ++i) w_after[k * from.d + i] = w[i] + by_m * v[i];
    if (from.b) b_after[k] = from.b[k] + by_m * from.v_b[k];
    if (c) count += thin[k] = std::abs(M) > scales.thin * std::abs(A) && c[k] <= 0;
  }
  return count;
}

#define PLANE_BOOST(NAME, T)                                                                                           \
  extern "C" int64_t NAME(const T* w, const T* b, const T* a, const T* v, const T* v_b, const T* h, const T* c,        \
                          int64_t n, int64_t width, int64_t d, double inward, double outward, double cap,              \
                          double thin_from, T* w_after, T* a_after, T* b_after, bool* thin, int threads) {             \
    return plane_boost<T>({w, b, a, v, v_b, n, width, d}, h, c, {T(inward), T(outward), T(cap), T(thin_from)},         \
                          w_after, a_after, b_after, thin, threads);                                                   \
  }
PLANE_BOOST(plane_boost_float32, float)
PLANE_BOOST(plane_boost_float64, double)
