#include "cpython/native/sites.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

#include "base/names.hpp"
#include "cpython/site_names.hpp"

namespace tracypy::cpython::native {
namespace {

struct Nothing {};

SiteNames<Nothing>& site_names() noexcept {
    static auto* const instance = new SiteNames<Nothing>;
    return *instance;
}

struct Texts {
    explicit Texts(const tracypy_dynamic_location& location) noexcept
        : name(text_of(location.name, location.name_length)),
          function(text_of(location.function, location.function_length)),
          file(text_of(location.file, location.file_length)) {}

    std::string_view name, function, file;
};

std::uint64_t mix(std::uint64_t hash, std::uint64_t part) noexcept {
    hash = (hash ^ part) * 0x9E3779B97F4A7C15ull;
    return hash ^ hash >> 29;
}
std::uint64_t mix(std::uint64_t hash, std::string_view text) noexcept {
    return mix(mix(hash, text.size()), std::hash<std::string_view>{}(text));
}

/// Where the zone is, whatever it is called.
std::uint64_t place_of(const Texts& texts, std::uint32_t line) noexcept {
    return mix(mix(mix(0, texts.function), texts.file), line);
}

/// What was looked up last, of one thread: no lock on the way to a zone. Two locations with one 64-bit hash and one
/// name of one length are the same for all purposes.
struct Cache {
    struct Entry {
        std::uint64_t place = 0, name = 0;
        Site site;
    };
    std::array<Entry, 256> entries;
};
thread_local std::unique_ptr<Cache> t_cache;

Site look_up(std::uint64_t place, const Texts& texts, const tracypy_dynamic_location& location) {
    const auto locate = [&] {
        return base::names().locate({texts.function, texts.file, location.line, location.color,
                                     location.name != nullptr ? &texts.name : nullptr});
    };
    const auto found = site_names().add(place, [] { return Nothing(); }, locate);
    return found ? Site{found->location, found->name_with_zone} : Site();
}

}  // namespace

Site site_of(tracypy_location& location) noexcept try {
    const std::atomic_ref<std::uint32_t> known(location.id);  // its number, and 1
    if (const std::uint32_t id = known.load(std::memory_order_relaxed); id != 0) {
        const auto found = static_cast<base::SourceLocationId>(id - 1);
        return {found, found == base::SourceLocationId::Other};
    }
    const std::string_view name = text_of(location.name);
    const base::SourceLocationId id =
        base::names().locate({text_of(location.function), text_of(location.file), location.line, location.color,
                              location.name != nullptr ? &name : nullptr});
    known.store(static_cast<std::uint32_t>(id) + 1, std::memory_order_relaxed);
    return {id, id == base::SourceLocationId::Other};
} catch (...) {
    return {};  // out of memory
}

Site site_of(const tracypy_dynamic_location& location) noexcept try {
    const Texts texts(location);
    const std::uint64_t place = place_of(texts, location.line);
    const std::uint64_t name = mix(mix(0, texts.name), std::uint64_t{location.color} << 1 | (location.name != nullptr));
    if (t_cache == nullptr) t_cache = std::make_unique<Cache>();
    Cache::Entry& entry = t_cache->entries[mix(place, name) >> 56];
    if (entry.place != place || entry.name != name) entry = {place, name, look_up(place, texts, location)};
    return entry.site;
} catch (...) {
    return {};
}

void lock_sites() noexcept {
    site_names().lock();
}

void unlock_sites() noexcept {
    site_names().unlock();
}

}  // namespace tracypy::cpython::native
