// The texts of a captured program's sources: asked for as a real viewer asks that cannot open the files itself.
//
// A program names its files by pointers, whose texts may still be on their way, or in words. Each is asked for once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/names.hpp"
#include "protocol/pending_queries.hpp"

namespace tracypy::protocol {

/// One thread. What was not asked for is a PeerError.
class CapturedSources {
public:
    CapturedSources(base::Names& names, PendingQueries& queries) : names_(names), queries_(queries) {}

    /// Some have no place for texts, or the program has none to send: until then, nothing is asked for.
    void enable() noexcept { is_enabled_ = true; }

    /// A source location has this file; `text`: the text behind the pointer, if it is known.
    void named(std::uint64_t pointer, const std::string_view* text);
    void text_came(std::uint64_t pointer, std::string_view text);
    /// `image`: the binary, where one is known.
    void told(std::string_view file, const std::string_view* image = nullptr);

    void answered(std::uint32_t id, std::string_view text);
    void not_available(std::uint32_t id);
    /// How many were asked for and not answered.
    std::size_t unanswered() const noexcept { return files_.size(); }
    /// What it takes besides the texts, roughly.
    std::size_t bytes() const noexcept { return bytes_; }

private:
    void ask(std::string_view file, const std::string_view* image);

    base::Names& names_;
    PendingQueries& queries_;
    bool is_enabled_ = false;
    std::unordered_set<std::uint64_t> asked_pointers_, awaited_pointers_;
    std::unordered_set<std::string> asked_texts_, received_;
    std::unordered_map<std::uint32_t, std::string> files_;  // by the number of the query
    std::uint32_t next_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace tracypy::protocol
