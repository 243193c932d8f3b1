// Traces of what was recorded so far, made while the recording goes on.
//
// Whoever wants one waits in a queue. The recording thread hands over what there is, for one at a time, and goes on;
// the trace is made on a thread of its own, which lives no longer than that takes.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "drivers/background_thread.hpp"
#include "drivers/making_progress.hpp"
#include "drivers/recording_config.hpp"
#include "io/byte_stream.hpp"

namespace tracypy::drivers {

/// `mutex_` guards the queue and whether it is closed; the rest belongs to the recording thread, or to who has joined
/// it.
class Snapshots {
public:
    /// `trace`: what the recording makes at its end; a file without a name of its own is called so with a number.
    /// `on_made` is called by any thread when the next one may begin.
    Snapshots(std::filesystem::path trace, std::function<void()> on_made);
    ~Snapshots();

    /// Any thread. Waits for the file; an empty path is a name that is free. Throws base::SystemError when it cannot
    /// be made, base::Error when the recording is over, journal::Cancelled when `keep_waiting` has given up.
    /// `why`: if there is one, what came of it is told on stderr.
    Saved save(const std::filesystem::path& path, bool overwrite, std::string why, const KeepWaiting& keep_waiting);
    /// The recording thread. No thread waits.
    void save_soon(std::string why);

    // The recording thread.
    /// Somebody waits, and none is being made.
    bool is_wanted();
    using Source = std::function<std::unique_ptr<io::SeekableSource>()>;
    /// Begins to make the next one of what `source` gives. When that throws, so does save().
    void begin(const Source& source);
    /// Waits for the one that is being made.
    void finish();
    /// Makes all that were asked for, and takes no more.
    void close(const Source& source);
    /// Likewise, without making them.
    void give_up() noexcept;

private:
    struct Job {
        std::filesystem::path path;
        bool overwrite = false;
        std::string why;  // empty: nothing is said
        journal::Progress progress;
        Saved saved;
        std::exception_ptr problem;
        DoneFlag done;
    };
    using JobPointer = std::shared_ptr<Job>;

    void add(JobPointer job);
    bool drop(const JobPointer& job);
    JobPointer take();
    void start(const std::function<void()>& make);
    void make(Job& job, io::SeekableSource& source);
    void make_file(Job& job, io::SeekableSource& source);
    void fail(Job& job, std::exception_ptr problem) noexcept;
    std::filesystem::path free_path();

    const std::filesystem::path trace_;
    const std::function<void()> on_made_;
    std::mutex mutex_;
    std::deque<JobPointer> queue_;
    bool is_closed_ = false;
    std::atomic<bool> is_making_{false};
    std::uint64_t next_number_ = 1;  // of the one that is being made
    BackgroundThread maker_;
};

}  // namespace tracypy::drivers
