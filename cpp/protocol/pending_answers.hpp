// Queries of a viewer that are not answered on the spot: names of threads, which are often set just after a thread
// began, and what an AnswerProvider has to find out.
//
// Each gets exactly one answer. Where answers carry what they answer (names, source files), the one that is there first
// goes first; acknowledgements of parameters carry nothing and keep the order of their queries. A provider is asked for
// a few things at a time, so that what it gives to a viewer that reads slowly stays little, and has kPatienceNs for
// each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answer_provider.hpp"
#include "protocol/handshake.hpp"

namespace tracypy::protocol {

/// One thread; lives as long as the connection.
class PendingAnswers {
public:
    /// Further queries are answered at once. A viewer has at most 8,188 queries open, of all kinds.
    static constexpr std::size_t kMaxNames = 8'192;
    static constexpr std::size_t kMaxRequests = 1'024;
    static constexpr std::size_t kMaxPlaces = 8'192;  // in machine code: refused, they would have no name for good
    /// How much a provider is asked for at a time, and how many of its answers are taken in one call.
    static constexpr std::size_t kMaxAsked = 8;
    static constexpr std::int64_t kNameDelayNs = 300'000'000;
    static constexpr std::int64_t kPatienceNs = 2'000'000'000;

    /// `provider` may be nullptr, and must outlive the connection.
    explicit PendingAnswers(AnswerProvider* provider) : provider_(provider) {}
    ~PendingAnswers();
    PendingAnswers(const PendingAnswers&) = delete;
    PendingAnswers& operator=(const PendingAnswers&) = delete;

    /// False when the query is to be answered now.
    bool add_name(const Query& query);
    /// `is_in_trace`: of the file(), if the query is for one.
    bool add_request(const Query& query, bool is_in_trace);

    /// The name of a file comes in pieces, before the query for its text.
    void begin_file(std::uint64_t bytes);
    void add_file_part(const Query& query);
    std::string_view file() const noexcept { return std::string_view(file_).substr(0, file_.find('\0')); }

    struct Answer {
        Query query;
        bool is_given = false;  // else there is none
        std::string text;
    };
    /// What may be answered now. `now_ns`: any clock, the same in every call.
    std::vector<Query> take_names(std::int64_t now_ns);
    std::vector<Query> take_all_names();
    std::vector<Answer> take_answers(std::int64_t now_ns);

private:
    /// A file's name; longer than any system allows is none.
    static constexpr std::size_t kMaxFileName = 4'096;

    struct Name {
        Query query;
        std::int64_t asked_ns;  // 0: not yet timed
    };
    struct Request {
        Query query;
        std::string file;
        bool is_in_trace;
        std::shared_ptr<AnswerSlot> slot = nullptr;  // none: not yet asked for
        std::int64_t asked_ns = 0;                   // by the clock of take_answers
    };

    void ask(std::int64_t now_ns);
    void give_up(std::int64_t now_ns);
    static bool is_settled(const Request& request) noexcept;

    AnswerProvider* provider_;
    std::deque<Name> names_;
    std::deque<Request> requests_;  // in the order of the queries; those asked for come first
    std::size_t asked_ = 0;
    std::string file_;
    bool is_file_too_long_ = false;
};

}  // namespace tracypy::protocol
