// Reads a session's output the way a viewer does: blocks, events, times, zone stacks. Strict: anything that a viewer
// would choke on is an error.
//
// It knows the wire by the strict viewer's tables (strict_tables.hpp), not by those of the code under test.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query_book.hpp"
#include "strict_tables.hpp"

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
    std::string_view kind;
    std::int64_t tick;
    std::uint64_t name;
};

struct PlotConfig {
    std::uint64_t plot;
    std::int64_t format;
    bool step, fill;
    std::uint32_t color;
};

struct Answer {
    std::string_view kind;  // the event's name
    std::uint64_t pointer;
    std::string text;
};

/// An event as it lies in its block.
struct SeenEvent {
    const strict::Event& event;
    const char* body;  // behind its number
    std::string_view tail;

    bool has(std::string_view field) const noexcept;
    /// A whole number of any width; 0 for a field that there is not.
    std::int64_t number(std::string_view field) const noexcept;
    /// 0xRRGGBB.
    std::uint32_t color() const noexcept;
    std::string_view bytes() const noexcept { return {body, event.size - std::size_t{1}}; }
};

class StreamReader {
public:
    explicit StreamReader(std::uint32_t protocol);
    StreamReader(StreamReader&&) = delete;

    /// The tables for a protocol number.
    static const strict::Protocol& tables(std::uint32_t protocol);

    /// Bytes after the on-demand message.
    void feed(std::span<const char> bytes);

    QueryBook queries;  // whoever asks tells it; an answer to what was not asked is an error

    std::string error;  // the first one
    std::map<std::uint32_t, std::vector<Zone>> zones;
    std::vector<Message> messages;
    std::vector<Mark> marks;
    std::vector<PlotConfig> plots;
    std::vector<std::pair<std::int64_t, std::string>> app_info;  // tick, text
    struct MemoryStep {
        bool is_free;
        std::int64_t tick;
        std::uint64_t pool, address, size;
        bool operator==(const MemoryStep&) const = default;
    };
    std::vector<MemoryStep> memory;
    std::vector<std::uint64_t> images;  // the numbers of their frames
    std::size_t image_bytes = 0;
    std::vector<Answer> answers;
    std::map<std::string_view, int> counts;  // by the event's name
    bool terminated = false;
    int blocks = 0;

    std::size_t open_zones() const;
    std::size_t total_zones() const;

private:
    using Handler = std::function<void(const SeenEvent&)>;

    void fail(const std::string& what) {
        if (error.empty()) error = what;
    }
    void block(std::span<const char> packed);
    void events(const char* cursor, const char* end);
    const char* tail(const strict::Event& event, const char* cursor, const char* end, std::string_view& bytes);
    /// What becomes of an event, by its name; empty for one that a session never sends.
    Handler handler(std::string_view name);
    Handler zone_handler(std::string_view name);
    Handler answer_handler(std::string_view name);
    void answer(std::string_view kind, std::uint64_t pointer, std::string text);
    std::string take(std::optional<std::string>& text);
    Zone* innermost();
    void begin(std::int64_t delta, std::uint64_t location);
    void end(std::int64_t delta);
    void message(const SeenEvent& seen);
    void image(const SeenEvent& seen);
    void memory_step(std::string_view name, const SeenEvent& seen);

    const strict::Protocol& protocol_;
    std::vector<Handler> handlers_;  // by the event's number
    std::string input_;
    std::string history_;
    std::uint32_t thread_ = 0;
    std::int64_t reference_ = 0;
    std::int64_t serial_reference_ = 0;
    std::uint64_t pool_ = 0;  // sent ahead
    std::size_t image_data_ = 0;
    std::map<std::uint32_t, std::vector<std::size_t>> open_;
    std::optional<std::string> single_;
    std::optional<std::string> second_;
};

}  // namespace tracypy::native_tests
