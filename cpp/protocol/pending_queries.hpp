// What a capture asks of the program, and whether an answer was asked for.
//
// Few queries may be under way: a program answers between two blocks of events, and one that waits to be read while
// it is asked without end would never come to it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_set>

#include "protocol/handshake.hpp"
#include "protocol/output_buffer.hpp"

namespace tracypy::protocol {

/// One thread.
class PendingQueries {
public:
    /// What a real viewer allows itself on a common connection.
    static constexpr std::size_t kMaxUnderWay = 8'188;

    /// Goes out by send(), first in, first out.
    void ask(QueryKind kind, std::uint64_t pointer, std::uint32_t extra = 0);
    /// Gives the program a text that the next query is about, in pieces that are queries of their own.
    void ask_about(std::string_view text);
    /// Gives the program a value for one of its parameters; it says when it has heard.
    void set_parameter(std::uint32_t index, std::int32_t value);
    /// Strikes a query out. Throws PeerError when it was not asked.
    void answered(QueryKind kind, std::uint64_t pointer);
    /// A source location comes without its pointer: it answers the oldest query for one.
    std::uint64_t location_answered();
    /// There is no such code; which one is not said.
    void code_not_available();
    /// A query that wants no answer was heard.
    void acknowledged();

    /// As many as may be under way.
    void send(OutputBuffer& output);

    /// What it takes, roughly.
    std::size_t bytes() const noexcept {
        constexpr std::size_t kBytesEach = 64;
        return (waiting_.size() + under_way_) * kBytesEach;
    }
    /// Nothing waits to be asked or answered.
    bool empty() const noexcept { return waiting_.empty() && under_way_ == 0; }
    /// Nothing but texts of sources, which some programs that could send them never do.
    bool waits_for_sources_only() const noexcept {
        const std::size_t sources = unanswered_[static_cast<std::size_t>(QueryKind::SourceCode)].size();
        return waiting_.empty() && sources != 0 && under_way_ == sources;
    }

private:
    std::deque<Query> waiting_;
    std::size_t under_way_ = 0;
    std::array<std::unordered_set<std::uint64_t>, kQueryKinds> unanswered_;  // by kind, but for locations
    std::deque<std::uint64_t> locations_;
    std::size_t codes_not_available_ = 0;
    std::size_t unacknowledged_ = 0;
};

}  // namespace tracypy::protocol
