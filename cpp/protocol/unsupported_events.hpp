// What a capture has no place for: counted, so that it can be told.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "protocol/schema.hpp"

namespace tracypy::protocol {

struct UnsupportedEvents {
    std::string_view what;  // in the plural: "lock events"
    std::uint64_t count;
};

/// One thread.
class UnsupportedCounts {
public:
    void count(WireEvent event) noexcept { ++events_[static_cast<std::size_t>(event)]; }
    /// What a sink could have kept, had it made sense.
    void count_misfit(std::string_view what);

    /// Those that came at all, many kinds of event as one entry. Events that only go with another are none.
    std::vector<UnsupportedEvents> list() const;

private:
    std::array<std::uint64_t, kWireEventCount> events_{};
    std::vector<UnsupportedEvents> misfits_;
};

}  // namespace tracypy::protocol
