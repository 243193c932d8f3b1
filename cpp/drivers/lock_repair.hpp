// What a Tracy client says of its locks, in an order in which it can have happened.
//
// A client says that it has released a lock after it has: by then another thread may have said that it has it. And who
// only tries a lock says that he has got it, and not that he waited.
#pragma once

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "events/vocabulary.hpp"

namespace tracypy::drivers {

/// One thread.
class LockRepair {
public:
    /// Calls `hand_on(event)` for what can have happened by now.
    template <typename HandOn>
    void take(events::LockEvent event, const HandOn& hand_on) {
        using Kind = events::LockEventKind;
        Lock& lock = locks_[event.lock];
        switch (event.kind) {
            case Kind::Wait:
            case Kind::WaitShared:
                lock.waiting.insert(event.thread);
                return hand_on(event);
            case Kind::Obtain:
            case Kind::ObtainShared:
                if (lock.holds != 0 && lock.holder != event.thread) {
                    if (lock.early.size() < kMostEarly) lock.early.push_back(event);
                    return;
                }
                if (lock.waiting.erase(event.thread) == 0) hand_on(wait_for(event));
                if (event.kind == Kind::Obtain) {
                    lock.holder = event.thread;
                    ++lock.holds;
                }
                return hand_on(event);
            case Kind::Release:
                hand_on(event);
                if (lock.holds != 0 && --lock.holds == 0) take_early(lock, event.ticks, hand_on);
                return;
            case Kind::ReleaseShared:
                return hand_on(event);
        }
    }

    /// What is remembered of the locks, roughly.
    std::size_t bytes() const noexcept {
        constexpr std::size_t kBytesEach = 256;
        return locks_.size() * kBytesEach;
    }

private:
    static constexpr std::size_t kMostEarly = 64;

    struct Lock {
        base::ThreadId holder = base::ThreadId::None;
        unsigned holds = 0;
        std::unordered_set<base::ThreadId> waiting;
        std::vector<events::LockEvent> early;
    };

    static events::LockEvent wait_for(events::LockEvent event) noexcept {
        using Kind = events::LockEventKind;
        event.kind = event.kind == Kind::Obtain ? Kind::Wait : Kind::WaitShared;
        return event;
    }

    template <typename HandOn>
    void take_early(Lock& lock, base::Ticks released, const HandOn& hand_on) {
        for (events::LockEvent event : std::exchange(lock.early, {})) {
            event.ticks = std::max(event.ticks, released);
            take(event, hand_on);
        }
    }

    std::unordered_map<std::uint32_t, Lock> locks_;
};

}  // namespace tracypy::drivers
