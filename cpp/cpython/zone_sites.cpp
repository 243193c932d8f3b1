#include "cpython/zone_sites.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/names.hpp"
#include "cpython/code_table.hpp"

namespace tracypy::cpython {
namespace {

// A viewer holds 32,767 source locations, so `zone(f"item {i}")` must not make one per item: after this many names a
// call site keeps its first one, and further names travel with each zone.
constexpr std::uint32_t kMaxNamesPerSite = 64;

/// As many as there may be locations. At one more, all names travel with their zones.
constexpr std::size_t kMaxSites = base::SourceLocationTable::kMaxLocations;

/// "Other functions", and the name goes with the zone.
constexpr ZoneSite kNowhere{base::SourceLocationId::Other, true, ZoneManner::Outlasts};

/// What identifies a site: plain values, so that nothing has to be kept alive. The location of a code object is never
/// reused, and two names with one 64-bit hash and one length are the same for all purposes.
struct SiteKey {
    std::uint32_t code = 0;
    std::int32_t instruction = -1;
    Py_hash_t name_hash = 0;
    Py_ssize_t name_length = 0;
    std::uint32_t color = 0;
    friend bool operator==(const SiteKey&, const SiteKey&) = default;
};

/// Direct-mapped, one per thread: no lock on the way to a zone.
struct SiteCache {
    struct Entry {
        SiteKey key;
        ZoneSite site{base::SourceLocationId::Other, false, ZoneManner::Nested};
    };
    std::array<Entry, 256> entries;
    static std::size_t index(const SiteKey& key) noexcept {
        std::uint64_t mix = (std::uint64_t{key.code} << 32) ^ static_cast<std::uint32_t>(key.instruction) * 0x9E3779B1u;
        mix ^= static_cast<std::uint64_t>(key.name_hash);
        mix *= 0x9E3779B97F4A7C15ull;
        return static_cast<std::size_t>(mix >> 56);
    }
};

#if defined(__GNUC__) && !defined(__APPLE__) && !defined(_WIN32)
__attribute__((tls_model("initial-exec")))  // as t_buffer
#endif
thread_local constinit SiteCache* t_sites = nullptr;
struct SiteCacheOwner {
    ~SiteCacheOwner() {
        delete t_sites;
        t_sites = nullptr;
    }
};
thread_local SiteCacheOwner t_sites_owner;

/// What is known of each call site: how many names it has made, the location of the first, how its zones end.
class SiteNames {
public:
    /// `locate` makes the source location; not called where there is no room for it.
    template <typename Locate>
    ZoneSite add(const SiteKey& key, PyCodeObject* code, Locate&& locate) {
        // Code that shares its location with other code: nothing is known of its places.
        if (key.code == static_cast<std::uint32_t>(base::SourceLocationId::Other)) return kNowhere;
        const std::lock_guard lock(mutex_);
        const std::uint64_t place = std::uint64_t{key.code} << 32 | static_cast<std::uint32_t>(key.instruction);
        if (places_.size() >= kMaxSites && !places_.contains(place)) return kNowhere;
        const auto [found, is_new] = places_.try_emplace(place);
        Place& entry = found->second;
        if (is_new) entry.manner = zone_manner(code, key.instruction);
        if (entry.names >= kMaxNamesPerSite) return {entry.first, true, entry.manner};
        const base::SourceLocationId id = locate();
        if (id == base::SourceLocationId::Other) return {entry.first, true, entry.manner};
        if (entry.names++ == 0) entry.first = id;
        return {id, false, entry.manner};
    }

private:
    struct Place {
        std::uint32_t names = 0;
        base::SourceLocationId first = base::SourceLocationId::Other;
        ZoneManner manner = ZoneManner::Outlasts;
    };
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Place> places_;
};

SiteNames& site_names() {
    static SiteNames* const instance = new SiteNames;
    return *instance;
}

ZoneSite look_up(const SiteKey& key, PyObject* code, PyObject* name) {
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
    return site_names().add(key, object, [&] {
        const std::string own = utf8_of(name), function = utf8_of(object->co_qualname);
        const std::string file = utf8_of(object->co_filename);
        const std::string_view own_text = own;
        const int line = PyCode_Addr2Line(object, key.instruction);
        return base::names().locate(
            {function, file, static_cast<std::uint32_t>(line > 0 ? line : 0), key.color, &own_text});
    });
}

}  // namespace

ZoneSite zone_site(PyObject* name, std::uint32_t color) noexcept {
    struct _PyInterpreterFrame* const frame = running_frame();
    if (frame == nullptr) return kNowhere;
    PyObject* const code = PyUnstable_InterpreterFrame_GetCode(frame);
    ZoneSite site = kNowhere;
    try {
        if (PyCode_Check(code)) {
            const CodeInfo known = known_code(code);
            const CodeInfo info = known.plain(generation()) ? known : code_info(code);
            const SiteKey key{static_cast<std::uint32_t>(info.location()), PyUnstable_InterpreterFrame_GetLasti(frame),
                              PyObject_Hash(name), PyUnicode_GET_LENGTH(name), color};
            if (t_sites == nullptr) {
                (void)&t_sites_owner;  // its constructor registers the destructor
                t_sites = new SiteCache;
            }
            SiteCache::Entry& entry = t_sites->entries[SiteCache::index(key)];
            if (!(entry.key == key)) entry = {key, look_up(key, code, name)};
            site = entry.site;
        }
    } catch (...) {
        // Out of memory: a zone on the "other functions" location, with its own name.
    }
    Py_DECREF(code);
    return site;
}

}  // namespace tracypy::cpython
