#include "protocol/pending_queries.hpp"

#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol {

void PendingQueries::ask(QueryKind kind, std::uint64_t pointer, std::uint32_t extra) {
    waiting_.push_back({kind, pointer, extra});
    if (kind == QueryKind::SourceLocation) {
        locations_.push_back(pointer);
    } else {
        unanswered_[static_cast<std::size_t>(kind)].insert(pointer);
    }
}

// Twelve bytes in each piece, as they would lie in memory: pointer, then extra.
void PendingQueries::ask_about(std::string_view text) {
    waiting_.push_back({QueryKind::DataTransfer, text.size() + 1, 0});
    ++unacknowledged_;
    const std::string bytes(text.data(), text.size());
    for (std::size_t at = 0; at <= bytes.size(); at += sizeof(std::uint64_t) + sizeof(std::uint32_t)) {
        Query piece{QueryKind::DataTransferPart, 0, 0};
        bytes.copy(reinterpret_cast<char*>(&piece.pointer), sizeof(piece.pointer), at);
        if (at + sizeof(piece.pointer) < bytes.size()) {
            bytes.copy(reinterpret_cast<char*>(&piece.extra), sizeof(piece.extra), at + sizeof(piece.pointer));
        }
        waiting_.push_back(piece);
        ++unacknowledged_;
    }
}

// (index << 32 | value)
void PendingQueries::set_parameter(std::uint32_t index, std::int32_t value) {
    waiting_.push_back({QueryKind::Parameter, std::uint64_t{index} << 32 | static_cast<std::uint32_t>(value), 0});
    ++unacknowledged_;
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

void PendingQueries::code_not_available() {
    const std::size_t asked = unanswered_[static_cast<std::size_t>(QueryKind::SymbolCode)].size();
    if (under_way_ == 0 || codes_not_available_ >= asked) throw PeerError("machine code that was not asked for");
    ++codes_not_available_;
    --under_way_;
}

void PendingQueries::acknowledged() {
    if (under_way_ == 0 || unacknowledged_ == 0) throw PeerError("an acknowledgement of nothing");
    --unacknowledged_;
    --under_way_;
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
