#include "model/lock_builder.hpp"

#include <algorithm>

namespace tracypy::model {

Lock* LockBuilder::find(std::uint32_t id, std::vector<Lock>& locks) const {
    const auto known = places_.find(id);
    return known == places_.end() ? nullptr : &locks[known->second];
}

void LockBuilder::take(const events::LockAnnounce& lock, base::Ticks made, LocationIndex location,
                       std::vector<Lock>& locks) {
    if (!places_.try_emplace(lock.lock, locks.size()).second) return;
    orders_.emplace_back();
    Lock& added = locks.emplace_back();
    added.id = lock.lock;
    added.location = location;
    added.is_shared = lock.is_shared;
    added.made_ns = made;
}

// Times of one lock never go back.
bool LockBuilder::take(const events::LockEvent& event, std::uint64_t thread, std::vector<Lock>& locks) {
    Lock* const lock = find(event.lock, locks);
    if (lock == nullptr) return false;
    auto place = std::ranges::find(lock->threads, thread);
    const bool is_new = place == lock->threads.end();
    if (is_new && lock->threads.size() == Lock::kMostThreads) return false;
    if (!takes_as_told_) {
        std::unique_ptr<LockOrder>& order = orders_[static_cast<std::size_t>(lock - locks.data())];
        if (order == nullptr) order = std::make_unique<LockOrder>();
        if (!order->admit(event)) return false;
    }
    if (is_new) place = lock->threads.insert(place, thread);
    const std::int64_t before = lock->events.empty() ? lock->made_ns : lock->events.back().time_ns;
    lock->events.push_back({std::max(event.ticks, before), static_cast<std::uint8_t>(place - lock->threads.begin()),
                            static_cast<LockEvent::Kind>(event.kind)});
    return true;
}

bool LockBuilder::take(const events::LockName& name, std::vector<Lock>& locks) {
    const Lock* const lock = find(name.lock, locks);
    if (lock != nullptr) names_.emplace_back(static_cast<std::size_t>(lock - locks.data()), name.name);
    return lock != nullptr;
}

bool LockBuilder::take(const events::LockEnd& end, std::vector<Lock>& locks) {
    Lock* const lock = find(end.lock, locks);
    if (lock != nullptr) lock->ended_ns = std::max(end.ticks, lock->made_ns);
    return lock != nullptr;
}

bool LockBuilder::take(const events::LockMark& mark, std::uint64_t thread, LocationIndex location,
                       std::vector<Lock>& locks) {
    Lock* const lock = find(mark.lock, locks);
    if (lock == nullptr) return false;
    const auto known = std::ranges::find(lock->threads, thread);
    const auto number = static_cast<std::uint8_t>(known - lock->threads.begin());
    const auto is_step = [&](const LockEvent& step) {
        return step.thread == number && step.kind != LockEvent::Kind::Release &&
               step.kind != LockEvent::Kind::ReleaseShared;
    };
    const auto step = std::find_if(lock->events.rbegin(), lock->events.rend(), is_step);
    if (known == lock->threads.end() || step == lock->events.rend()) return false;
    step->mark = location;
    return true;
}

}  // namespace tracypy::model
