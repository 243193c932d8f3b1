// What a captured program's names mean: texts and source locations that it calls by 64-bit numbers of its own.
//
// Each gets an id of ours when it is first seen, and its content when the program has answered for it. Queries are
// asked in the order in which a real viewer asks them.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "base/names.hpp"
#include "protocol/captured_sources.hpp"
#include "protocol/event_access.hpp"
#include "protocol/handshake.hpp"
#include "protocol/pending_queries.hpp"

namespace tracypy::protocol {

/// One thread.
class CapturedNames {
public:
    /// What a name reads for which no answer came.
    static constexpr std::string_view kUnknown = "???";

    CapturedNames(base::Names& names, PendingQueries& queries)
        : names_(names), queries_(queries), sources_(names, queries) {}

    CapturedSources& sources() noexcept { return sources_; }
    std::size_t source_bytes() const noexcept { return sources_.bytes(); }

    /// A text, asked for once. 0 is no text.
    base::StringId text(std::uint64_t pointer);
    /// The name of a plot or a set of frames; the caller asks once for each.
    base::StringId named(QueryKind kind, std::uint64_t pointer);
    base::SourceLocationId location(std::uint64_t pointer) {
        const Recent& recent = recent_[place_of(pointer)];
        if (recent.pointer == pointer && pointer != 0) [[likely]] {
            return recent.id;
        }
        return find_location(pointer);
    }
    /// A location that comes whole: colour u32, line u32, function, 0, file, 0, name. Throws PeerError.
    base::SourceLocationId dynamic_location(std::string_view payload);

    /// Answers. They throw PeerError when they were not asked for.
    void text_answered(QueryKind kind, std::uint64_t pointer, std::string_view text);
    void location_answered(const Incoming<WireEvent::SourceLocation>& event);

    /// Whatever was not answered is kUnknown. Nothing more may be asked.
    void finish();

private:
    struct Text {
        base::StringId id;
        bool is_known;
        bool is_asked;  // by text()
    };
    Text& entry(std::uint64_t pointer);
    void name_source(std::uint64_t file);
    base::StringId unknown();

    struct Location {
        base::SourceLocationId id;
        bool is_known;
    };
    /// Zones come in runs of few locations.
    struct Recent {
        std::uint64_t pointer = 0;
        base::SourceLocationId id = base::SourceLocationId::Other;
    };
    static constexpr std::size_t kRecent = 1024;
    static std::size_t place_of(std::uint64_t pointer) noexcept {
        return (pointer ^ pointer >> 5 ^ pointer >> 11) % kRecent;
    }
    base::SourceLocationId find_location(std::uint64_t pointer);

    base::Names& names_;
    PendingQueries& queries_;
    CapturedSources sources_;
    std::unordered_map<std::uint64_t, Text> texts_;
    Text no_room_{};  // of whatever there is no room for
    std::unordered_map<std::uint64_t, Location> locations_;
    Recent recent_[kRecent];
};

}  // namespace tracypy::protocol
