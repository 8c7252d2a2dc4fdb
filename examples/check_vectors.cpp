// A kernel in C++, checked against test vectors: every point, value and derivative, the tails and infinities included.
//
//     python -m acts vectors --only gelu --out vectors
//     g++ -std=c++17 -I vectors examples/check_vectors.cpp -o check_vectors && ./check_vectors
//
// -DWITH_GTEST ... -lgtest -pthread runs the same tests in GoogleTest, -DGELU=gelu_by_tanh those of a wrong kernel.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "gelu_float32.h"

#ifdef WITH_GTEST
#include <gtest/gtest.h>
#else  // as much of it as this file needs
static int failures = 0;
#define TEST(suite, name) static void suite##_##name()
#define EXPECT_EQ(a, b) failures += (a) != (b)
#endif

// -- the kernels: a value and a derivative ----------------------------------------------------------------------------

struct gelu {
    static float f(float x) {
        if (x < -100) return 0;  // and not -inf * 0
        return static_cast<float>(0.5 * x * std::erfc(-x / std::sqrt(2.0)));
    }
    static float df(float x) {
        if (std::isinf(x)) return x > 0;
        const double z = x, density = std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
        return static_cast<float>(0.5 * std::erfc(-z / std::sqrt(2.0)) + z * density);
    }
};

struct gelu_by_tanh {
    static float f(float x) { return 0.5f * x * (1 + std::tanh(0.79788456f * (x + 0.044715f * x * x * x))); }
    static float df(float x) { return gelu::df(x); }
};

// -- the check --------------------------------------------------------------------------------------------------------

static float number(std::uint32_t bits) {
    float found;
    std::memcpy(&found, &bits, sizeof found);
    return found;
}

static bool right(float y, float low, float high) {
    return (low <= y && y <= high) || (std::isnan(low) && std::isnan(y));
}

using numbers = const std::uint32_t*;

// How many points are wrong; each of them is printed.
static int wrong(const char* name, float (*f)(float), int points, numbers xs, numbers ys, numbers low, numbers high) {
    int found = 0;
    for (int i = 0; i < points; ++i) {
        const float x = number(xs[i]), y = f(x);
        if (right(y, number(low[i]), number(high[i]))) continue;
        std::printf("%s at x = %.9g (%a): got %.9g, wanted %.9g\n", name, x, x, y, number(ys[i]));
        ++found;
    }
    return found;
}

#define WRONG(kernel, name, f)                                                                            \
    wrong(#name " " #f, kernel::f, acts_##name##_points, acts_##name##_x, acts_##name##_##f,              \
          acts_##name##_##f##_low, acts_##name##_##f##_high)

#ifndef GELU
#define GELU gelu
#endif

TEST(Gelu, Value) { EXPECT_EQ(WRONG(GELU, gelu_float32, f), 0); }
TEST(Gelu, Derivative) { EXPECT_EQ(WRONG(GELU, gelu_float32, df), 0); }

int main([[maybe_unused]] int argc, [[maybe_unused]] char** argv) {
#ifdef WITH_GTEST
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
#else
    Gelu_Value();
    Gelu_Derivative();
    return failures > 0;
#endif
}
