// How long the calls of a function took, all of them, in memory that does not grow with their number.
//
// A few are kept as they are. Of many, the short ones are counted by their length; long ones are few, for each takes
// its time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "analysis/functions.hpp"

namespace tracypy::analysis {

/// add() all, then describe().
class Durations {
public:
    void add(std::int64_t duration_ns) {
        ++count_;
        if (pages_ == nullptr || duration_ns >= kCounted) {
            values_.push_back(duration_ns);
            if (pages_ == nullptr && values_.size() > kFew) count_values();
        } else {
            count(duration_ns);
        }
    }
    std::uint64_t size() const noexcept { return count_; }

    /// Sets what is said of a distribution.
    void describe(FunctionStats& stats);

private:
    static constexpr std::int64_t kPage = 256, kPages = 256, kCounted = kPage * kPages;
    static constexpr std::size_t kFew = 4096;
    using Page = std::array<std::uint32_t, kPage>;
    using Pages = std::array<std::unique_ptr<Page>, kPages>;

    void count(std::int64_t duration_ns) {
        std::unique_ptr<Page>& page = (*pages_)[static_cast<std::size_t>(duration_ns / kPage)];
        if (!page) page = std::make_unique<Page>();
        ++(*page)[static_cast<std::size_t>(duration_ns % kPage)];
    }
    void count_values();
    /// Calls `use(duration, count)`, the shortest first.
    template <typename Use>
    void each(Use&& use) const;

    std::vector<std::int64_t> values_;
    std::unique_ptr<Pages> pages_;
    std::uint64_t count_ = 0;
};

}  // namespace tracypy::analysis
