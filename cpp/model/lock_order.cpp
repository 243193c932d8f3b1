#include "model/lock_order.hpp"

#include <algorithm>

namespace tracypy::model {
namespace {

/// A viewer counts in a byte how often one thread holds a lock.
constexpr unsigned kMostHolds = 255;

void add(std::vector<base::ThreadId>& threads, base::ThreadId thread) {
    if (std::ranges::find(threads, thread) == threads.end()) threads.push_back(thread);
}

}  // namespace

bool LockOrder::remove(Threads& threads, base::ThreadId thread) noexcept {
    return std::erase(threads, thread) != 0;
}

bool LockOrder::obtain(base::ThreadId thread) {
    if ((held_ != 0 && holder_ != thread) || !sharing_.empty() || held_ == kMostHolds) return false;
    if (!remove(waiting_, thread)) return false;
    holder_ = thread;
    ++held_;
    return true;
}

bool LockOrder::admit(const events::LockEvent& event) {
    using Kind = events::LockEventKind;
    switch (event.kind) {
        case Kind::Wait:
            add(waiting_, event.thread);
            return true;
        case Kind::WaitShared:
            add(waiting_to_share_, event.thread);
            return true;
        case Kind::Obtain:
            return obtain(event.thread);
        case Kind::ObtainShared:
            if (held_ != 0 || std::ranges::find(sharing_, event.thread) != sharing_.end()) return false;
            if (!remove(waiting_to_share_, event.thread)) return false;
            sharing_.push_back(event.thread);
            return true;
        case Kind::Release:
            if (held_ == 0) return false;
            --held_;
            return true;
        case Kind::ReleaseShared:
            return remove(sharing_, event.thread);
    }
    return false;
}

}  // namespace tracypy::model
