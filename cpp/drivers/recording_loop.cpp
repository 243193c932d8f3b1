#include "drivers/recording_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "drivers/formatting.hpp"
#include "drivers/leftovers.hpp"
#include "io/file_errors.hpp"
#include "io/part_file.hpp"

namespace tracypy::drivers {
namespace {

using base::LogLevel;
using End = RecordingResult::End;

constexpr std::chrono::milliseconds kNap{10};  // producers never signal
// What a killed program loses, but for the time it takes to write. More often, and the journal would be larger.
constexpr std::int64_t kFlushEveryNs = 40'000'000;
constexpr int kDrainsPerFlush = 16;

/// What keeps this process from making a trace may not keep another one.
bool is_ours_alone(int code) noexcept {
    return code == EMFILE || code == ENFILE || code == ENOMEM || code == EBADF;
}

/// `path` once it may be written.
const RecordingPaths& made_free(const RecordingPaths& paths, bool overwrite) {
    await_trace_of(paths.journal);
    io::require_free(paths.trace, overwrite);
    return paths;
}

}  // namespace

void RecordingControl::wake() noexcept {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    woken_.notify_all();
}

void RecordingControl::nap() {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, kNap, [this] { return is_woken_; });
    is_woken_ = false;
}

void RecordingControl::flush(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    const std::uint64_t wanted = flushes_wanted_.fetch_add(1, std::memory_order_acq_rel) + 1;
    is_woken_ = true;
    woken_.notify_all();
    flushed_.wait_for(lock, longest, [&] { return flushes_done_ >= wanted; });
}

void RecordingControl::have_flushed(std::uint64_t wanted) noexcept {
    const std::lock_guard lock(mutex_);
    flushes_done_ = std::max(flushes_done_, wanted);
    flushed_.notify_all();
}

RecordingLoop::RecordingLoop(Program& program, const base::Names& names, const RecordingConfig& config,
                             RecordingControl& control)
    : program_(program),
      config_(config),
      control_(control),
      paths_(config.path),
      journal_(made_free(paths_, config.overwrite), config.overwrite,
               config.last ? JournalFile::Kind::Ring : JournalFile::Kind::Whole),
      part_(paths_),
      early_(paths_.journal, [this] { return journal_.duplicate(); }),
      output_(journal_, names, config),
      snapshots_(paths_.trace, [&control] { control.wake(); }),
      triggers_(config, snapshots_) {
    part_.reserve_for(0);
    // The last: from now on it would make what it is not dismissed from.
    keeper_.start(config.keeper, paths_, config.overwrite);
}

void RecordingLoop::run() noexcept {
    try {
        if (phase() == Phase::Starting) begin();
        while (phase() == Phase::Recording) {
            if (control_.pause.load(std::memory_order_acquire)) return pause();
            step();
        }
        if (phase() == Phase::Making) make();
    } catch (const std::exception& error) {
        give_up(error.what());
    } catch (...) {
        give_up("an unknown error");
    }
}

/// Returns when no thread of ours is there but this one.
void RecordingLoop::pause() {
    early_.pause();
    snapshots_.finish();
}

void RecordingLoop::begin() {
    dropped_before_ = program_.dropped_zones();
    if (!program_.attach()) {
        keeper_.dismiss();
        return be_over(0,
                       "the program cannot be recorded now: it is at its end, or a viewer is connected, which would "
                       "have to leave first (tracypy.stop_listening() parts from it)");
    }
    is_attached_ = true;
    journal_.keep();
    started_ns_ = flushed_ns_ = base::monotonic_ns();
    if (!config_.last) early_.start();
    control_.recording.store(true, std::memory_order_release);
    set_phase(Phase::Recording);
}

void RecordingLoop::step() {
    if (control_.stop.load(std::memory_order_acquire)) return end(End::Stopped);
    bool has_more = false;
    try {
        has_more = drain();
        triggers_.look(output_.slow_zones());
        if (snapshots_.is_wanted()) begin_snapshot();
    } catch (const base::SystemError& error) {
        return end(End::Disk, error.what());
    }
    if (seconds_so_far() >= config_.seconds) return end(End::Seconds, seconds_text(config_.seconds));
    if (output_.bytes() >= config_.journal_bytes) {
        return end(End::Size, std::to_string(config_.journal_bytes) + " bytes");
    }
    if (flushes_done_ != control_.flushes_wanted()) return flush_all();
    if (!has_more) control_.nap();
}

/// Of all that has happened so far.
void RecordingLoop::begin_snapshot() {
    write_all();
    output_.flush(true);
    output_.flush_up_to_now();
    snapshots_.begin([this] { return journal_.snapshot(); });
}

/// For one who waits until everything that has happened so far is in the journal.
void RecordingLoop::flush_all() {
    flushes_done_ = control_.flushes_wanted();
    try {
        write_all();
        output_.flush();
    } catch (const base::SystemError& error) {
        end(End::Disk, error.what());
    }
    control_.have_flushed(flushes_done_);
}

double RecordingLoop::seconds_so_far() const noexcept {
    return static_cast<double>(base::monotonic_ns() - started_ns_) * 1e-9;
}

/// True when there is more to do at once.
bool RecordingLoop::drain() {
    const bool has_more = program_.drain(output_.sink(), kDrainWords) >= kDrainWords;
    const std::int64_t now_ns = base::monotonic_ns();
    if (now_ns - flushed_ns_ >= kFlushEveryNs || output_.is_full(now_ns)) {
        flushed_ns_ = now_ns;
        reserve();
        output_.flush(!has_more);
        if (!config_.last) early_.wrote(output_.bytes());
    }
    return has_more;
}

/// Before something is written: the trace must not lack what the journal took.
void RecordingLoop::reserve() {
    try {
        part_.reserve_for(output_.bytes());
    } catch (const base::SystemError& error) {
        // The file that is made meanwhile only saves time.
        if (!io::is_out_of_room(error.code()) || !early_.give_up()) throw;
        part_.reserve_for(output_.bytes());
    }
}

/// `why`: which limit, or what is wrong with the disk.
void RecordingLoop::end(End reason, std::string why) {
    detach();
    if (reason != End::Disk) {
        try {
            write_rest();
        } catch (const base::SystemError& error) {
            why = error.what();
            reason = End::Disk;
        }
    }
    forget_leftovers(program_);
    program_.release();
    end_saving(reason);
    journal_.end_writing();
    recorded_.end = reason;
    recorded_.dropped_zones = program_.dropped_zones() - dropped_before_;
    if (reason == End::Disk) {
        base::log(LogLevel::Warning, "the recording ends here, the program goes on: " + why);
    } else if (reason != End::Stopped) {
        base::log(LogLevel::Warning, "the recording has reached its limit of " + why +
                                         " and ends here, the program goes on; now " + io::text_of(paths_.trace) +
                                         " is made");
    }
    set_phase(Phase::Making);
}

void RecordingLoop::end_saving(End reason) {
    if (reason == End::Disk) return snapshots_.give_up();
    triggers_.look(output_.slow_zones());
    triggers_.end();
    snapshots_.close([this] { return journal_.snapshot(); });
}

void RecordingLoop::write_rest() {
    write_all();
    output_.finish();
}

void RecordingLoop::write_all() {
    for (int i = 0; i < kMostDrains; ++i) {
        const std::size_t words = program_.drain(output_.sink(), kDrainWords);
        if (words == 0 || (is_attached_ && words < kDrainWords)) break;  // a program that goes on never comes to an end
        if (i % kDrainsPerFlush != 0) continue;
        reserve();
        output_.flush();
    }
    reserve();
}

void RecordingLoop::detach() {
    if (!std::exchange(is_attached_, false)) return;
    program_.detach();
    control_.recording.store(false, std::memory_order_release);
}

void RecordingLoop::make() {
    const bool tell = recorded_.end != End::Stopped;  // no caller waits who could be told
    try {
        const journal::MadeKnown known = [this](const journal::Made& made) { tell_what_is_known(made); };
        recorded_.made = part_.make(journal_, config_.overwrite, control_.progress, &early_, known);
        recorded_.file_bytes = part_.bytes();
        journal_.close();
        keeper_.dismiss();
        control_.farewell.made(recorded_.file_bytes);
        set_phase(Phase::Over);
    } catch (const journal::Cancelled&) {
        keeper_.dismiss();  // it was given up
        be_over(ECANCELED, io::text_of(paths_.trace) + " was not made: " + what_is_left(), true);
    } catch (const tracefile::FormatError& error) {
        keeper_.dismiss();
        be_over(0, journal_.why_useless(error), tell);
    } catch (const base::SystemError& error) {
        const bool is_full = io::is_out_of_room(error.code());
        if (!is_ours_alone(error.code())) keeper_.dismiss();
        be_over(error.code(), std::string(error.what()) + (is_full ? "; make room: " : "; ") + what_is_left(), tell);
    }
}

/// Nobody needs to wait for what is left then, and if the process ends meanwhile the keeper makes the file.
void RecordingLoop::tell_what_is_known(const journal::Made& made) {
    // So many are compressed and copied within half a second. Who waits for more wants to see how far it is.
    constexpr std::uint64_t kFewZones = 30'000'000;
    const bool may_be_left = control_.may_be_left.load(std::memory_order_relaxed);
    if (!may_be_left || recorded_.end != End::Stopped || made.zones > kFewZones || !keeper_.is_there()) return;
    expected_ = recorded_;
    expected_.made = made;
    control_.known.set();
}

/// What the trace can still be made of, or by whom.
std::string RecordingLoop::what_is_left() {
    if (!keeper_.is_there()) return journal_.whereabouts();
    return "another process of tracypy's makes " + io::text_of(paths_.trace) + " of what was recorded";
}

/// The recording has failed. `tell`: on stderr too, since the program may never ask.
void RecordingLoop::be_over(int code, std::string problem, bool tell) {
    if (tell) {
        base::log(LogLevel::Warning, problem);
    } else {
        control_.farewell.failed(problem);
    }
    early_.give_up();
    snapshots_.give_up();
    triggers_.end();
    part_.discard();  // there may be a lot of room in it
    journal_.close();
    keeper_.leave();
    problem_code_ = code;
    problem_ = std::move(problem);
    set_phase(Phase::Over);
}

void RecordingLoop::give_up(const char* why) noexcept {
    try {
        detach();
        program_.release();
        if (!has_begun()) keeper_.dismiss();
        be_over(0, std::string(why) + "; " + what_is_left(), true);
    } catch (...) {
        snapshots_.give_up();
        journal_.close();
        keeper_.leave();
        problem_code_ = ENOMEM;
        set_phase(Phase::Over);
    }
}

RecordingResult RecordingLoop::result() const {
    if (problem_code_ != 0)
        throw base::SystemError(problem_code_, base::problem<base::ErrorCode::RecordingFailed>(problem_));
    if (!problem_.empty()) throw base::Error(base::problem<base::ErrorCode::RecordingFailed>(problem_));
    return recorded_;
}

void RecordingLoop::close_descriptors() noexcept {
    journal_.abandon();
    part_.abandon();
    early_.abandon();
    keeper_.leave();
    triggers_.abandon();
}

Saved RecordingLoop::save(const std::filesystem::path& path, bool overwrite, const KeepWaiting& keep_waiting) {
    return snapshots_.save(path, overwrite, {}, keep_waiting);
}

bool RecordingLoop::save_because(std::string why, const KeepWaiting& keep_waiting) {
    if (!triggers_.limit().admit()) return false;
    snapshots_.save({}, false, std::move(why), keep_waiting);
    return true;
}

}  // namespace tracypy::drivers
