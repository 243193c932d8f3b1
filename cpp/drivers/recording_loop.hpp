// What the recording thread does: drain the program into the journal, keep the limits, make the trace.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/names.hpp"
#include "drivers/farewell.hpp"
#include "drivers/keeper.hpp"
#include "drivers/program.hpp"
#include "drivers/recording_config.hpp"
#include "drivers/recording_files.hpp"
#include "drivers/recording_output.hpp"
#include "drivers/save_triggers.hpp"
#include "drivers/snapshots.hpp"
#include "drivers/wait.hpp"

namespace tracypy::drivers {

/// How the thread is told what to do, and tells how it is. Any thread; each member is a flag of its own, and wake() is
/// called after a flag was set.
struct RecordingControl {
    explicit RecordingControl(std::atomic<bool>& recording_flag) : recording(recording_flag) {}

    enum class Phase : std::uint8_t { Starting, Recording, Making, Over };

    bool is_over() const noexcept { return phase.load(std::memory_order_acquire) == Phase::Over; }
    void wake() noexcept;
    /// For a moment, or until wake().
    void nap();

    /// Returns when the thread has written everything that has happened so far, or is over, or after `longest`.
    void flush(std::chrono::milliseconds longest);
    std::uint64_t flushes_wanted() const noexcept { return flushes_wanted_.load(std::memory_order_acquire); }
    /// By the thread: which of the flushes that were wanted are done.
    void have_flushed(std::uint64_t wanted) noexcept;

    std::atomic<bool> stop{false};
    std::atomic<bool> pause{false};
    std::atomic<bool> may_be_left{false};  // set before `stop`: see FileRecorder::stop_and_leave()
    std::atomic<bool>& recording;
    std::atomic<Phase> phase{Phase::Starting};
    DoneFlag begun;  // set when the phase is no longer Starting
    DoneFlag known;  // set with Phase::Over, or when it may be left and the rest takes a moment only
    DoneFlag over;   // set with Phase::Over
    Farewell farewell;
    journal::Progress progress;

private:
    std::mutex mutex_;
    std::condition_variable woken_;
    std::condition_variable flushed_;
    std::atomic<std::uint64_t> flushes_wanted_{0};
    std::uint64_t flushes_done_ = 0;  // mutex_, as is_woken_
    bool is_woken_ = false;
};

/// Made by the controlling thread, then used by the background thread alone; by the controlling thread again while
/// that one is joined, or once it is over.
class RecordingLoop {
public:
    /// Makes the files. Throws base::SystemError.
    RecordingLoop(Program& program, const base::Names& names, const RecordingConfig& config, RecordingControl& control);

    /// Returns when paused, and then may be called again; or when over. Lets no exception out.
    void run() noexcept;
    /// In place of run(), when there is no thread for it: the journal stays, and no file is made.
    void give_up(const char* why) noexcept;

    /// False: the program could not be attached to, as result() says; no file is left.
    bool has_begun() const noexcept { return started_ns_ != 0; }
    /// Once over: what came of it, or throws what went wrong.
    RecordingResult result() const;
    /// Once it is known: what will come of it, if all goes well. It has no size yet.
    const RecordingResult& expected() const noexcept { return expected_; }

    /// Any thread, while another one runs run(): as those of FileRecorder.
    Saved save(const std::filesystem::path& path, bool overwrite, const KeepWaiting& keep_waiting);
    bool save_because(std::string why, const KeepWaiting& keep_waiting);

    /// In a forked child: the descriptors go, everything else stays as it is and is never used again.
    void close_descriptors() noexcept;

private:
    using Phase = RecordingControl::Phase;

    Phase phase() const noexcept { return control_.phase.load(std::memory_order_relaxed); }
    // Release: whoever sees the phase sees what belongs to it.
    void set_phase(Phase phase) noexcept {
        control_.phase.store(phase, std::memory_order_release);
        control_.begun.set();
        if (phase != Phase::Over) return;
        control_.have_flushed(UINT64_MAX);  // whoever waits for one waits for nothing
        control_.known.set();
        control_.over.set();
    }
    double seconds_so_far() const noexcept;
    void begin();
    void pause();
    void step();
    bool drain();
    void reserve();
    void flush_all();
    void begin_snapshot();
    void end_saving(RecordingResult::End reason);
    void end(RecordingResult::End reason, std::string why = {});
    void write_rest();
    void write_all();
    void detach();
    void make();
    void tell_what_is_known(const journal::Made& made);
    std::string what_is_left();
    void be_over(int code, std::string problem, bool tell = false);

    Program& program_;
    RecordingConfig config_;
    RecordingControl& control_;
    RecordingPaths paths_;
    JournalFile journal_;
    TracePart part_;
    EarlyMaking early_;
    RecordingOutput output_;
    Snapshots snapshots_;
    SaveTriggers triggers_;
    Keeper keeper_;
    std::int64_t started_ns_ = 0;
    std::uint64_t flushes_done_ = 0;
    std::int64_t flushed_ns_ = 0;
    std::uint64_t dropped_before_ = 0;
    bool is_attached_ = false;
    RecordingResult recorded_;
    RecordingResult expected_;
    std::string problem_;
    int problem_code_ = 0;  // errno, or 0 if it is not an error of the system
};

}  // namespace tracypy::drivers
