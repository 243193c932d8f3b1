#include "drivers/keeper.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/formatting.hpp"
#include "drivers/recording_recovery.hpp"
#include "io/detached_process.hpp"
#include "io/error_place.hpp"
#include "io/file_errors.hpp"
#include "io/file_lock.hpp"
#include "io/part_file.hpp"

namespace tracypy::drivers {
namespace {

// What the two agree on: the descriptors in this order, the last for a standard error that is a file; the arguments
// PATH, kOverwrite or kKeep, kFile or kNoFile, and the name of a terminal.
enum Given : int { kJournal = io::kFirstGiven, kLifeline, kProcess, kErrors };
constexpr std::string_view kOverwrite = "overwrite", kKeep = "keep", kFile = "file", kNoFile = "no-file";

/// A thread of the program may still be writing when the lifeline is cut before the program is gone, and a system that
/// is busy takes the locks of its files one by one. But children that were forked without our knowing, and have them,
/// must not hold us up for ever: then false.
bool await_locks(int journal, const std::filesystem::path& trace) noexcept {
    constexpr std::chrono::milliseconds kNap{5};
    constexpr int kNaps = 200;
    bool has_journal = false;
    for (int naps = 0; naps < kNaps; ++naps) {
        has_journal = has_journal || io::share_lock(journal);
        if (has_journal && !io::PartFile::is_busy(trace)) return true;
        std::this_thread::sleep_for(kNap);
    }
    // Whoever has only the part is another program, which records to the same name.
    return has_journal;
}

std::string what_came_of_it(const RecordingPaths& paths, bool overwrite, io::PartFile::Busy busy) {
    JournalFile journal(paths, kJournal);
    try {
        journal::Progress progress;
        io::make_folder_of(paths.trace);
        TracePart part(paths, busy);  // that of the program is gone with it, also when there will be no other
        io::require_free(paths.trace, overwrite);
        const RecordingResult recorded = recover_from(journal, std::move(part), overwrite, progress);
        return "the program ended before its recording did: what was recorded, " +
               counted(recorded.made.zones, "zone") + ", is in " + io::text_of(paths.trace);
    } catch (const tracefile::FormatError& error) {
        return "the program ended before its recording did, and " + journal.why_useless(error);
    } catch (const std::exception& error) {
        return "the program ended before its recording did, and no trace was made: " + std::string(error.what()) +
               "; " + journal.whereabouts();
    }
}

}  // namespace

void Keeper::start(const std::filesystem::path& executable, const RecordingPaths& paths, bool overwrite) noexcept {
    if (executable.empty()) return;
    lifeline_.emplace();
    const int journal = lifeline_->is_open() ? io::open_to_give(paths.journal) : -1;
    bool is_started = false;
    try {
        const io::ErrorPlace errors;
        const int given[] = {journal, lifeline_->far_end(), lifeline_->process(), errors.file()};
        const std::vector<std::string> arguments{paths.trace.string(), std::string(overwrite ? kOverwrite : kKeep),
                                                 std::string(errors.file() >= 0 ? kFile : kNoFile), errors.terminal()};
        is_started = journal >= 0 && io::start_detached(executable, arguments, given);
    } catch (const std::exception&) {
        // No memory: no keeper.
    }
    io::close_given(journal);
    if (is_started) {
        lifeline_->let_far_go();
    } else {
        lifeline_.reset();
    }
}

void Keeper::dismiss() noexcept {
    if (lifeline_) lifeline_->release();
    lifeline_.reset();
}

int keep_recording(int argc, char** argv) noexcept try {
    if (argc != 5) return 2;
    const io::ErrorPlace errors(argv[3] == kFile ? kErrors : -1, argv[4]);
    if (io::await_end(kLifeline, kProcess) == io::LifelineEnd::Released) return 0;
    const auto busy = await_locks(kJournal, argv[1]) ? io::PartFile::Busy::Refuse : io::PartFile::Busy::Replace;
    const std::string text = what_came_of_it(RecordingPaths(argv[1]), argv[2] == kOverwrite, busy);
    errors.write("tracypy: " + text + "\n");
    return 0;
} catch (const std::exception&) {
    return 1;
}

}  // namespace tracypy::drivers
