// The sections of the program's run that last at this moment: of a session that begins, the first thing that happens is
// that they do.
//
// Any thread; `mutex_` guards everything, and is never held while waiting for anything. What lasts is bounded by the
// program's own objects, which stand for it.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/ids.hpp"
#include "recorder/ordered_lane.hpp"

namespace tracypy::recorder {

class Recorder;
class ThreadBuffer;

class OpenSections {
public:
    explicit OpenSections(Recorder& recorder) noexcept : recorder_(recorder) {}

    /// The number of the category of that name, which is told to whoever listens; 0, that of all others, without room.
    /// Throws std::bad_alloc.
    std::uint16_t category(base::StringId name);
    /// Its number, by which it ends. `thread`: the caller's buffer, null between sessions. Throws std::bad_alloc.
    std::uint32_t begin(ThreadBuffer* thread, std::uint16_t category, base::StringId text);
    /// One that has ended already is no section any more. `thread`: as above, or the caller has none.
    void end(ThreadBuffer* thread, std::uint32_t section) noexcept;

    /// With the world stopped: `lane` is that of the session `session`, which begins.
    void start_session(OrderedLane& lane, std::uint64_t session) noexcept;

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    struct Open {
        std::uint16_t category;
        base::StringId text;
        std::uint64_t told;  // the session that has its begin; 0: none
    };

    Recorder& recorder_;
    std::mutex mutex_;
    std::uint32_t last_ = 0;
    std::unordered_map<std::uint32_t, Open> open_;
    std::unordered_map<base::StringId, std::uint16_t> categories_;
};

}  // namespace tracypy::recorder
