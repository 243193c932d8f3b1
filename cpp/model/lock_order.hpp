// What happened to one lock, held against what can happen: a viewer has no place for what cannot.
//
// Of a recording whose beginning was given up, the first events may be the second half of something.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::model {

/// Of one lock.
class LockOrder {
public:
    /// False: it has no place behind those before it.
    bool admit(const events::LockEvent& event);

private:
    using Threads = std::vector<base::ThreadId>;

    static bool remove(Threads& threads, base::ThreadId thread) noexcept;
    bool obtain(base::ThreadId thread);

    Threads waiting_, waiting_to_share_, sharing_;
    base::ThreadId holder_ = base::ThreadId::None;
    unsigned held_ = 0;
};

}  // namespace tracypy::model
