// Vectors as wide as the machine's registers, by the vector extension that GCC and Clang share.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#if defined(__AVX512F__)
constexpr int BYTES = 64;
#elif defined(__AVX__)
constexpr int BYTES = 32;
#else
constexpr int BYTES = 16;
#endif
// Sums in registers: ROWS x GROUP of them leave a few of the 32 or 16 registers for the factors.
constexpr int ROWS = 6;
constexpr int GROUP = BYTES == 64 ? 4 : 2;

template <class T> struct VectorOf { typedef T type __attribute__((vector_size(BYTES))); };
template <class T> using Vector = typename VectorOf<T>::type;
template <class T> constexpr int LANES = BYTES / sizeof(T);

template <class T> inline Vector<T> load(const T* from) {
  Vector<T> v;
  std::memcpy(&v, from, BYTES);
  return v;
}

template <class T> inline void store(T* to, Vector<T> v) { std::memcpy(to, &v, BYTES); }

template <class T> inline Vector<T> all(T value) { return Vector<T>{} + value; }

template <class T> inline T sum_of_lanes(Vector<T> v) {
  T lanes[LANES<T>];
  store(lanes, v);
#pragma GCC unroll 8
  for (int half = LANES<T> / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

// Keeps a vector that is used several times in a register: else GCC reads it again from memory for each use.
template <class V> inline void keep([[maybe_unused]] V& v) {
#if defined(__x86_64__)
  asm("" : "+v"(v));
#endif
}

// How numbers of the type are made of bits.
template <class T> struct Bits {
  static constexpr bool is_single = sizeof(T) == 4;
  typedef std::conditional_t<is_single, int32_t, int64_t> Integer;
  typedef Integer Integers __attribute__((vector_size(BYTES)));
  static constexpr int mantissa = is_single ? 23 : 52, bias = is_single ? 127 : 1023;
};

// The parts of x = k log 2 + r with |r| <= log(2)/2. The lowest bits of `shifted` are the integer k.
template <class T> struct Reduced {
  Vector<T> shifted, k, r;
};

// Reduces x, brought to between `low` and `high` before; NaN stays NaN.
template <class T> inline Reduced<T> reduced(Vector<T> x, Vector<T> low, Vector<T> high) {
  constexpr bool is_single = Bits<T>::is_single;
  // log 2 in two parts: k times the first is exact.
  constexpr T log2_high = is_single ? T(0.693359375) : T(6.93147180369123816490e-01);
  constexpr T log2_low = is_single ? T(-2.12194440e-4) : T(1.90821492927058770002e-10);
  // Adding and taking away 1.5 * 2^mantissa rounds to the nearest integer.
  constexpr T rounder = T(typename Bits<T>::Integer(3) << (Bits<T>::mantissa - 1));
  Vector<T> t = x < low ? low : x;
  t = t > high ? high : t;
  const Vector<T> shifted = t * T(1.4426950408889634) + rounder, k = shifted - rounder;
  return {shifted, k, (t - k * log2_high) - k * log2_low};
}

// exp(x) = 2^k exp(r), where Taylor's polynomial of the degree below is exact to a rounding. Near the smallest normal
// number and below it the result is 0, near the largest float and above it infinity; NaN stays NaN.
template <class T> inline Vector<T> exponential(Vector<T> x) {
  constexpr int degree = Bits<T>::is_single ? 7 : 13, mantissa = Bits<T>::mantissa, bias = Bits<T>::bias;
  constexpr T lowest = Bits<T>::is_single ? T(-87.33) : T(-708.39);
  constexpr T highest = Bits<T>::is_single ? T(88.722) : T(709.782);
  const Vector<T> low = all(lowest), high = all(highest);
  const Reduced<T> part = reduced<T>(x, low, high);
  Vector<T> sum = all(T(1));
#pragma GCC unroll 16
  for (int n = degree; n >= 1; --n) sum = sum * (part.r * T(1.0 / n)) + T(1);
  // Two factors, as 2^128 is beyond the largest float while exp(highest) is not.
  typedef typename Bits<T>::Integers Integers;
  const Integers whole = __builtin_convertvector(part.k, Integers), half = whole >> 1;
  sum = sum * (Vector<T>)((half + bias) << mantissa) * (Vector<T>)((whole - half + bias) << mantissa);
  sum = x > high ? all(std::numeric_limits<T>::infinity()) : sum;
  return x < low ? Vector<T>{} : sum;
}
