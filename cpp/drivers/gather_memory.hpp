// What clients that are gathered take of the memory for events (TRACYPY_BUFFER_MB).
//
// Half of that is theirs: one half of it for what stays in the tables of this process for good, names and call stacks,
// the other for what is remembered of them while they are connected, with events that wait for their names.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/names.hpp"

namespace tracypy::drivers {

/// The driver's thread.
class GatherMemory {
public:
    static constexpr std::size_t kLeastBytes = std::size_t{4} << 20;

    void set_share(std::size_t bytes) noexcept { share_ = std::max(bytes, kLeastBytes); }
    std::size_t share() const noexcept { return share_; }

    // --- in the tables of the root, for good ---
    std::size_t kept_bytes() const noexcept { return kept_; }
    bool has_room_for_names() const noexcept { return kept_ < share_ / 2; }
    /// What `add()` adds to the tables is counted.
    template <typename Add>
    auto keep(base::Names& root, const Add& add) {
        const std::size_t before = root.bytes();
        const auto added = add();
        kept_ += root.bytes() - before;
        return added;
    }
    /// None: a new text that there is no room for.
    base::StringId intern(base::Names& root, std::string_view text) {
        if (!has_room_for_names()) return root.strings.known(text);
        return keep(root, [&] { return root.strings.intern_if_room(text); });
    }
    /// Other: likewise.
    base::SourceLocationId locate(base::Names& root, const base::NewLocation& location) {
        return keep(root, [&] { return root.locate(location, has_room_for_names()); });
    }

    // --- while they are connected ---
    void connected() noexcept { ++clients_; }
    void left(std::size_t held) noexcept {
        --clients_;
        held_ -= held;
    }
    /// One of them holds so much now.
    void hold(std::size_t before, std::size_t now) noexcept { held_ += now - before; }
    std::size_t most_held() const noexcept { return share_ / 2; }
    /// Together they hold so many quarters of what they may, or more; and this one has its part in it.
    static constexpr unsigned kNearlyFull = 2, kFull = 4;
    bool is_full(unsigned quarters, std::size_t held) const noexcept {
        return held_ > most_held() / 4 * quarters && held >= most_held() / 4 * quarters / std::max(clients_, 1u);
    }

private:
    std::size_t share_ = std::size_t{128} << 20;
    std::size_t kept_ = 0, held_ = 0;
    unsigned clients_ = 0;
};

}  // namespace tracypy::drivers
