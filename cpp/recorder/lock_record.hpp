// What the trace says of one lock of the program, so that a viewer can follow: every thread waits before it obtains,
// only what is obtained is released, and what has happened before the session is nobody's.
//
// One thread at a time, and no session begins meanwhile: the caller holds the interpreter, or the lock's object. Only
// where a writer waits for room another thread may come in between.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.hpp"
#include "events/vocabulary.hpp"
#include "recorder/thread_buffer.hpp"

namespace tracypy::recorder {

class Recorder;

class LockRecord {
public:
    /// A viewer follows no more threads at one lock.
    static constexpr std::size_t kMostThreads = 64;

    /// `lock`: announced, or about to be.
    LockRecord(Recorder& recorder, std::uint32_t lock, bool is_shared) noexcept
        : recorder_(recorder), lock_(lock), is_shared_(is_shared) {}

    std::uint32_t lock() const noexcept { return lock_; }
    std::size_t threads() const noexcept { return threads_.size(); }
    /// Of a lock that is not shared; None: nobody has it, or that was not told.
    base::ThreadId holder() const noexcept { return holder_; }

    // Each with the calling thread's buffer, and throws std::bad_alloc.

    /// It cannot have the lock at once, and waits.
    void wait(ThreadBuffer& thread);
    /// It has the lock. A shared lock it may have several times, which is told once.
    void obtain(ThreadBuffer& thread);
    /// It is about to let go of the lock. Of a shared lock that it does not have: somebody else's share ends, whoever
    /// has had it longest.
    void release(ThreadBuffer& thread);

private:
    using Kind = events::LockEventKind;
    struct Share {
        base::ThreadId thread;
        std::uint32_t times;
    };

    /// Forgets what was told in another session.
    void look_up() noexcept;
    /// False: a viewer could not follow this thread here, which is counted.
    bool has_place(const ThreadBuffer& thread);
    bool write(ThreadBuffer& through, base::ThreadId thread, Kind kind);
    Kind shared_or(Kind shared, Kind exclusive) const noexcept { return is_shared_ ? shared : exclusive; }
    Share* share_of(base::ThreadId thread) noexcept;
    bool wait_told(ThreadBuffer& thread);
    void obtain_share(ThreadBuffer& thread);
    void release_share(ThreadBuffer& thread);

    Recorder& recorder_;
    std::uint32_t lock_;
    bool is_shared_;
    std::uint64_t session_ = 0;
    // As the viewer has been told in this session.
    std::vector<base::ThreadId> threads_;
    std::vector<base::ThreadId> waiting_;
    std::vector<Share> sharing_;
    base::ThreadId holder_ = base::ThreadId::None;
};

}  // namespace tracypy::recorder
