// The squared loss of rectifier networks on the plane and its field, by prefix sums over samples sorted by angle, a
// network at a time: as numerics/sorted_gradient.py does it for all of them, step by step.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <limits>
#include <vector>

#if defined(_OPENMP)
#include <omp.h>
#define THREAD omp_get_thread_num()
#else
#define THREAD 0
#endif

// As SortedObjective has them: `at` (N + 1,) are the slopes and NaN.
struct Tables {
  const double* at;
  const int64_t *next, *ends;
  const double* sums;
  double y_square;
  int64_t samples;
};

// So many searches side by side, as each waits for memory, and so many ends that are ranked, not sorted.
constexpr int GROUP = 8, FEW = 32;

// How many slopes are below each kink, in groups: the same steps for all, without branches that nobody can predict.
inline void count_below(const double* slopes, int64_t samples, const double* kinks, int64_t groups, int64_t* below) {
  for (int64_t first = 0; first < groups * GROUP; first += GROUP) {
    double kink[GROUP];
    const double* from[GROUP];
    for (int k = 0; k < GROUP; ++k) {
      kink[k] = kinks[first + k];
      from[k] = slopes;
    }
    for (int64_t count = samples, half; count > 1; count -= half) {
      half = count / 2;
#pragma GCC unroll 8
      for (int k = 0; k < GROUP; ++k) from[k] += half & -int64_t(from[k][half - 1] < kink[k]);
    }
    for (int k = 0; k < GROUP; ++k) below[first + k] = from[k] - slopes + (*from[k] < kink[k]);
  }
}

// The order of places. A few are ranked: each is compared with each, again without branches.
inline void sort_places(const int64_t* places, int64_t count, int64_t* order) {
  if (count > FEW) {
    for (int64_t i = 0; i < count; ++i) order[i] = i;
    std::sort(order, order + count, [places](int64_t i, int64_t j) { return places[i] < places[j]; });
    return;
  }
  int64_t keys[FEW], ranks[FEW] = {};
  for (int64_t i = 0; i < count; ++i) keys[i] = places[i] * count + i;  // no two are equal
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = 0; j < count; ++j) ranks[j] += keys[i] < keys[j];
  for (int64_t i = 0; i < count; ++i) order[ranks[i]] = i;
}

// Working space of a network. The arc of neuron k begins at places[2k] and ends at places[2k + 1].
struct Space {
  int64_t groups;
  std::vector<int64_t> below, places, order;
  std::vector<double> kinks, u, reached;
  std::vector<char> around;
  explicit Space(int64_t width)
      : groups((width + GROUP - 1) / GROUP), below(groups * GROUP), places(2 * width), order(2 * width),
        kinks(groups * GROUP), u(2 * width), reached(4 * width), around(width) {}
};

template <class T>
void network(const Tables& tables, const T* W1, const T* W2, int64_t width, double beta, double step, Space& space,
             T* loss, T* field) {
  for (int64_t k = 0; k < width; ++k) {
    const double w1 = W1[2 * k], w2 = W1[2 * k + 1];
    space.kinks[k] = w2 == 0 ? std::numeric_limits<double>::infinity() : -w1 / w2;
  }
  count_below(tables.at, tables.samples, space.kinks.data(), space.groups, space.below.data());
  double start[2] = {0, 0}, everywhere[2] = {0, 0};
  for (int64_t k = 0; k < width; ++k) {
    const double w1 = W1[2 * k], w2 = W1[2 * k + 1], a = W2[k];
    const bool upright = w2 == 0, down = w2 < 0 || (upright && w1 > 0);
    const int64_t below = space.below[k], left = tables.samples + 1;
    const int64_t upto = tables.at[below] == space.kinks[k] ? tables.next[below] : below;
    const int64_t first = tables.ends[upto + down * left], last = tables.ends[below + !down * left];
    space.places[2 * k] = first;
    space.places[2 * k + 1] = upright && w1 == 0 ? first : last;
    space.around[k] = down;
    for (int i = 0; i < 2; ++i) {
      const double u = a * (i ? w2 : w1);
      space.u[2 * k + i] = u;
      everywhere[i] += u;
      if (down) start[i] += u;
    }
  }
  sort_places(space.places.data(), 2 * width, space.order.data());
  // Each cell ends at its place; the first one is also what lies past the last.
  const double *whole = tables.sums + 5 * tables.samples, *before = tables.sums + 5 * space.places[space.order.back()];
  double turns[2] = {start[0], start[1]}, reached[2] = {0, 0}, total = tables.y_square;
  for (int64_t j = 0; j < 2 * width; ++j) {
    const int64_t end = space.order[j], k = end / 2;
    const double* sums = tables.sums + 5 * space.places[end];
    double cell[5], slope[2], g[2];
    for (int i = 0; i < 5; ++i) cell[i] = sums[i] - before[i] + (j ? 0 : whole[i]);
    for (int i = 0; i < 2; ++i) slope[i] = step * turns[i] + beta * everywhere[i];
    for (int i = 0; i < 2; ++i) {
      g[i] = cell[i] * slope[0] + cell[i + 1] * slope[1] - cell[3 + i];
      total += slope[i] * (g[i] - cell[3 + i]);
      reached[i] += g[i];
      space.reached[2 * end + i] = reached[i];
      turns[i] += end % 2 ? -space.u[2 * k + i] : space.u[2 * k + i];
    }
    before = sums;
  }
  *loss = T(total);
  for (int64_t k = 0; k < width; ++k)
    for (int i = 0; i < 2; ++i) {
      const double *ends = &space.reached[4 * k + i], inside = ends[2] - ends[0] + (space.around[k] ? reached[i] : 0);
      field[2 * k + i] = T(2 * (step * inside + beta * reached[i]));
    }
}

// Returns whether there was memory to work in: no exception may leave a parallel region, or C++.
template <class T>
bool networks(const Tables& tables, const T* W1, const T* W2, int64_t n, int64_t width, double beta, double step,
              T* loss, T* field, int threads) {
  std::vector<Space> spaces;
  try {
    spaces.assign(threads, Space(width));
  } catch (const std::exception&) {
    return false;
  }
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t k = 0; k < n; ++k)
    network(tables, W1 + 2 * k * width, W2 + k * width, width, beta, step, spaces[THREAD], loss + k,
            field + 2 * k * width);
  return true;
}

#define PREFIX_SUMS(NAME, T)                                                                                           \
  extern "C" bool NAME(const double* at, const int64_t* next, const int64_t* ends, const double* sums,                 \
                       double y_square, int64_t samples, const T* W1, const T* W2, int64_t n, int64_t width,           \
                       double beta, double step, T* loss, T* field, int threads) {                                     \
    return networks<T>({at, next, ends, sums, y_square, samples}, W1, W2, n, width, beta, step, loss, field, threads); \
  }
PREFIX_SUMS(prefix_sums_float32, float)
PREFIX_SUMS(prefix_sums_float64, double)
