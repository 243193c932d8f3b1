// Every string the viewer may ask for, once per content, for the life of the process.
//
// The ids are what goes over the wire in place of addresses: a viewer can ask only for what we issued. One id per
// distinct content, because a viewer takes two ids of one plot or frame name for two plots.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.hpp"

namespace tracypy::base {

/// Cuts to at most `max_bytes`, never in the middle of a UTF-8 sequence.
std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) noexcept;

/// Thread-safe; `mutex_` guards all members. Strings never move or go away once interned.
class StringTable {
public:
    static constexpr std::size_t kMaxStringBytes = 65'535;  // the wire's 16-bit length

    /// The id of `text`, cut to kMaxStringBytes. The empty string has an id as well.
    StringId intern(std::string_view text);
    /// Likewise; None for a new text that there is no room for.
    StringId intern_if_room(std::string_view text);
    /// The id that `text` has already, or None.
    StringId known(std::string_view text) const;

    /// How much memory all texts may take before has_room() says no. Without it there is no limit.
    void set_limit_bytes(std::size_t bytes) noexcept;
    bool has_room() const noexcept;
    /// What all texts take, roughly.
    std::size_t bytes() const noexcept;

    /// An id whose text comes later, as a viewer hears of names. Each call makes another one.
    StringId reserve();
    /// The text of a reserved id: once, and before anyone looks it up.
    void fill(StringId id, std::string_view text);

    /// The text of `id`, or an empty view with `known` false for an id that was never issued.
    struct Lookup {
        std::string_view text;
        bool known;
    };
    Lookup find(StringId id) const noexcept;

    void lock() const { mutex_.lock(); }  // around a fork
    void unlock() const { mutex_.unlock(); }

private:
    StringId intern_cut(std::string_view text, std::size_t limit_bytes);

    static constexpr std::size_t kBytesPerString = 96;  // besides the text: the string, its entry in the map

    mutable std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::size_t limit_bytes_ = static_cast<std::size_t>(-1);
    std::deque<std::string> strings_;
    std::unordered_map<std::string_view, StringId> ids_;
};

}  // namespace tracypy::base
