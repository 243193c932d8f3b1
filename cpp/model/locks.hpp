// Locks: who waited for them, held them, and for how long.
#pragma once

#include <cstdint>
#include <vector>

#include "model/source_locations.hpp"

namespace tracypy::model {

struct LockEvent {
    /// As trace files number them.
    enum class Kind : std::uint8_t { Wait = 0, Obtain = 1, Release = 2, WaitShared, ObtainShared, ReleaseShared };

    std::int64_t time_ns;
    std::uint8_t thread;  // index into the lock's threads
    Kind kind;
};

struct Lock {
    /// A viewer has room for no more at one lock.
    static constexpr std::size_t kMostThreads = 64;

    std::uint32_t id = 0;
    LocationIndex location = 0;
    bool is_shared = false;
    std::int64_t made_ns = 0;
    std::vector<std::uint64_t> threads;  // their ids
    std::vector<LockEvent> events;       // by time
};

}  // namespace tracypy::model
