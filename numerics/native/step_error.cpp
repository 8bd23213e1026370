// The size of how fast networks with one output move, in tolerances: for each, the root of the summed squares of its
// velocities over what their parameters may err by. The velocities are those that a combination of fields gives.

#include <cmath>
#include <cstdint>

// The parameters of n networks with d inputs; b1 and b2 may be null.
template <class T> struct Point { const T *W1, *W2, *b1, *b2; };

template <class T> struct Fields {
  const T *const *v, *const *v_b, *const *v_2;  // of the neurons, of their biases, of the outputs
  const T* weights;  // (n, count)
  int64_t count;
};

template <class T> struct Rates { T hidden, output, degree; };
template <class T> struct Tolerance { T relative, absolute; };

template <class T>
void step_error(const Point<T>& here, const Point<T>& there, const Fields<T>& fields, int64_t n, int64_t width,
                int64_t d, Rates<T> rates, Tolerance<T> tolerance, T* size) {
  for (int64_t k = 0; k < n; ++k) {
    const T* weights = fields.weights + k * fields.count;
    T sum = 0;
    const auto combined = [&](const T* const* parts, int64_t at) {
      T value = 0;
      for (int64_t i = 0; i < fields.count; ++i) value += weights[i] * parts[i][at];
      return value;
    };
    const auto add = [&](T velocity, const T* from, const T* to, int64_t at) {
      const T one = std::abs(from[at]), other = std::abs(to[at]), larger = one > other ? one : other;
      const T scaled = velocity / (tolerance.absolute + tolerance.relative * larger);
      sum += scaled * scaled + 0 * to[at];  // NaN where a parameter is not finite
    };
    for (int64_t u = k * width; u < (k + 1) * width; ++u) {
      const T a = there.W2[u] * rates.hidden;
      T along = 0;
      for (int64_t at = u * d; at < (u + 1) * d; ++at) {
        const T v = combined(fields.v, at);
        along += v * there.W1[at];
        add(a * v, here.W1, there.W1, at);
      }
      if (there.b1) {
        const T v = combined(fields.v_b, u);
        along += v * there.b1[u];
        add(a * v, here.b1, there.b1, u);
      }
      add(along * rates.output / rates.degree, here.W2, there.W2, u);
    }
    if (there.b2) add(combined(fields.v_2, k) * rates.output, here.b2, there.b2, k);
    size[k] = std::sqrt(sum);
  }
}

#define STEP_ERROR(NAME, T)                                                                                            \
  extern "C" void NAME(const T* W1, const T* W2, const T* b1, const T* b2, const T* W1_after, const T* W2_after,       \
                       const T* b1_after, const T* b2_after, const T* weights, const T* const* v,                      \
                       const T* const* v_b, const T* const* v_2, int64_t fields, int64_t n, int64_t width, int64_t d,  \
                       double hidden, double output, double degree, double relative, double absolute, T* size) {       \
    step_error<T>({W1, W2, b1, b2}, {W1_after, W2_after, b1_after, b2_after}, {v, v_b, v_2, weights, fields}, n,       \
                  width, d, {T(hidden), T(output), T(degree)}, {T(relative), T(absolute)}, size);                      \
  }
STEP_ERROR(step_error_float32, float)
STEP_ERROR(step_error_float64, double)
