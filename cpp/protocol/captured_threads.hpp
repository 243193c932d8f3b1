// The rows of a captured program: its threads, and the fibers that run on them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "protocol/pending_queries.hpp"

namespace tracypy::protocol {

struct CapturedRow {
    base::ThreadId id;
    std::uint64_t number;  // the system's, or a fiber's
    bool is_fiber = false;
    std::int32_t group_hint = 0;
    std::uint32_t open_zones = 0;
    CapturedRow* fiber = nullptr;                                // of a thread: what runs on it now
    base::CallstackId next_callstack = base::CallstackId::None;  // sent ahead for the next event that has one
    /// A program may number its zones: what the next event names, and those of the open zones.
    std::uint32_t next_validation = 0;
    bool is_validated = false;
    std::vector<std::uint32_t> validations;
};

/// One thread. Rows never move.
class CapturedThreads {
public:
    CapturedThreads(base::Names& names, PendingQueries& queries, events::EventSink& sink)
        : names_(names), queries_(queries), sink_(sink) {}

    /// The row of a thread; one that is new is asked for its name.
    CapturedRow& notice(std::uint32_t thread);
    CapturedRow* find(std::uint32_t thread) noexcept;

    struct Switch {
        base::ThreadId before;  // the fiber that ran there until now, or None
        base::ThreadId fiber, thread;
    };
    Switch enter(std::uint64_t fiber, std::uint32_t thread, std::int32_t group_hint);
    /// Returns the fiber.
    base::ThreadId leave(std::uint32_t thread);
    void hint(std::uint32_t thread, std::int32_t group_hint);
    /// Answers.
    void named(std::uint64_t thread, std::string_view name);
    void fiber_named(std::uint64_t fiber, std::string_view name);

    std::uint64_t open_zones() const noexcept;
    /// What the rows take, roughly.
    std::size_t bytes() const noexcept {
        constexpr std::size_t kBytesEach = 320;
        return rows_.size() * kBytesEach + name_bytes_;
    }

private:
    /// Where the numbers of fibers begin, beyond those of threads; as in real trace files.
    static constexpr std::uint64_t kFirstFiber = std::uint64_t{1} << 32;

    CapturedRow& add(std::uint64_t number, bool is_fiber, std::int32_t group_hint, std::string_view name);
    void tell(const CapturedRow& row);

    base::Names& names_;
    PendingQueries& queries_;
    events::EventSink& sink_;
    std::vector<std::unique_ptr<CapturedRow>> rows_;
    std::unordered_map<std::uint32_t, CapturedRow*> threads_;
    std::unordered_map<std::uint64_t, CapturedRow*> fibers_;
    std::size_t name_bytes_ = 0;
};

}  // namespace tracypy::protocol
