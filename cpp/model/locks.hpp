// Locks: who waited for them, held them, and for how long.
#pragma once

#include <cstdint>
#include <vector>

#include "model/source_locations.hpp"
#include "model/strings.hpp"

namespace tracypy::model {

struct LockEvent {
    /// As trace files number them.
    enum class Kind : std::uint8_t { Wait = 0, Obtain = 1, Release = 2, WaitShared, ObtainShared, ReleaseShared };

    std::int64_t time_ns;
    std::uint8_t thread;  // index into the lock's threads
    Kind kind;
    LocationIndex mark = kNoMark;  // where the program was, if it said so

    static constexpr LocationIndex kNoMark = 0xFFFF'FFFF;
};

struct Lock {
    /// A viewer has room for no more at one lock.
    static constexpr std::size_t kMostThreads = 64;

    std::uint32_t id = 0;
    LocationIndex location = 0;
    TextId name = TextId::None;  // None: that of its location
    bool is_shared = false;
    bool is_announced = true;
    std::int64_t made_ns = 0;
    std::int64_t ended_ns = 0;           // 0: it was there to the end
    std::vector<std::uint64_t> threads;  // their ids
    std::vector<LockEvent> events;       // by time
};

}  // namespace tracypy::model
