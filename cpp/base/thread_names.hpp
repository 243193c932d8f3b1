// The names of the viewer's rows. Written under the interpreter's lock, read by the thread that serves the viewer.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/ids.hpp"

namespace tracypy::base {

/// The row on which tracypy itself speaks.
inline constexpr ThreadId kNoticeThread{0xFFFF'FFF0u};

/// The name of a row that many threads have had, one after the other.
std::string shared_row_name(std::uint64_t threads);
/// How many threads a row stands for: 1, but for those above.
std::uint64_t threads_of_row(ThreadId row, std::string_view name) noexcept;

/// Thread-safe.
class ThreadNames {
public:
    void set(ThreadId thread, std::string_view name);
    void keep_only(const std::unordered_set<ThreadId>& threads);
    /// The name of `thread`; "thread N" for one that never got a name.
    std::string find(ThreadId thread) const;
    /// Grows with every set(): whoever keeps a copy sees whether it is still right.
    std::uint64_t version() const noexcept;

    void lock() const { mutex_.lock(); }  // around a fork
    void unlock() const { mutex_.unlock(); }

private:
    mutable std::mutex mutex_;
    std::unordered_map<ThreadId, std::string> names_;
    std::uint64_t version_ = 0;
};

}  // namespace tracypy::base
