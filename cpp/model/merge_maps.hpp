// What the numbers of one trace are in the one that it is merged into.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::model {

/// Addresses of code: those of programs are told apart by bits that no program's have, as files have 62 bits of them.
class AddressMap {
public:
    static constexpr unsigned kTagShift = 48;
    static constexpr std::uint64_t kMostTags = 1 << 13;

    AddressMap() = default;
    /// `tag`: 0 leaves addresses as they are. `tags_kernel`: the machine's own, too.
    AddressMap(std::uint64_t tag, bool tags_kernel) : tag_(tag), tags_kernel_(tags_kernel) {}

    static constexpr bool is_kernel(std::uint64_t address) noexcept { return (address >> 61 & 1) != 0; }
    /// 0, which is none, stays.
    std::uint64_t operator()(std::uint64_t address) const noexcept {
        if (tag_ == 0 || address == 0) return address;
        if (!is_kernel(address)) return (address & kOfPrograms) | tag_ << kTagShift;
        if (!tags_kernel_) return address;
        return (address & kOfPrograms) | tag_ << kTagShift;
    }

private:
    static constexpr std::uint64_t kOfPrograms = (std::uint64_t{1} << kTagShift) - 1;

    std::uint64_t tag_ = 0;
    bool tags_kernel_ = false;
};

struct MergeMaps {
    std::vector<TextId> texts;  // by TextId less one
    std::vector<LocationIndex> locations;
    std::unordered_map<std::uint64_t, std::uint64_t> threads;  // ids of those with a row
    std::uint32_t first_thread = 0;
    std::uint32_t first_stack = 0;  // of the first one that is not none
    std::uint32_t first_extra = 0;  // likewise
    AddressMap address;
    std::int64_t shift_ns = 0;

    TextId text(TextId id) const {
        const auto index = static_cast<std::size_t>(id);
        return index - 1 < texts.size() ? texts[index - 1] : TextId::None;
    }
    LocationIndex location(LocationIndex index) const { return index < locations.size() ? locations[index] : 0; }
    std::uint32_t thread(std::uint32_t index) const noexcept {
        return index == kNoThread ? kNoThread : first_thread + index;
    }
    /// Those of other programs keep their ids.
    std::uint64_t thread_id(std::uint64_t id) const {
        const auto known = threads.find(id);
        return known == threads.end() ? id : known->second;
    }
    std::uint32_t stack(std::uint32_t index) const noexcept { return index == 0 ? 0 : first_stack + index - 1; }
    std::uint32_t extra(std::uint32_t index) const noexcept { return index == 0 ? 0 : first_extra + index - 1; }
    void move(std::int64_t& time) const noexcept {
        if (time != kOpen) time += shift_ns;
    }
};

/// Moves a list behind another one.
template <typename Entry>
void append_all(std::vector<Entry>& to, std::vector<Entry>& from) {
    if (to.empty()) {
        to = std::move(from);
    } else {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    }
    from = {};
}

}  // namespace tracypy::model
