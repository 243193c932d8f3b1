// The three tables that turn ids back into text, as one object: what a session needs to answer a viewer.
#pragma once

#include "base/source_locations.hpp"
#include "base/string_table.hpp"
#include "base/thread_names.hpp"

namespace tracypy::base {

struct Names {
    StringTable strings;
    SourceLocationTable locations{strings};
    ThreadNames threads;

    void lock_for_fork() const {
        strings.lock();
        locations.lock();
        threads.lock();
    }
    void unlock_after_fork() const {
        threads.unlock();
        locations.unlock();
        strings.unlock();
    }
};

/// The tables of this process. Never destroyed: threads may still run while the process exits.
Names& names() noexcept;

}  // namespace tracypy::base
