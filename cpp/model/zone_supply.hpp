// Who gives the zones of a trace: tables that hold them all, or a file that is read once more. The counterpart of
// ZoneSink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::model {

class ZoneSupply {
public:
    /// Some zones of a thread, and for each the time in its direct children, of those that have an end.
    struct Batch {
        std::span<const Zone> zones;
        std::span<const std::int64_t> children_ns;  // empty where they were not asked for
    };

    virtual ~ZoneSupply() = default;

    /// Goes to a thread; forwards is what costs least. `with_children`: whether their times are wanted.
    virtual void start(std::size_t thread, bool with_children) = 0;
    /// The thread's next zones, in the order in which they began; none when there are no more. Good until the next
    /// call.
    virtual Batch more() = 0;
};

/// `trace` must outlive it.
class TableSupply final : public ZoneSupply {
public:
    explicit TableSupply(const Trace& trace) : trace_(trace) {}

    void start(std::size_t thread, bool with_children) override;
    Batch more() override;

private:
    const Trace& trace_;
    Batch next_;
    std::vector<std::int64_t> children_ns_;
};

/// What a zone adds to the time in the children of the one around.
inline std::int64_t time_in(const Zone& zone) noexcept {
    if (zone.end_ns <= zone.start_ns) return 0;  // which the end of one that never ended is
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(zone.end_ns) -
                                     static_cast<std::uint64_t>(zone.start_ns));
}

/// A sum of files of others may be too large; then it is wrong, but a number.
inline void add_time(std::int64_t& sum, std::int64_t more) noexcept {
    sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(more));
}

}  // namespace tracypy::model
