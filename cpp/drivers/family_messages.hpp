// What the processes of a family say to each other over a local socket: the root, which records or serves a viewer, and
// those that descend from it.
//
// A message is its kind (1 byte), the length of what follows (4 bytes), and that. Whoever reads checks: nothing is
// believed, and nothing is kept beyond one message.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "journal/format.hpp"

namespace tracypy::drivers {

enum class FamilyMessage : std::uint8_t {
    // To the root.
    Hello = 1,    // FamilySecret, version (4 bytes), process (8), now (8), whether that is a counter's (1), its name
    Name = 2,     // name of the process
    Begin = 3,    // session (8): its journal begins
    Journal = 4,  // one packet of it
    Lost = 5,     // zones that were left out in this session so far (8)
    End = 6,      // session (8): all of it was sent
    Flushed = 7,  // number (8)
    Settle = 8,   // number (8), process (8): that one shall hand over what it has, as it is about to be killed
    // From the root.
    Session = 16,  // session (8), 0: none any more
    Flush = 17,    // number (8): send all that has happened
    Settled = 18,  // number (8)
};

inline constexpr std::uint32_t kFamilyVersion = 2;
using FamilySecret = std::array<char, 16>;
inline constexpr std::size_t kMostNameBytes = 256;
inline constexpr std::size_t kMessageHeadBytes = 5;
/// A packet of a journal, and what LZ4 adds to one that it cannot compress.
inline constexpr std::size_t kMostMessageBytes = journal::kMaxPacketBytes + 4 * 1024;

void put_message(std::string& output, FamilyMessage kind, std::string_view content);
void put_message(std::string& output, FamilyMessage kind, std::uint64_t number);
/// The first 8 bytes of what a message has. Nothing: they are not there.
std::optional<std::uint64_t> number_in(std::string_view content, std::size_t at = 0) noexcept;

struct Hello {
    std::uint64_t process = 0;
    std::string name;
    base::Ticks now = 0;  // by its clock
    bool counts = false;  // which clock that is

    /// Its events have times of the clock that this process reads, too: when it has said this, a moment ago, it was
    /// now.
    bool reads_our_clock() const noexcept;
};
/// Of this process.
Hello own_hello(std::uint64_t process, std::string name);
std::string hello_text(const FamilySecret& secret, const Hello& hello);
/// Nothing for one that has another secret, or speaks another language.
std::optional<Hello> read_hello(std::string_view content, const FamilySecret& secret);

/// Cuts a stream into messages. One thread.
class MessageReader {
public:
    struct Message {
        FamilyMessage kind;
        std::string_view content;  // until the next call
    };

    void append(std::span<const char> bytes) { input_.append(bytes.data(), bytes.size()); }
    /// Nothing until the next one has come as a whole.
    std::optional<Message> next();
    /// One is longer than any may be: what follows means nothing.
    bool is_damaged() const noexcept { return is_damaged_; }

private:
    std::string input_;
    std::size_t begin_ = 0;
    bool is_damaged_ = false;
};

}  // namespace tracypy::drivers
