#include "recorder/lock_record.hpp"

#include <algorithm>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {
namespace {

bool contains(const std::vector<base::ThreadId>& threads, base::ThreadId thread) noexcept {
    return std::ranges::find(threads, thread) != threads.end();
}

}  // namespace

void LockRecord::look_up() noexcept {
    const std::uint64_t session = recorder_.session();
    if (session == session_) [[likely]] {
        return;
    }
    session_ = session;
    threads_.clear();
    waiting_.clear();
    sharing_.clear();
    holder_ = base::ThreadId::None;
}

// Threads that share a row could be told to wait while they hold.
bool LockRecord::has_place(const ThreadBuffer& thread) {
    if (contains(threads_, thread.id())) [[likely]] {
        return true;
    }
    if (thread.has_own_row() && threads_.size() < kMostThreads) {
        threads_.push_back(thread.id());
        return true;
    }
    recorder_.policy().count(Lost::LockThread);
    return false;
}

// What ends something that is recorded has room always.
bool LockRecord::write(ThreadBuffer& through, base::ThreadId thread, Kind kind) {
    const std::uint64_t session = session_;
    const bool is_end = kind == Kind::Release || kind == Kind::ReleaseShared;
    const bool is_written =
        through.write_shared(events::LockEvent{.lock = lock_, .thread = thread, .kind = kind}, is_end);
    return is_written && recorder_.session() == session;
}

LockRecord::Share* LockRecord::share_of(base::ThreadId thread) noexcept {
    const auto found = std::ranges::find(sharing_, thread, &Share::thread);
    return found == sharing_.end() ? nullptr : &*found;
}

void LockRecord::wait(ThreadBuffer& thread) {
    look_up();
    if (share_of(thread.id()) == nullptr && has_place(thread)) (void)wait_told(thread);
}

bool LockRecord::wait_told(ThreadBuffer& thread) {
    if (contains(waiting_, thread.id())) return true;
    waiting_.reserve(waiting_.size() + 1);
    if (!write(thread, thread.id(), shared_or(Kind::WaitShared, Kind::Wait))) return false;
    waiting_.push_back(thread.id());
    return true;
}

void LockRecord::obtain(ThreadBuffer& thread) {
    look_up();
    if (is_shared_) return obtain_share(thread);
    // The end of what somebody else had was not seen: the lock was reset, or let go of by an instruction of its own.
    if (holder_ != base::ThreadId::None) release(thread);
    if (!has_place(thread) || !wait_told(thread)) return;
    if (!write(thread, thread.id(), Kind::Obtain)) return;
    std::erase(waiting_, thread.id());
    holder_ = thread.id();
}

void LockRecord::release(ThreadBuffer& thread) {
    look_up();
    if (is_shared_) return release_share(thread);
    if (holder_ == base::ThreadId::None) return;
    const base::ThreadId holder = holder_;
    holder_ = base::ThreadId::None;
    (void)write(thread, holder, Kind::Release);
}

void LockRecord::obtain_share(ThreadBuffer& thread) {
    if (Share* const share = share_of(thread.id())) {
        ++share->times;
        return;
    }
    if (!has_place(thread) || !wait_told(thread)) return;
    sharing_.reserve(sharing_.size() + 1);
    if (!write(thread, thread.id(), Kind::ObtainShared)) return;
    std::erase(waiting_, thread.id());
    sharing_.push_back({thread.id(), 1});
}

void LockRecord::release_share(ThreadBuffer& thread) {
    Share* share = share_of(thread.id());
    if (share == nullptr && !sharing_.empty()) share = &sharing_.front();
    if (share == nullptr || --share->times != 0) return;
    const base::ThreadId holder = share->thread;
    std::erase_if(sharing_, [holder](const Share& one) { return one.thread == holder; });
    (void)write(thread, holder, Kind::ReleaseShared);
}

}  // namespace tracypy::recorder
