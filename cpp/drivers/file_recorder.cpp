#include "drivers/file_recorder.hpp"

#include <chrono>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "drivers/background_thread.hpp"
#include "drivers/recording_loop.hpp"

namespace tracypy::drivers {

/// Everything that exists between start and stop. Leaked in a forked child: it may have been in use there by a thread
/// that the child does not have.
struct FileRecorder::Running {
    Running(Program& program, const base::Names& names, const RecordingConfig& config, std::atomic<bool>& recording)
        : control(recording), loop(program, names, config, control) {}

    /// Throws std::system_error when the system has no thread to give.
    void start_thread() {
        thread.start("tracypy-rec", [this] { loop.run(); });
    }

    RecordingControl control;
    RecordingLoop loop;
    BackgroundThread thread;
    std::uint64_t number = 0;
};

FileRecorder::FileRecorder(Program& program, const base::Names& names) : program_(program), names_(names) {}

FileRecorder::~FileRecorder() {
    try {
        if (is_pending()) stop();
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
    auto running = std::make_shared<Running>(program_, names_, config, recording_);
    try {
        running->start_thread();
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

RecordingResult FileRecorder::stop(const KeepWaiting& keep_waiting, std::uint64_t number) {
    std::shared_ptr<Running> running;
    {
        const std::lock_guard lock(control_mutex_);
        const bool is_meant = running_ != nullptr && (number == 0 || number == running_->number);
        if (!is_meant) throw base::Error(base::problem<base::ErrorCode::NothingRecorded>());
        running = running_;
        running->control.stop.store(true, std::memory_order_release);
        running->control.wake();
    }
    // Without the mutex, so that others may fork meanwhile.
    RecordingControl& control = running->control;
    std::exception_ptr interruption;
    try {
        wait_for_trace(control.over, control.progress, keep_waiting);
    } catch (...) {
        interruption = std::current_exception();
    }
    {
        const std::lock_guard lock(control_mutex_);
        running->thread.join();
        if (running_ == running) forget();
    }
    if (interruption) std::rethrow_exception(interruption);
    return running->loop.result();
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
    control_mutex_.lock();  // until resume(), or forget_after_fork() in the child
    if (running_ == nullptr) return;
    running_->control.pause.store(true, std::memory_order_release);
    running_->control.wake();
    running_->thread.join();
}

void FileRecorder::resume() {
    if (running_ != nullptr) {
        running_->control.pause.store(false, std::memory_order_release);
        try {
            if (!running_->control.is_over()) running_->start_thread();
        } catch (const std::system_error&) {
            running_->loop.give_up("after a fork, the thread that records could not be started again");
        }
    }
    control_mutex_.unlock();
}

void FileRecorder::forget_after_fork() noexcept {
    if (running_ != nullptr) {
        running_->loop.close_descriptors();
        new (std::nothrow) std::shared_ptr<Running>(std::move(running_));
    }
    forget();
    recording_.store(false, std::memory_order_release);
    // A thread that the child does not have may hold the old one.
    new (&control_mutex_) std::mutex;
}

}  // namespace tracypy::drivers
