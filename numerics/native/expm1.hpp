// exp(x) - 1 on vectors (vectors.hpp), to a few roundings of itself also where x is small; NaN stays NaN.
#pragma once

// x = k log 2 + r, and exp(x) - 1 = 2 (h (exp(r) - 1) + (h - 1/2)) with h = 2^(k-1): for k = 0 the last term is zero,
// for all others the sum is no smaller than 0.29, and 2h may be beyond the largest number. |r| <= log(2)/2, where
// Taylor's polynomial of the degree below is exact to a rounding.
template <class T> inline Vector<T> exponential_minus_one(Vector<T> x) {
  constexpr bool is_single = sizeof(T) == 4;
  typedef std::conditional_t<is_single, int32_t, int64_t> Integer;
  typedef Integer Integers __attribute__((vector_size(BYTES)));
  constexpr int degree = is_single ? 8 : 14, mantissa = is_single ? 23 : 52, bias = is_single ? 127 : 1023;
  // Beyond these the result is -1 and infinity.
  constexpr T lowest = is_single ? T(-20) : T(-40), highest = is_single ? T(89) : T(710);
  constexpr T log2_high = is_single ? T(0.693359375) : T(6.93147180369123816490e-01);
  constexpr T log2_low = is_single ? T(-2.12194440e-4) : T(1.90821492927058770002e-10);
  // Adding 1.5 * 2^mantissa rounds to the nearest integer, which the lowest bits of the sum then are.
  constexpr T rounder = T(Integer(3) << (mantissa - 1));
  const Vector<T> low = all(lowest), high = all(highest);
  Vector<T> t = x < low ? low : x;
  t = t > high ? high : t;
  const Vector<T> shifted = t * T(1.4426950408889634) + rounder, k = shifted - rounder;
  const Vector<T> r = (t - k * log2_high) - k * log2_low;
  Vector<T> sum = all(T(1));
#pragma GCC unroll 16
  for (int n = degree; n >= 2; --n) sum = sum * (r * T(1.0 / n)) + T(1);
  const Vector<T> h = (Vector<T>)(((Integers)shifted + (bias - 1)) << mantissa);
  return T(2) * (h * (r * sum) + (h - T(0.5)));
}
