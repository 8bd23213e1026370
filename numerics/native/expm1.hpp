// exp(x) - 1 on vectors (vectors.hpp), to a few roundings of itself also where x is small; NaN stays NaN.
#pragma once

// With x = k log 2 + r it is 2 (h (exp(r) - 1) + (h - 1/2)), h = 2^(k-1): for k = 0 the last term is zero, for all others
// the sum is no smaller than 0.29, and 2h may be beyond the largest number. Taylor's polynomial of the degree below is
// exact to a rounding.
template <class T> inline Vector<T> exponential_minus_one(Vector<T> x) {
  constexpr int degree = Bits<T>::is_single ? 8 : 14;
  // Beyond these the result is -1 and infinity.
  constexpr T lowest = Bits<T>::is_single ? T(-20) : T(-40), highest = Bits<T>::is_single ? T(89) : T(710);
  const Reduced<T> part = reduced<T>(x, all(lowest), all(highest));
  Vector<T> sum = all(T(1));
#pragma GCC unroll 16
  for (int n = degree; n >= 2; --n) sum = sum * (part.r * T(1.0 / n)) + T(1);
  typedef typename Bits<T>::Integers Integers;
  const Vector<T> h = (Vector<T>)(((Integers)part.shifted + (Bits<T>::bias - 1)) << Bits<T>::mantissa);
  return T(2) * (h * (part.r * sum) + (h - T(0.5)));
}
