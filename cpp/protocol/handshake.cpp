#include "protocol/handshake.hpp"

#include <cstring>
#include <string_view>

#include "base/string_table.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

constexpr std::uint8_t kFlagOnDemand = 1;

template <typename T>
void append(std::string& out, T value) {
    char bytes[sizeof(T)];
    put(bytes, value);
    out.append(bytes, sizeof(T));
}

/// A field of fixed size: the text, cut so that a zero always ends it, and zeros.
void append_padded(std::string& out, std::string_view text, std::size_t field_bytes) {
    text = base::cut_utf8(text, field_bytes - 1);
    out.append(text);
    out.append(field_bytes - text.size(), '\0');
}

}  // namespace

bool parse_query(std::span<const char, kQueryBytes> bytes, Query& query) noexcept {
    const auto kind = static_cast<std::uint8_t>(bytes[0]);
    if (kind > static_cast<std::uint8_t>(QueryKind::DataTransferPart)) return false;
    query.kind = static_cast<QueryKind>(kind);
    query.pointer = get<std::uint64_t>(bytes.data() + 1);
    query.extra = get<std::uint32_t>(bytes.data() + 9);
    return true;
}

std::uint32_t parse_greeting(std::span<const char, kGreetingBytes> bytes) noexcept {
    if (std::memcmp(bytes.data(), kShibboleth, sizeof(kShibboleth)) != 0) return 0;
    return get<std::uint32_t>(bytes.data() + sizeof(kShibboleth));
}

std::string make_welcome(const Dialect& dialect, const ProgramFacts& facts, std::uint64_t frames_so_far,
                         base::Ticks now) {
    std::string out;
    out.reserve(kWelcomeBytes + sizeof(std::uint64_t) + kOnDemandBytes);
    append(out, facts.nanoseconds_per_tick);
    append(out, facts.first_tick);  // start and end of the initialisation
    append(out, facts.first_tick);
    if (dialect.welcome_has_delay) append(out, std::uint64_t{0});
    append(out, facts.resolution_ticks);
    append(out, facts.epoch_seconds);
    append(out, std::uint64_t{0});  // executable time
    append(out, facts.process_id);
    append(out, std::int64_t{0});  // sampling period
    append(out, kFlagOnDemand);
    append(out, static_cast<std::uint8_t>(facts.cpu_architecture));
    out.append(facts.cpu_manufacturer, sizeof(facts.cpu_manufacturer));
    append(out, facts.cpu_id);
    append_padded(out, facts.program_name, kProgramNameBytes);
    append_padded(out, facts.host_info, kHostInfoBytes);

    append(out, frames_so_far);
    append(out, now);
    return out;
}

}  // namespace tracypy::protocol
