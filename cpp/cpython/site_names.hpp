// Places in the program that make zones, and how many names each has made.
//
// A viewer holds 32,767 source locations, so `zone(f"item {i}")` must not make one per item: after this many names a
// place keeps its first one, and further names travel with each zone.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/source_locations.hpp"

namespace tracypy::cpython {

/// Any thread. `Facts`: what else is known of a place, once for all.
template <typename Facts>
class SiteNames {
public:
    struct Site {
        base::SourceLocationId location;
        bool name_with_zone;
        Facts facts;
    };

    /// `find()` makes the facts of a new place, and `locate()` the source location of this name, where there is room
    /// for one. Nothing: there are too many places. Throws std::bad_alloc.
    ///
    /// Both are called without the lock: without a GIL they may wait for another thread, and whoever waits for the lock
    /// meanwhile could not be stopped for a fork or a collection.
    template <typename Find, typename Locate>
    std::optional<Site> add(std::uint64_t place, const Find& find, const Locate& locate) {
        std::optional<Place> known;
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = places_.find(place); found != places_.end()) known = found->second;
            if (!known && places_.size() >= kMost) return std::nullopt;
        }
        if (known && known->names >= kMostNames) return Site{known->first, true, known->facts};
        const Facts facts = known ? known->facts : find();
        const base::SourceLocationId id = locate();
        const std::lock_guard lock(mutex_);
        Place& entry = places_.try_emplace(place, Place{.facts = facts}).first->second;
        if (id == base::SourceLocationId::Other) return Site{entry.first, true, entry.facts};
        if (entry.names++ == 0) entry.first = id;
        return Site{id, false, entry.facts};
    }

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    static constexpr std::uint32_t kMostNames = 64;
    /// As many as there may be locations. At one more, all names travel with their zones.
    static constexpr std::size_t kMost = base::SourceLocationTable::kMaxLocations;

    struct Place {
        std::uint32_t names = 0;
        base::SourceLocationId first = base::SourceLocationId::Other;
        Facts facts{};
    };
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Place> places_;
};

}  // namespace tracypy::cpython
