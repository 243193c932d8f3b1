// What each function cost, added up while its zones go by: nothing is kept of the zones themselves.
//
// Calls and times are those of functions.hpp. How long calls took is known to an eighth: their number in each step of a
// scale, of which eight double the time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "analysis/zone_walk.hpp"
#include "model/parts.hpp"

namespace tracypy::analysis {

/// The steps of the scale: 0 to 7 as they are, then eight for each power of two.
struct TimeScaleSteps {
    static constexpr std::size_t kCount = 8 + 60 * 8;

    static std::size_t of(std::int64_t duration_ns) noexcept {
        const auto value = static_cast<std::uint64_t>(duration_ns);
        if (value < 8) return static_cast<std::size_t>(value);
        const auto power = static_cast<unsigned>(std::bit_width(value)) - 4;
        return 8 + power * 8 + static_cast<std::size_t>((value >> power) & 7);
    }
    /// Where a step begins.
    static std::int64_t start(std::size_t step) noexcept {
        if (step < 8) return static_cast<std::int64_t>(step);
        return static_cast<std::int64_t>(8 + step % 8) << (step / 8 - 1);
    }
};

struct FunctionSum {
    std::uint64_t calls = 0;
    std::uint64_t primitive_calls = 0;
    std::int64_t total_ns = 0;
    std::int64_t self_ns = 0;
    std::int64_t min_ns = kMostNs;
    std::int64_t max_ns = 0;
    double squares = 0;  // of the durations
    double sum = 0;      // of the durations
    std::unique_ptr<std::array<std::uint32_t, TimeScaleSteps::kCount>> steps;
};

/// One thread's zones after the other's, each from begin() to end().
class FunctionSums {
public:
    explicit FunctionSums(const model::Trace& trace);

    void begin(model::LocationIndex location);
    void end(std::int64_t duration_ns);

    /// By location.
    const std::vector<FunctionSum>& sums() const noexcept { return sums_; }

private:
    friend class TimelineStore;
    struct Open {
        model::LocationIndex location;
        std::int64_t children_ns;
    };

    model::Parts parts_;
    std::vector<FunctionSum> sums_;
    std::vector<std::uint32_t> running_;
    std::vector<Open> open_;
};

}  // namespace tracypy::analysis
