// Zones of native code. What is said about one that has begun on another thread goes to that thread, as does its end.
#include <string>
#include <utility>

#include "base/names.hpp"
#include "cpython/callstacks.hpp"
#include "cpython/native/api.hpp"
#include "cpython/native/sites.hpp"
#include "cpython/native/stay.hpp"
#include "recorder/remark.hpp"

namespace tracypy::cpython::native {
namespace {

using events::Kind;
using recorder::Remark;
using recorder::Remarks;
using recorder::ThreadBuffer;

/// `name`: it goes with the zone. The stack is that of the Python calls, which a thread without the interpreter does
/// not have.
std::uint64_t begin(base::SourceLocationId location, std::string_view name, std::uint32_t callstack) noexcept try {
    const base::CallstackId calls = callstack_in_allocator(callstack);
    const Stay stay;
    if (!stay) return 0;
    const recorder::ZoneKey key = stay->new_numbered_token();
    stay->begin(recorder::OpenZone(key, location, calls));
    if (!name.empty() && stay->is_innermost(key)) stay->write(Remark{Kind::ZoneName, 0, std::string(name)});
    return key;
} catch (...) {
    return 0;  // out of memory
}

[[gnu::noinline]] std::uint64_t begin_unusual(tracypy_location* location, std::uint32_t callstack) noexcept {
    if (process_recorder().epoch() == 0) return 0;
    const Site site = site_of(*location);
    return begin(site.location, site.name_with_zone ? text_of(location->name) : std::string_view(), callstack);
}

std::uint64_t zone_begin(tracypy_location* location, std::uint32_t callstack) noexcept {
    const base::Ticks now = base::CounterClock::now();
    const std::uint32_t known = std::atomic_ref(location->id).load(std::memory_order_relaxed);
    if (known > 1 && callstack == 0 && base::has_counter_clock()) [[likely]] {
        const Stay stay;
        if (!stay) return 0;
        const recorder::ZoneKey key = stay->new_numbered_token();
        const events::BeginBits begin(static_cast<base::SourceLocationId>(known - 1));
        if (stay->try_begin(key, begin, now)) [[likely]] {
            return key;
        }
    }
    return begin_unusual(location, callstack);
}

std::uint64_t zone_begin_dynamic(const tracypy_dynamic_location* location, std::uint32_t callstack) noexcept {
    if (process_recorder().epoch() == 0) return 0;
    const Site site = site_of(*location);
    return begin(site.location,
                 site.name_with_zone ? text_of(location->name, location->name_length) : std::string_view(), callstack);
}

// A location, for zone_begin_located: its number and 1; above that the number of a name that goes with the zone.
constexpr unsigned kNameShift = 32;

std::uint64_t locate(const tracypy_dynamic_location* location) noexcept try {
    if (process_recorder().epoch() == 0) return 0;
    const Site site = site_of(*location);
    std::uint64_t where = std::uint64_t{static_cast<std::uint32_t>(site.location)} + 1;
    if (site.name_with_zone) {
        const std::string_view name = text_of(location->name, location->name_length);
        where |= static_cast<std::uint64_t>(base::names().strings.intern_if_room(name)) << kNameShift;
    }
    return where;
} catch (...) {
    return 0;
}

std::uint64_t zone_begin_located(std::uint64_t where, std::uint32_t callstack) noexcept {
    if (where == 0 || process_recorder().epoch() == 0) return 0;
    const auto location = static_cast<base::SourceLocationId>(static_cast<std::uint32_t>(where) - 1);
    const auto name = static_cast<base::StringId>(where >> kNameShift);
    return begin(location, name != base::StringId::None ? base::names().strings.find(name).text : std::string_view(),
                 callstack);
}

/// Does `here(buffer)` if the zone has begun on this thread; else `elsewhere()`.
template <typename Here, typename Elsewhere>
void at_owner(recorder::ZoneKey key, const Here& here, const Elsewhere& elsewhere) noexcept {
    {
        const Stay stay;
        if (!stay) return;
        if (stay->number() == ThreadBuffer::number_of(key)) return here(*stay);
    }
    elsewhere();
}

[[gnu::noinline]] void end_unusual(recorder::ZoneKey key) noexcept {
    const base::Ticks now = base::now_ticks();
    at_owner(
        key, [&](ThreadBuffer& buffer) { buffer.end_by_hand(key, now, {}); },
        [&] { process_recorder().post_to_owner(key, true, now, {}); });
}

void zone_end(std::uint64_t key) noexcept {
    const base::Ticks now = base::CounterClock::now();
    if (base::has_counter_clock()) [[likely]] {
        const Stay stay;
        if (!stay || stay->try_end(key, now)) [[likely]] {
            return;
        }
    }
    end_unusual(key);
}

void remark(recorder::ZoneKey key, Remark&& what) noexcept try {
    Remarks kept;
    at_owner(
        key,
        [&](ThreadBuffer& buffer) {
            if (buffer.is_innermost(key)) return buffer.write(what);
            kept.push_back(std::move(what));
            buffer.keep(key, std::move(kept));
        },
        [&] {
            kept.push_back(std::move(what));
            process_recorder().post_to_owner(key, false, 0, std::move(kept));
        });
} catch (...) {
    process_recorder().policy().count(recorder::Lost::Markup);
}

void zone_text(std::uint64_t key, const char* text, std::size_t length) noexcept try {
    remark(key, {Kind::ZoneText, 0, std::string(text_of(text, length))});
} catch (...) {
    process_recorder().policy().count(recorder::Lost::Markup);
}

void zone_name(std::uint64_t key, const char* name, std::size_t length) noexcept try {
    remark(key, {Kind::ZoneName, 0, std::string(text_of(name, length))});
} catch (...) {
    process_recorder().policy().count(recorder::Lost::Markup);
}

void zone_value(std::uint64_t key, std::uint64_t value) noexcept {
    remark(key, {Kind::ZoneValue, value, {}});
}

void zone_color(std::uint64_t key, std::uint32_t color) noexcept {
    remark(key, {Kind::ZoneColor, color & 0xFF'FFFF, {}});
}

}  // namespace

void add_zones(tracypy_private_api& table) noexcept {
    table.zone_begin = zone_begin;
    table.zone_begin_dynamic = zone_begin_dynamic;
    table.locate = locate;
    table.zone_begin_located = zone_begin_located;
    table.zone_end = zone_end;
    table.zone_text = zone_text;
    table.zone_name = zone_name;
    table.zone_value = zone_value;
    table.zone_color = zone_color;
}

}  // namespace tracypy::cpython::native
