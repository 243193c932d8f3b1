// What the program has said once for all: application information, how a plot is drawn. Whoever listens later gets it
// too, before the first event that needs it.
//
// It outlives sessions. Memory is bounded: of each kind there are so many, and what is said beyond that is left out,
// counted, and told.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "events/definition_table.hpp"
#include "events/event_sink.hpp"

namespace tracypy::recorder {

/// `mutex_` guards the table. It is never held while a sink works.
class Definitions {
public:
    static constexpr std::size_t kMostOfAKind = 4'096;

    // --- any thread ---
    /// Says it, in place of what was said before of the same thing. What the caller writes from now on may refer to it.
    /// False: there is no room for it, which is counted.
    template <events::Definition Event>
    bool define(const Event& event) noexcept {
        try {
            const std::lock_guard lock(mutex_);
            if (table_.put(event) != events::DefinitionTable::Put::Full) {
                // Release: who has read an event that refers to it sees that there is something new.
                version_.store(table_.version(), std::memory_order_release);
                return true;
            }
        } catch (...) {
            // Out of memory.
        }
        leave_out(Event::kKind);
        return false;
    }
    /// One that its maker had no room for.
    void leave_out(events::Kind kind) noexcept {
        left_out_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
    }
    /// What was said last of `subject`, the first field of the kind.
    template <events::Definition Event>
    std::optional<Event> find(std::uint64_t subject) const {
        const std::lock_guard lock(mutex_);
        const Event* const found = table_.find<Event>(subject);
        return found == nullptr ? std::nullopt : std::optional(*found);
    }

    // --- the drain, and start_session while it does not run ---
    void start_session() noexcept { told_ = 0; }
    /// What `sink` does not know yet. To be called when events were found and before they are handed on: whatever they
    /// refer to was said before they were written. Nearly always one load.
    void tell(events::EventSink& sink) {
        if (version_.load(std::memory_order_acquire) != told_) [[unlikely]] {
            tell_changes(sink);
        }
    }
    /// The kinds of which some were left out so far, in the plural.
    std::vector<std::string_view> left_out() const;

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    void tell_changes(events::EventSink& sink);

    mutable std::mutex mutex_;
    events::DefinitionTable table_{kMostOfAKind};
    std::atomic<std::uint64_t> version_{0};  // of the table; changes under mutex_
    std::array<std::atomic<std::uint64_t>, events::kMostKinds> left_out_{};

    std::uint64_t told_ = 0;                             // the version up to which the sink knows everything
    std::vector<events::DefinitionTable::Row> changes_;  // scratch
};

}  // namespace tracypy::recorder
