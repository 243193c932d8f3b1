// Answers a viewer's questions for source texts, by a thread that is there only while there are any; and takes what the
// viewer sets.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "drivers/program.hpp"

namespace tracypy::process {

/// What fits into one answer; of a longer text there is none, since half of it would have the wrong end.
inline constexpr std::uintmax_t kMostSourceBytes = 256 * 1024 - 16;

/// Any thread. Never destroyed: its thread may be waiting for an interpreter that is gone.
class SourceAnswers final : public protocol::AnswerProvider {
public:
    void source_text(std::string_view file, bool is_in_trace, protocol::PendingAnswer answer) noexcept override;
    /// Only gathered clients have machine code.
    void code_place(std::uint64_t address, protocol::PendingAnswer answer) noexcept override;
    /// The viewer is told at once that it has arrived.
    void set_parameter(std::uint32_t index, std::int32_t value, protocol::PendingAnswer answer) noexcept override;

    /// Waits until its thread is gone, but not for ever: that may be in code of the program.
    void pause() noexcept;
    /// In a forked child: nothing of what was asked for is left.
    void forget_after_fork() noexcept { state_ = new State; }

private:
    struct Request {
        std::string file;
        protocol::PendingAnswer answer;
    };
    struct State {
        std::mutex mutex;
        std::condition_variable is_idle;
        std::thread thread;            // mutex; joinable while there was one
        std::deque<Request> requests;  // mutex
        bool is_running = false;       // mutex
    };

    static void work(State* state) noexcept;

    State* state_ = new State;
};

}  // namespace tracypy::process
