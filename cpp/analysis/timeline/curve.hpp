// A curve as it is drawn: where points are narrower than a pixel, the lowest and the highest of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/memory.hpp"
#include "model/plots.hpp"

namespace tracypy::analysis {

/// Points that lie within a pixel. The layout is plain: it goes to the page as it is.
struct DrawnPoints {
    double first_ns, last_ns;
    double first, last;  // values
    double lowest, highest;
    double count;
};
static_assert(sizeof(DrawnPoints) == 56);

class Curve {
public:
    explicit Curve(std::vector<model::PlotPoint> points);
    /// How many bytes of a pool are in use, over time.
    static Curve of_pool(const model::MemoryPool& pool);

    std::size_t size() const noexcept { return points_.size(); }
    double lowest() const noexcept { return lowest_; }
    double highest() const noexcept { return highest_; }
    /// What lies in a span, with a point more on either side, for lines lead there.
    std::vector<DrawnPoints> draw(std::int64_t from_ns, std::int64_t to_ns, std::int64_t pixel_ns) const;

private:
    static constexpr std::size_t kFanOut = 16;
    struct Extremes {
        double lowest, highest;
    };

    Extremes extremes(std::size_t first, std::size_t last) const noexcept;

    std::vector<model::PlotPoint> points_;
    std::vector<std::vector<Extremes>> levels_;  // of 16 points, of 16 times 16, …
    double lowest_ = 0, highest_ = 0;
};

}  // namespace tracypy::analysis
