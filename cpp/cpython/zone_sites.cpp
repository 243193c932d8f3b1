#include "cpython/zone_sites.hpp"

#include <array>
#include <string>
#include <string_view>

#include "base/names.hpp"
#include "cpython/code_table.hpp"
#include "cpython/site_names.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

/// "Other functions", and the name goes with the zone.
constexpr ZoneSite kNowhere{base::SourceLocationId::Other, true, ZoneManner::Outlasts};

/// What identifies a site: plain values, so that nothing has to be kept alive. The location of a code object is never
/// reused, and two names with one 64-bit hash and one length are the same for all purposes.
struct SiteKey {
    constexpr SiteKey() = default;
    constexpr SiteKey(std::uint64_t where, std::uint64_t hash, std::uint64_t length_and_color) noexcept
        : place(where), name_hash(hash), rest(length_and_color) {}
    SiteKey(CodeInfo code, int instruction, PyObject* name, std::uint32_t rgb) noexcept
        : place(std::uint64_t{code.begin().bits()} << 32 | static_cast<std::uint32_t>(instruction)),
          name_hash(static_cast<std::uint64_t>(PyObject_Hash(name))),
          rest(static_cast<std::uint64_t>(PyUnicode_GET_LENGTH(name)) << 24 | rgb) {}

    base::SourceLocationId code() const noexcept { return events::BeginBits::of(place >> 32).location(); }
    int instruction() const noexcept { return static_cast<int>(place & 0xFFFF'FFFF); }
    std::uint32_t color() const noexcept { return rest & 0xFF'FFFF; }
    friend bool operator==(const SiteKey&, const SiteKey&) = default;

    std::uint64_t place = ~std::uint64_t{0};  // in which code, at which instruction
    std::uint64_t name_hash = 0;
    std::uint64_t rest = 0;  // the length of the name, and the colour
};

/// Direct-mapped, one per thread: no lock on the way to a zone.
struct SiteCache {
    struct Entry {
        SiteKey key;
        ZoneSite site{base::SourceLocationId::Other, false, ZoneManner::Nested};
    };
    std::array<Entry, 256> entries;
    static std::size_t index(const SiteKey& key) noexcept {
        return static_cast<std::size_t>((key.place * 0x9E3779B97F4A7C15ull + key.name_hash) >> 56);
    }
};

TRACYPY_NEAR_TLS
thread_local constinit SiteCache* t_sites = nullptr;
struct SiteCacheOwner {
    ~SiteCacheOwner() {
        delete t_sites;
        t_sites = nullptr;
    }
};
thread_local SiteCacheOwner t_sites_owner;

SiteNames<ZoneManner>& site_names() {
    static auto* const instance = new SiteNames<ZoneManner>;
    return *instance;
}

ZoneSite look_up(const SiteKey& key, PyObject* code, PyObject* name) {
    // Code that shares its location with other code: nothing is known of its places.
    if (key.code() == base::SourceLocationId::Other) return kNowhere;
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
    const auto locate = [&] {
        const std::string own = utf8_of(name), function = utf8_of(object->co_qualname);
        const std::string file = utf8_of(object->co_filename);
        const std::string_view own_text = own;
        const int line = PyCode_Addr2Line(object, key.instruction());
        return base::names().locate(
            {function, file, static_cast<std::uint32_t>(line > 0 ? line : 0), key.color(), &own_text});
    };
    const auto found = site_names().add(key.place, [&] { return zone_manner(object, key.instruction()); }, locate);
    return found ? ZoneSite(found->location, found->name_with_zone, found->facts) : kNowhere;
}

/// Of a place that the thread's cache does not have. Apart, and its key in registers: so the way to one that it has is
/// short.
[[gnu::noinline]] ZoneSite new_site(std::uint64_t place, std::uint64_t name_hash, std::uint64_t rest, PyObject* code,
                                    PyObject* name) noexcept try {
    const SiteKey key(place, name_hash, rest);
    if (t_sites == nullptr) {
        (void)&t_sites_owner;  // its constructor registers the destructor
        t_sites = new SiteCache;
    }
    SiteCache::Entry& entry = t_sites->entries[SiteCache::index(key)];
    if (!(entry.key == key)) entry = {key, look_up(key, code, name)};
    return entry.site;
} catch (...) {
    return kNowhere;  // out of memory: a zone on the "other functions" location, with its own name
}

}  // namespace

ZoneSite zone_site(PyObject* name, std::uint32_t color) noexcept {
    struct _PyInterpreterFrame* const frame = running_frame();
    if (frame == nullptr) return kNowhere;
    PyObject* const code = PyUnstable_InterpreterFrame_GetCode(frame);
    ZoneSite site = kNowhere;
    if (PyCode_Check(code)) [[likely]] {
        const CodeInfo known = known_code(code);
        const SiteKey key(known.has_location() ? known : code_info(code), PyUnstable_InterpreterFrame_GetLasti(frame),
                          name, color);
        const SiteCache* const sites = t_sites;
        const SiteCache::Entry* const entry = sites == nullptr ? nullptr : &sites->entries[SiteCache::index(key)];
        site = entry != nullptr && entry->key == key ? entry->site
                                                     : new_site(key.place, key.name_hash, key.rest, code, name);
    }
    Py_DECREF(code);
    return site;
}

}  // namespace tracypy::cpython
