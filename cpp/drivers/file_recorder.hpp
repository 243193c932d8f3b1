// Recording to a file: what happens in the program goes into a journal on the disk, and in the end into a .tracy file.
//
// One background thread drains the program, writes, keeps the limits, and makes the file: without the interpreter, and
// whatever the program does meanwhile. A full disk, or any other trouble with files, ends the recording and costs the
// program nothing. Memory is bounded: what was written is gone from it, and the file is made in a stream.
// Must not know: Python, viewers.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/names.hpp"
#include "drivers/making_progress.hpp"
#include "drivers/program.hpp"
#include "drivers/recording_config.hpp"

namespace tracypy::drivers {

/// start, stop, pause, resume and forget_after_fork may be called from any thread, but never by one that holds the
/// interpreter's lock. The questions may be asked by any thread at any time. `control_mutex_` guards `running_`.
class FileRecorder {
public:
    explicit FileRecorder(Program& program, const base::Names& names = base::names());
    /// Stops, and leaves a file as stop() does.
    ~FileRecorder();
    FileRecorder(const FileRecorder&) = delete;
    FileRecorder& operator=(const FileRecorder&) = delete;

    /// Returns when everything that happens from now on is recorded. What an earlier recording that has reached its
    /// limit left for stop() is forgotten. Throws base::SystemError if a file is in the way or cannot be made, and
    /// base::Error if a recording goes on already or the program cannot be attached to. Returns the number of the
    /// recording: the first one is 1.
    std::uint64_t start(const RecordingConfig& config);

    /// Ends the recording, waits until the file is made, and says what is in it; or says so of one that has reached
    /// its limit before. When `keep_waiting` gives up, the journal stays. Throws base::Error when there is no
    /// recording, or its file could not be made. `number`: only that recording, and no later one, which another thread
    /// may have started meanwhile; 0: whichever there is.
    RecordingResult stop(const KeepWaiting& keep_waiting = {}, std::uint64_t number = 0);

    /// Likewise, but for a process that ends: returns as soon as what will be in the file is known, if that is sooner
    /// and the rest takes a moment only. Then the file has no size yet, and leave() must follow.
    RecordingResult stop_and_leave(const KeepWaiting& keep_waiting, std::uint64_t number);
    /// What to say on stderr when the file is made, before and after its size. What goes wrong is said there, too.
    void leave(std::string before, std::string after);
    /// Returns when the file is made that somebody has left, or when `keep_waiting`, which is asked again and again,
    /// says no: then the keeper makes it, once the process has ended. Returns at once in a forked child.
    void await_left(const std::function<bool()>& keep_waiting = {});

    /// Returns when everything that has happened so far is in the journal, or nothing is recorded any more, or after
    /// a few seconds: for a program that is about to become another one.
    void flush();

    /// Writes what was recorded so far to a file, while the recording goes on; an empty path is that of the recording
    /// with a number. Throws base::SystemError when a file is in the way or it cannot be made, base::Error when nothing
    /// is being recorded, journal::Cancelled when `keep_waiting` gives up.
    Saved save(const std::filesystem::path& path, bool overwrite, const KeepWaiting& keep_waiting = {});
    /// Likewise, for what happens by itself and perhaps often: nothing when it was so just a moment ago. What came of
    /// it is told on stderr, and `why`. False: nothing was saved.
    bool save_because(std::string why, const KeepWaiting& keep_waiting = {});

    /// What happens is being recorded.
    bool is_running() const noexcept { return recording_.load(std::memory_order_acquire); }
    /// There is something for stop() to end or to tell.
    bool is_pending() const noexcept { return pending_.load(std::memory_order_acquire); }

    /// Around fork(), in the parent: between the two no thread of ours exists. A file that is just being made is made
    /// first. All other control calls wait until resume().
    void pause();
    void resume();
    /// In the child, in place of resume(): as if nothing had ever been recorded. The files are the parent's.
    void forget_after_fork() noexcept;

private:
    struct Running;

    std::shared_ptr<Running> running();
    std::shared_ptr<Running> begin_to_stop(std::uint64_t number, bool may_be_left);
    RecordingResult end(const std::shared_ptr<Running>& running, const std::exception_ptr& interruption);
    void forget() noexcept;

    Program& program_;
    const base::Names& names_;
    std::mutex control_mutex_;
    std::shared_ptr<Running> running_;
    std::uint64_t last_number_ = 0;       // guarded by control_mutex_
    std::atomic<bool> recording_{false};  // written by the background thread
    std::atomic<bool> pending_{false};
    std::atomic<std::uint64_t> left_by_{0};  // the process that has left a recording
};

}  // namespace tracypy::drivers
