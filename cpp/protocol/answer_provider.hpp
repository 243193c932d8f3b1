// Answers that take their time: a session asks for them, and goes on.
//
// A viewer counts its queries, so each gets exactly one answer, whatever becomes of the one who is to give it: a
// PendingAnswer that is dropped says "not available", one that comes too late or after the connection has ended says
// nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tracypy::protocol {

/// Where an answer is put down by whichever thread has it, and picked up by the session's. No lock: the text is the
/// giver's until `state` says Given, and the session's from then on.
struct AnswerSlot {
    enum class State : std::uint8_t { Waiting, Given, Declined, Abandoned };

    std::atomic<State> state{State::Waiting};
    std::string text;
};

/// The right to answer one query. Any thread, one at a time.
class PendingAnswer {
public:
    explicit PendingAnswer(std::shared_ptr<AnswerSlot> slot) noexcept : slot_(std::move(slot)) {}
    PendingAnswer(PendingAnswer&&) noexcept = default;
    PendingAnswer& operator=(PendingAnswer&& other) noexcept {
        settle(AnswerSlot::State::Declined);
        slot_ = std::move(other.slot_);
        return *this;
    }
    /// Not available, unless it was given.
    ~PendingAnswer() { settle(AnswerSlot::State::Declined); }

    void give(std::string text) noexcept {
        if (slot_ == nullptr) return;
        slot_->text = std::move(text);
        settle(AnswerSlot::State::Given);
    }

    /// False when no viewer waits for it any longer.
    bool is_wanted() const noexcept {
        return slot_ != nullptr && slot_->state.load(std::memory_order_relaxed) == AnswerSlot::State::Waiting;
    }

private:
    void settle(AnswerSlot::State state) noexcept {
        if (slot_ == nullptr) return;
        // Release: the session that reads Given must see the text.
        auto expected = AnswerSlot::State::Waiting;
        slot_->state.compare_exchange_strong(expected, state, std::memory_order_release, std::memory_order_relaxed);
        slot_.reset();
    }

    std::shared_ptr<AnswerSlot> slot_;
};

/// What only the program itself knows. Called by the session's thread, which must not be kept waiting: an
/// implementation hands the query on to a thread of its own, or answers on the spot where that costs nothing.
class AnswerProvider {
public:
    virtual ~AnswerProvider() = default;

    /// The text of a source file, by the name that the trace calls it. `is_in_trace`: this viewer has been told of the
    /// file; it has no business with any other.
    virtual void source_text(std::string_view file, bool is_in_trace, PendingAnswer answer) noexcept = 0;

    /// What is at an address of machine code, within code that this viewer has been given: the answer is the number of
    /// base::CallstackTable::native() as a text.
    virtual void code_place(std::uint64_t, PendingAnswer) noexcept {}

    /// The viewer has set a parameter. The viewer is told that it arrived when `answer` is given or dropped.
    virtual void set_parameter(std::uint32_t index, std::int32_t value, PendingAnswer answer) noexcept = 0;
};

}  // namespace tracypy::protocol
