// Answers for a viewer's queries.
//
// A viewer counts how many of its queries are open and stops asking, and at the end waits, until each is answered.
// So each gets an answer of the kind it counts, even where there is nothing to tell. Numbers are ids, never
// addresses: they are looked up in base::Names, and only those that this connection was shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/names.hpp"
#include "protocol/callstack_ids.hpp"
#include "protocol/encoder.hpp"
#include "protocol/handshake.hpp"
#include "protocol/location_ids.hpp"
#include "protocol/native_answers.hpp"

namespace tracypy::protocol {

/// One thread; lives as long as the connection.
class QueryAnswers {
public:
    QueryAnswers(const base::Names& names, Encoder& encoder, const LocationIds& locations,
                 const CallstackIds& callstacks)
        : names_(names), encoder_(encoder), locations_(locations), callstacks_(callstacks), natives_(names) {}

    /// From now on the viewer may ask for this string.
    void show(base::StringId id);

    NativeAnswers& natives() noexcept { return natives_; }
    /// The address lies in machine code that the viewer has, or that calls from there, and no stack has it.
    bool is_in_code(std::uint64_t address) const;
    void answer_native_frame(std::uint64_t pointer, const base::NativeAddress& address);
    /// Of the file that a query is about. False: another one has to find it out.
    bool answer_source(const Query& query, std::string_view file);

    /// The viewer was told that something is in this file.
    bool has_shown_file(std::string_view file) const;

    /// `row_is_known`: whether the pointer of a ThreadString or FiberName query is a row that was shown.
    /// Terminate and Disconnect are not queries and are ignored.
    void answer(const Query& query, bool row_is_known);

private:
    /// Empty for what was not shown.
    std::string_view shown_text(std::uint64_t pointer) const;
    std::string row_name(std::uint64_t pointer, bool is_known) const;
    void answer_source_location(std::uint64_t pointer);
    void answer_callstack_frame(std::uint64_t pointer);
    void answer_symbol(std::uint64_t pointer);
    void answer_symbol_code(std::uint64_t pointer);
    void answer_external_name(std::uint64_t pointer);

    const base::Names& names_;
    Encoder& encoder_;
    const LocationIds& locations_;
    const CallstackIds& callstacks_;
    NativeAnswers natives_;
    std::vector<bool> shown_strings_;  // by StringId
    std::unordered_set<base::StringId> shown_files_;
};

}  // namespace tracypy::protocol
