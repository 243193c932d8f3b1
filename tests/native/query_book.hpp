// What a viewer has asked and not been answered yet: exactly one answer for each query, and none for what was not
// asked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>
#include <vector>

namespace tracypy::native_tests {

class QueryBook {
public:
    /// Queries as they go over the wire, whole ones: kind u8, pointer u64, extra u32.
    void ask(std::string_view queries) {
        constexpr std::size_t kBytes = 13;
        for (std::size_t at = 0; at + kBytes <= queries.size(); at += kBytes) {
            const auto kind = static_cast<std::uint8_t>(queries[at]);
            std::uint64_t pointer;
            std::memcpy(&pointer, &queries[at + 1], sizeof(pointer));
            if (kind < std::size(kAnswers) && !kAnswers[kind].empty()) open_.push_back({kAnswers[kind], pointer});
        }
    }

    /// Strikes out the oldest query that `event` answers; false when there is none.
    bool answer(std::string_view event, std::uint64_t pointer) {
        if (std::ranges::find(kParts, event) != std::end(kParts)) return true;
        const std::string_view kind = event == "AckSourceCodeNotAvailable" ? "SourceCode"
                                      : event == "SymbolCode"              ? "AckSymbolCodeNotAvailable"
                                                                           : event;
        const bool is_anonymous = kind == "SourceLocation" || kind.starts_with("Ack");
        const auto found = std::ranges::find_if(
            open_, [&](const Open& one) { return one.answer == kind && (is_anonymous || one.pointer == pointer); });
        if (found == open_.end()) return false;
        open_.erase(found);
        return true;
    }

    std::size_t open() const noexcept { return open_.size(); }

private:
    struct Open {
        std::string_view answer;
        std::uint64_t pointer;
    };

    /// By the kind of the query. Terminate (0) and Disconnect (9) are not answered.
    static constexpr std::string_view kAnswers[] = {"",
                                                    "StringData",
                                                    "ThreadName",
                                                    "SourceLocation",
                                                    "PlotName",
                                                    "FrameName",
                                                    "AckServerQueryNoop",
                                                    "FiberName",
                                                    "ExternalName",
                                                    "",
                                                    "CallstackFrameSize",
                                                    "SymbolInformation",
                                                    "AckSymbolCodeNotAvailable",
                                                    "SourceCode",
                                                    "AckServerQueryNoop",
                                                    "AckServerQueryNoop"};
    /// Go with another event that is the answer.
    static constexpr std::string_view kParts[] = {"ExternalThreadName", "CallstackFrame"};

    std::vector<Open> open_;
};

}  // namespace tracypy::native_tests
