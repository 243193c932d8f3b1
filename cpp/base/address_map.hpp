// A number for each address: what programs do a million times in a second needs less than a node on the heap for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tracypy::base {

/// One thread. 0 is no address. Of 16 bytes for a place, at most three quarters are taken.
class AddressMap {
public:
    std::size_t size() const noexcept { return size_; }

    /// In place of what was there. Throws std::bad_alloc.
    void put(std::uint64_t address, std::uint64_t value) {
        if (4 * (size_ + 1) > 3 * places_.size()) grow();
        Place& place = places_[find(address)];
        if (place.address == 0) ++size_;
        place = {address, value};
    }
    /// Nothing: it is not there.
    std::optional<std::uint64_t> get(std::uint64_t address) const noexcept {
        if (size_ == 0) return std::nullopt;
        const Place& place = places_[find(address)];
        return place.address != 0 ? std::optional(place.value) : std::nullopt;
    }
    std::optional<std::uint64_t> take(std::uint64_t address) noexcept {
        if (size_ == 0) return std::nullopt;
        const std::size_t at = find(address);
        if (places_[at].address == 0) return std::nullopt;
        const std::uint64_t value = places_[at].value;
        close_gap(at);
        --size_;
        return value;
    }
    /// Takes all: visit(address, value).
    template <typename Visit>
    void take_all(const Visit& visit) {
        for (const Place& place : std::exchange(places_, {})) {
            if (place.address != 0) visit(place.address, place.value);
        }
        size_ = 0;
    }

private:
    struct Place {
        std::uint64_t address = 0;
        std::uint64_t value = 0;
    };

    std::size_t home(std::uint64_t address) const noexcept {
        constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15;
        return static_cast<std::size_t>((address * kGolden) >> 20) & (places_.size() - 1);
    }
    /// Where it is, or where it would go.
    std::size_t find(std::uint64_t address) const noexcept {
        std::size_t at = home(address);
        while (places_[at].address != 0 && places_[at].address != address) at = (at + 1) & (places_.size() - 1);
        return at;
    }
    // What stands behind moves up, so that a search never meets a gap before its end.
    void close_gap(std::size_t gap) noexcept {
        const std::size_t mask = places_.size() - 1;
        for (std::size_t at = (gap + 1) & mask; places_[at].address != 0; at = (at + 1) & mask) {
            const std::size_t from_home = (at - home(places_[at].address)) & mask;
            if (from_home < ((at - gap) & mask)) continue;
            places_[gap] = places_[at];
            gap = at;
        }
        places_[gap] = {};
    }
    void grow() {
        std::vector<Place> old(places_.empty() ? 64 : 2 * places_.size());
        places_.swap(old);
        for (const Place& place : old) {
            if (place.address != 0) places_[find(place.address)] = place;
        }
    }

    std::vector<Place> places_;
    std::size_t size_ = 0;
};

}  // namespace tracypy::base
