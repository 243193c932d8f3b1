// The tables that turn ids back into text, as one object: what a session needs to answer a viewer.
//
// Programs make names for ever: code compiled at run time, zone(f"item {i}"), frame sets by the request. What this
// process keeps of them is bounded; behind the bounds a name costs nothing, and what has it counts as something else.
#pragma once

#include <mutex>
#include <string_view>
#include <unordered_set>

#include "base/callstacks.hpp"
#include "base/native_names.hpp"
#include "base/source_locations.hpp"
#include "base/string_table.hpp"
#include "base/thread_names.hpp"

namespace tracypy::base {

/// A source location whose texts are not in any table yet.
struct NewLocation {
    std::string_view function, file;
    std::uint32_t line = 0;
    std::uint32_t color = 0;
    const std::string_view* name = nullptr;  // null: none of its own
};

/// Names of one kind of thing: sets of frames, plots. Thread-safe; `mutex_` guards the set.
class LimitedNames {
public:
    static constexpr std::size_t kMost = 4'096;

    /// `others`: what all are called together that are behind the bounds.
    LimitedNames(StringTable& strings, std::string_view others) : strings_(strings), others_(others) {}

    /// The id of `name`, or behind the bounds that of the others.
    StringId intern(std::string_view name);
    /// That of the others.
    StringId others() { return strings_.intern(others_); }

    void lock() const { mutex_.lock(); }  // around a fork
    void unlock() const { mutex_.unlock(); }

private:
    StringTable& strings_;
    std::string_view others_;
    mutable std::mutex mutex_;
    std::unordered_set<StringId> names_;
};

struct Names {
    /// Of texts, in names() alone: what is read from a file or from another program is all kept.
    static constexpr std::size_t kMaxBytes = 64u << 20;

    StringTable strings;
    SourceLocationTable locations{strings};
    LimitedNames frames{strings, "other frames"};
    LimitedNames plots{strings, "other plots"};
    LimitedNames memory_pools{strings, "other memory"};
    LimitedNames sections{strings, "other sections"};
    LimitedNames parameters{strings, "other parameters"};  // of other programs
    CallstackTable callstacks;
    ThreadNames threads;
    NativeNames native;  // of a captured program; in names() there are none

    /// The id of a location; behind the bounds `Other`, unless it is known already. `may_add`: or there is no room.
    SourceLocationId locate(const NewLocation& location, bool may_add = true);

    /// What a text of a captured program reads that there is no room for.
    static constexpr std::string_view kNoRoom = "(more names than there is room for)";
    /// A text of a captured program. Where there is no room it is counted, and reads so.
    StringId keep(std::string_view text);
    /// Of texts, locations and the call stacks of machine code, roughly.
    std::size_t bytes() const noexcept;
    /// Texts, locations and call stacks of a captured program.
    std::uint64_t left_out = 0;

    void lock_for_fork() const {
        frames.lock();
        plots.lock();
        memory_pools.lock();
        sections.lock();
        parameters.lock();
        callstacks.lock();
        strings.lock();
        locations.lock();
        threads.lock();
    }
    void unlock_after_fork() const {
        threads.unlock();
        locations.unlock();
        strings.unlock();
        parameters.unlock();
        sections.unlock();
        memory_pools.unlock();
        callstacks.unlock();
        plots.unlock();
        frames.unlock();
    }
};

/// The tables of this process. Never destroyed: threads may still run while the process exits.
Names& names() noexcept;

}  // namespace tracypy::base
