#include "protocol/pending_queries.hpp"

#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol {

void PendingQueries::ask(QueryKind kind, std::uint64_t pointer) {
    waiting_.push_back({kind, pointer, 0});
    if (kind == QueryKind::SourceLocation) {
        locations_.push_back(pointer);
    } else {
        unanswered_[static_cast<std::size_t>(kind)].insert(pointer);
    }
}

// An answer to a query that was not sent yet is none; it would make the count of those under way wrong.
void PendingQueries::answered(QueryKind kind, std::uint64_t pointer) {
    if (under_way_ == 0 || unanswered_[static_cast<std::size_t>(kind)].erase(pointer) == 0) {
        throw PeerError("an answer that was not asked for (kind " + std::to_string(static_cast<unsigned>(kind)) +
                        ", id " + std::to_string(pointer) + ")");
    }
    --under_way_;
}

std::uint64_t PendingQueries::location_answered() {
    if (under_way_ == 0 || locations_.empty()) throw PeerError("a source location that was not asked for");
    const std::uint64_t pointer = locations_.front();
    locations_.pop_front();
    --under_way_;
    return pointer;
}

void PendingQueries::send(OutputBuffer& output) {
    while (!waiting_.empty() && under_way_ < kMaxUnderWay) {
        const std::string bytes = make_query(waiting_.front());
        output.append(bytes.data(), bytes.size());
        waiting_.pop_front();
        ++under_way_;
    }
}

}  // namespace tracypy::protocol
