// Reads a session's output the way a viewer does: blocks, events, times, zone stacks. Strict: anything that a viewer
// would choke on is an error.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace tracypy::native_tests {

struct Zone {
    std::int64_t start;
    std::int64_t end;  // -1: open
    std::uint64_t location;
    std::size_t depth;
    std::string text;
    std::string name;
    std::optional<std::uint64_t> value;
    std::uint32_t color = 0;
};

struct Message {
    std::uint32_t thread;
    std::int64_t tick;
    std::string text;
    std::uint32_t color;
    int metadata;  // -1: none on the wire
};

struct Mark {
    protocol::WireEvent kind;
    std::int64_t tick;
    std::uint64_t name;
};

struct Answer {
    protocol::WireEvent kind;
    std::uint64_t pointer;
    std::string text;
};

class WireReader {
public:
    explicit WireReader(const protocol::Dialect& dialect) : dialect_(dialect) {}

    /// Bytes after the on-demand message.
    void feed(std::span<const char> bytes);

    std::string error;  // the first one
    std::map<std::uint32_t, std::vector<Zone>> zones;
    std::vector<Message> messages;
    std::vector<Mark> marks;
    std::vector<Answer> answers;
    std::map<protocol::WireEvent, int> counts;
    bool terminated = false;
    int blocks = 0;

    std::size_t open_zones() const;
    std::size_t total_zones() const;

private:
    void fail(const std::string& what) {
        if (error.empty()) error = what;
    }
    void block(std::span<const char> packed);
    void events(const char* cursor, const char* end);
    bool event(protocol::WireEvent kind, const char* body);
    Zone* innermost();
    void begin(std::int64_t delta, std::uint64_t location);
    void end(std::int64_t delta);

    const protocol::Dialect& dialect_;
    std::string input_;
    std::string history_;
    std::uint32_t thread_ = 0;
    std::int64_t reference_ = 0;
    std::map<std::uint32_t, std::vector<std::size_t>> open_;
    std::optional<std::string> single_;
    std::optional<std::string> second_;
};

}  // namespace tracypy::native_tests
