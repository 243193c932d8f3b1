#include "process/source_answers.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "cpython/parameters.hpp"
#include "cpython/source_texts.hpp"
#include "io/file_text.hpp"
#include "process/parts.hpp"

namespace tracypy::process {
namespace {

constexpr std::chrono::seconds kPatience{1};

std::optional<std::string> read_ordinary(const std::string& path) {
    return io::text_of_file(path, kMostSourceBytes);
}

}  // namespace

void SourceAnswers::source_text(std::string_view file, bool is_in_trace, protocol::PendingAnswer answer) noexcept {
    if (!is_in_trace) return;
    State* const state = state_;
    const std::lock_guard lock(state->mutex);
    try {
        state->requests.push_back({std::string(file), std::move(answer)});
        if (state->is_running) return;
        if (state->thread.joinable()) state->thread.join();  // it has nothing left to do
        state->thread = std::thread([state] { work(state); });
        state->is_running = true;
    } catch (...) {
        state->requests.clear();  // no memory, or no thread: not available
    }
}

void SourceAnswers::code_place(std::uint64_t address, protocol::PendingAnswer answer) noexcept {
    try {
        gather_root().look_up(address, std::move(answer));
    } catch (...) {
        // No memory: it is not known.
    }
}

void SourceAnswers::set_parameter(std::uint32_t index, std::int32_t value, protocol::PendingAnswer) noexcept {
    try {
        index < drivers::FamilyNumbers::kFirstParameter ? cpython::set_parameter(index, value)
                                                        : gather_root().set_parameter(index, value);
    } catch (...) {
        // No memory: it stays as it is.
    }
}

void SourceAnswers::work(State* state) noexcept {
    std::unique_lock lock(state->mutex);
    while (!state->requests.empty()) {
        Request request = std::move(state->requests.front());
        state->requests.pop_front();
        lock.unlock();
        if (request.answer.is_wanted()) {
            if (std::optional<std::string> text = cpython::source_text(request.file, read_ordinary)) {
                request.answer.give(*std::move(text));
            }
        }
        lock.lock();
    }
    state->is_running = false;
    state->is_idle.notify_all();
}

void SourceAnswers::pause() noexcept {
    State* const state = state_;
    std::unique_lock lock(state->mutex);
    state->requests.clear();
    const bool is_idle = state->is_idle.wait_for(lock, kPatience, [state] { return !state->is_running; });
    if (is_idle && state->thread.joinable()) state->thread.join();
}

}  // namespace tracypy::process
