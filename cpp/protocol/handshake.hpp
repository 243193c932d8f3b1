// What is said before the stream of events: greeting, status, welcome; and the viewer's queries.
//
// All layouts are packed and little endian:
//
//     greeting   "TracyPrf", protocol u32                                              viewer, 12 bytes
//     status     u8                                                                    program
//     welcome    see make_welcome                                                      program, 1178 or 1170 bytes
//     on demand  frames so far u64, ticks now u64                                      program, 16 bytes
//     query      kind u8, pointer u64, extra u32                                       viewer, 13 bytes, any number
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/program_facts.hpp"
#include "protocol/schema.hpp"

namespace tracypy::protocol {

inline constexpr char kShibboleth[] = {'T', 'r', 'a', 'c', 'y', 'P', 'r', 'f'};
inline constexpr std::size_t kGreetingBytes = sizeof(kShibboleth) + sizeof(std::uint32_t);
inline constexpr std::size_t kQueryBytes = 13;
inline constexpr std::size_t kProgramNameBytes = 64;
inline constexpr std::size_t kHostInfoBytes = 1024;
inline constexpr std::size_t kWelcomeBytes = 1170;  // without the delay of old protocols
inline constexpr std::size_t kOnDemandBytes = 16;

enum class HandshakeStatus : std::uint8_t {
    Pending = 0,
    Welcome = 1,
    ProtocolMismatch = 2,
    NotAvailable = 3,
    Dropped = 4,
};

/// What a program says of itself and of its clock when a viewer comes. The driver finds it out: a session knows no
/// environment.
struct Welcome {
    base::ProgramFacts program;  // on the wire the name is cut to 63 bytes, the machine to 1023
    double nanoseconds_per_tick = 1.0;
    base::Ticks first_tick = 0;  // no event is older
    base::Ticks initialized_tick = 0;
    std::uint64_t resolution_ticks = 1;
    std::uint64_t epoch_seconds = 0;  // when the program started, Unix time
    std::int64_t sampling_period = 0;
    bool is_on_demand = false;
    bool sends_code = false;          // of its functions, and texts of its sources
    std::uint64_t frames_so_far = 0;  // on demand: before the connection
    base::Ticks connected_tick = 0;   // on demand: when that was
};

/// The viewer's queries, in protocol order.
enum class QueryKind : std::uint8_t {
    Terminate,
    String,
    ThreadString,
    SourceLocation,
    PlotName,
    FrameName,
    Parameter,
    FiberName,
    ExternalName,
    Disconnect,
    CallstackFrame,
    Symbol,
    SymbolCode,
    SourceCode,
    DataTransfer,
    DataTransferPart,
};

struct Query {
    QueryKind kind;
    std::uint64_t pointer;
    std::uint32_t extra;
};

inline constexpr std::size_t kQueryKinds = static_cast<std::size_t>(QueryKind::DataTransferPart) + 1;

/// False for a kind that no protocol has.
bool parse_query(std::span<const char, kQueryBytes> bytes, Query& query) noexcept;

/// The protocol number of a greeting, or 0 if it is not a greeting.
std::uint32_t parse_greeting(std::span<const char, kGreetingBytes> bytes) noexcept;

/// The welcome message of `dialect` with the on-demand flag set, and the 16 bytes that the flag promises: these two
/// numbers. The initialisation ends at the first tick.
///
/// The executable time is 0: a viewer that sees another one asks for the source of every file that it cannot open
/// itself. The sampling period is 0: there is no sampling.
std::string make_welcome(const Dialect& dialect, const Welcome& said, std::uint64_t frames_so_far, base::Ticks now);

// The viewer's half.

std::string make_greeting(const Dialect& dialect);
std::string make_query(const Query& query);
std::size_t welcome_bytes(const Dialect& dialect) noexcept;

/// `bytes` are as many as welcome_bytes() says. Throws PeerError.
Welcome parse_welcome(const Dialect& dialect, std::span<const char> bytes);
void parse_on_demand(std::span<const char, kOnDemandBytes> bytes, Welcome& welcome) noexcept;

}  // namespace tracypy::protocol
