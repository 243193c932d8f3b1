#include "protocol/handshake.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/string_table.hpp"
#include "protocol/peer_error.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

constexpr std::uint8_t kFlagOnDemand = 1;
constexpr std::uint8_t kFlagCodeTransfer = 4;  // without it, viewers since 0.14 ask for no source

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

std::string make_welcome(const Dialect& dialect, const Welcome& said, std::uint64_t frames_so_far, base::Ticks now) {
    const base::ProgramFacts& program = said.program;
    std::string out;
    out.reserve(kWelcomeBytes + sizeof(std::uint64_t) + kOnDemandBytes);
    append(out, said.nanoseconds_per_tick);
    append(out, said.first_tick);  // start and end of the initialisation
    append(out, said.first_tick);
    if (dialect.welcome_has_delay) append(out, std::uint64_t{0});
    append(out, said.resolution_ticks);
    append(out, said.epoch_seconds);
    append(out, program.executable_time_s);  // with none, viewers ask for no source
    append(out, program.process_id);
    append(out, said.sampling_period);
    append(out, static_cast<std::uint8_t>(kFlagOnDemand | (program.executable_time_s != 0 ? kFlagCodeTransfer : 0)));
    append(out, program.processor.architecture);
    append(out, program.processor.manufacturer);
    append(out, program.processor.id);
    append_padded(out, program.name, kProgramNameBytes);
    append_padded(out, program.host, kHostInfoBytes);

    append(out, frames_so_far);
    append(out, now);
    return out;
}

std::string make_greeting(const Dialect& dialect) {
    std::string out(kShibboleth, sizeof(kShibboleth));
    append(out, dialect.protocol);
    return out;
}

std::string make_query(const Query& query) {
    std::string out;
    append(out, query.kind);
    append(out, query.pointer);
    append(out, query.extra);
    return out;
}

std::size_t welcome_bytes(const Dialect& dialect) noexcept {
    return kWelcomeBytes + (dialect.welcome_has_delay ? sizeof(std::uint64_t) : 0);
}

Welcome parse_welcome(const Dialect& dialect, std::span<const char> bytes) {
    const char* cursor = bytes.data();
    const auto take = [&cursor](auto& value) {
        std::memcpy(&value, cursor, sizeof(value));
        cursor += sizeof(value);
    };
    Welcome welcome;
    base::ProgramFacts& program = welcome.program;
    std::uint64_t unused = 0;
    std::uint8_t flags = 0;
    take(welcome.nanoseconds_per_tick);
    take(welcome.first_tick);
    take(welcome.initialized_tick);
    if (dialect.welcome_has_delay) take(unused);
    take(welcome.resolution_ticks);
    take(welcome.epoch_seconds);
    take(program.executable_time_s);
    take(program.process_id);
    take(welcome.sampling_period);
    take(flags);
    take(program.processor.architecture);
    take(program.processor.manufacturer);
    take(program.processor.id);
    const auto take_text = [&cursor](std::size_t field_bytes) {
        const std::string text(cursor, std::find(cursor, cursor + field_bytes, '\0'));
        cursor += field_bytes;
        return text;
    };
    program.name = take_text(kProgramNameBytes);
    program.host = take_text(kHostInfoBytes);
    welcome.is_on_demand = (flags & kFlagOnDemand) != 0;
    welcome.sends_code = (flags & kFlagCodeTransfer) != 0;
    constexpr double kLongestTick = 1e9;
    if (!(welcome.nanoseconds_per_tick > 0 && welcome.nanoseconds_per_tick < kLongestTick)) {
        throw PeerError("a welcome whose clock makes no sense");
    }
    const auto is_time = [](base::Ticks tick) { return tick >= 0 && tick < base::Ticks{1} << 62; };
    if (!is_time(welcome.first_tick) || !is_time(welcome.initialized_tick)) {
        throw PeerError("a welcome whose times make no sense");
    }
    return welcome;
}

void parse_on_demand(std::span<const char, kOnDemandBytes> bytes, Welcome& welcome) noexcept {
    welcome.frames_so_far = get<std::uint64_t>(bytes.data());
    // No event of this connection is older than that, and none is older than the program.
    welcome.connected_tick = std::max(get<base::Ticks>(bytes.data() + sizeof(std::uint64_t)), welcome.first_tick);
}

}  // namespace tracypy::protocol
