#include "drivers/file_recorder.hpp"

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "drivers/around_forks.hpp"
#include "drivers/recording_loop.hpp"
#include "io/process.hpp"

namespace tracypy::drivers {
namespace {

/// Returns what `keep_waiting` has thrown.
std::exception_ptr wait_for_file(RecordingControl& control, DoneFlag& done, const KeepWaiting& keep_waiting) {
    try {
        wait_for_trace(done, control.progress, keep_waiting);
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

}  // namespace

namespace {

constexpr const char* kThreadName = "tracypy-rec";

}  // namespace

/// Everything that exists between start and stop.
struct FileRecorder::Running : LoopOnThread<RecordingControl, RecordingLoop> {
    using LoopOnThread::LoopOnThread;

    std::uint64_t number = 0;
};

FileRecorder::FileRecorder(Program& program, const base::Names& names) : program_(program), names_(names) {}

FileRecorder::~FileRecorder() {
    try {
        if (is_pending()) stop();
        await_left();
    } catch (const std::exception&) {
        // The journal stays, and the log has said so.
    }
}

std::uint64_t FileRecorder::start(const RecordingConfig& config) {
    make_room_for_exceptions();  // this thread will stop it, as a rule
    const std::lock_guard lock(control_mutex_);
    if (running_ != nullptr) {
        if (!running_->control.is_over()) throw base::Error(base::problem<base::ErrorCode::AlreadyRecording>());
        running_->thread.join();
        forget();
    }
    (void)base::tick_scale();  // the first reading: the longer ago it is, the better the scale
    auto running = std::make_shared<Running>(recording_, program_, names_, config);
    try {
        running->start_thread(kThreadName);
    } catch (const std::system_error& error) {
        throw base::SystemError(error.code().value(), base::problem<base::ErrorCode::NoRecordingThread>());
    }
    running->control.begun.wait();
    if (!running->loop.has_begun()) {
        running->thread.join();
        (void)running->loop.result();  // throws
    }
    running->number = ++last_number_;
    running_ = std::move(running);
    pending_.store(true, std::memory_order_release);
    return last_number_;
}

std::shared_ptr<FileRecorder::Running> FileRecorder::begin_to_stop(std::uint64_t number, bool may_be_left) {
    const std::lock_guard lock(control_mutex_);
    const bool is_meant = running_ != nullptr && (number == 0 || number == running_->number);
    if (!is_meant) throw base::Error(base::problem<base::ErrorCode::NothingRecorded>());
    running_->control.may_be_left.store(may_be_left, std::memory_order_relaxed);
    running_->control.stop.store(true, std::memory_order_release);
    running_->control.wake();
    return running_;
}

RecordingResult FileRecorder::stop(const KeepWaiting& keep_waiting, std::uint64_t number) {
    const std::shared_ptr<Running> running = begin_to_stop(number, false);
    // Without the mutex, so that others may fork meanwhile.
    return end(running, wait_for_file(running->control, running->control.over, keep_waiting));
}

RecordingResult FileRecorder::stop_and_leave(const KeepWaiting& keep_waiting, std::uint64_t number) {
    const std::shared_ptr<Running> running = begin_to_stop(number, true);
    const std::exception_ptr interruption = wait_for_file(running->control, running->control.known, keep_waiting);
    if (interruption) running->control.over.wait();
    if (running->control.is_over()) return end(running, interruption);
    left_by_.store(io::process_id(), std::memory_order_relaxed);
    pending_.store(false, std::memory_order_release);
    return running->loop.expected();
}

RecordingResult FileRecorder::end(const std::shared_ptr<Running>& running, const std::exception_ptr& interruption) {
    {
        const std::lock_guard lock(control_mutex_);
        running->thread.join();
        if (running_ == running) forget();
    }
    if (interruption) std::rethrow_exception(interruption);
    return running->loop.result();
}

void FileRecorder::leave(std::string before, std::string after) {
    running()->control.farewell.leave(std::move(before), std::move(after));
}

void FileRecorder::await_left(const std::function<bool()>& keep_waiting) {
    constexpr std::chrono::milliseconds kAskInterval{20};
    if (left_by_.load(std::memory_order_relaxed) != io::process_id()) return;
    std::shared_ptr<Running> left;
    {
        const std::lock_guard lock(control_mutex_);
        left = running_;  // it stays there: the process ends, and the system frees it sooner
    }
    if (left == nullptr) return;
    while (!left->control.over.is_set()) {
        if (keep_waiting && !keep_waiting()) return;
        left->control.over.wait_for(kAskInterval);
    }
    const std::lock_guard lock(control_mutex_);
    left->thread.join();
}

void FileRecorder::flush() {
    constexpr std::chrono::seconds kLongest{5};
    std::shared_ptr<Running> running;
    {
        const std::lock_guard lock(control_mutex_);
        if (running_ == nullptr) return;
        running = running_;
    }
    running->control.flush(kLongest);
}

/// Without the mutex the caller may wait, and others may fork meanwhile.
std::shared_ptr<FileRecorder::Running> FileRecorder::running() {
    const std::lock_guard lock(control_mutex_);
    if (running_ == nullptr) throw base::Error(base::problem<base::ErrorCode::NothingRecorded>());
    return running_;
}

Saved FileRecorder::save(const std::filesystem::path& path, bool overwrite, const KeepWaiting& keep_waiting) {
    return running()->loop.save(path, overwrite, keep_waiting);
}

bool FileRecorder::save_because(std::string why, const KeepWaiting& keep_waiting) {
    return running()->loop.save_because(std::move(why), keep_waiting);
}

void FileRecorder::forget() noexcept {
    running_ = nullptr;
    pending_.store(false, std::memory_order_release);
}

void FileRecorder::pause() {
    pause_for_fork(control_mutex_, running_);
}

void FileRecorder::resume() {
    resume_after_fork(control_mutex_, running_, kThreadName, [this] {
        running_->loop.give_up("after a fork, the thread that records could not be started again");
    });
}

void FileRecorder::forget_after_fork() noexcept {
    forget_in_child(control_mutex_, running_);
    forget();
    recording_.store(false, std::memory_order_release);
}

}  // namespace tracypy::drivers
