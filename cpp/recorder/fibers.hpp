// The fibers of one thread: what is suspended and goes on later, each with a row and a stack of zones of its own.
//
// It says who runs; ThreadBuffer (thread_fibers.cpp) writes it down and swaps the zones. A fiber stays with its thread,
// since the rows of several threads have no common order on their way to the viewer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address_map.hpp"
#include "base/ids.hpp"
#include "recorder/remark.hpp"
#include "recorder/zone_key.hpp"
#include "recorder/zone_stack.hpp"

namespace tracypy::recorder {

/// The zones of a fiber, or of the thread itself, that does not run just now.
struct ParkedZones {
    ZoneStack stack{ZoneStack::kNoDepth};
    Asides asides;
    std::vector<MovedZone> moved;
};

/// What identifies a fiber to its owner: an address, for as long as the fiber lives.
using FiberKey = std::uintptr_t;

struct Fiber {
    std::size_t index = 0;  // among those of its thread
    base::ThreadId row = base::ThreadId::None;
    std::string row_name;
    FiberKey key = 0;          // 0: the row is free
    Fiber* outer = nullptr;    // while it runs: what goes on when it stops; null: the thread itself
    ZoneKey thrown_into = 0;   // in a run that began with an exception: the outermost coroutine that has seen it
    Fiber* context = nullptr;  // of a greenlet that gave way: what ran there
    bool is_running = false;   // or something runs that it has started, and which it waits for
    ParkedZones zones;
};

/// One thread at a time. Fibers never move.
class Fibers {
public:
    /// Null: there is none.
    Fiber* find(FiberKey key) const noexcept {
        return reinterpret_cast<Fiber*>(static_cast<std::uintptr_t>(by_key_.get(key).value_or(0)));
    }
    /// One whose row has this name and is free; null: there is none.
    Fiber* reuse(FiberKey key, const std::string& row_name);
    Fiber& add(FiberKey key, base::ThreadId row, const std::string& row_name);
    void release(Fiber& fiber) noexcept;

    std::deque<Fiber>& all() noexcept { return all_; }
    const std::deque<Fiber>& all() const noexcept { return all_; }

    Fiber* running = nullptr;      // null: the thread itself
    ParkedZones own;               // of the thread itself, while a fiber runs
    Fiber* own_context = nullptr;  // as of a greenlet
    /// The run that goes on is not in the trace yet: there was no room.
    bool is_unwritten = false;
    /// There was no row for the last one that asked, and none has come free since.
    bool is_full = false;

private:
    void name(Fiber& fiber, FiberKey key);

    std::deque<Fiber> all_;
    base::AddressMap by_key_;                                    // their addresses
    std::unordered_map<std::string, std::vector<Fiber*>> free_;  // by name
};

}  // namespace tracypy::recorder
