#include "drivers/recording_files.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "io/file_errors.hpp"
#include "journal/format.hpp"

namespace tracypy::drivers {
namespace {

namespace fs = std::filesystem;
using io::text_of;

constexpr std::string_view kJournalSuffix = ".journal";

// Traces have 0.6 to 1.25 times the size of their journals: the more distinct texts, the more.
constexpr std::uint64_t reserve_of(std::uint64_t journal_bytes) noexcept {
    return journal_bytes / 4 * 5;
}
constexpr std::uint64_t kFirstReserve = 1024 * 1024;  // also for what the writer has not counted yet
constexpr std::uint64_t kLargestStep = 64 * 1024 * 1024;

/// A program that is killed while it writes leaves no more than a part of a frame behind.
constexpr std::uint64_t kMostTorn = 2 * journal::kMaxFrameBytes;

constexpr std::size_t kMostFunctions = 100;

/// By self time, the most first.
void keep_most_expensive(std::vector<journal::FunctionTotals>& functions) {
    const auto costs_more = [](const journal::FunctionTotals& one, const journal::FunctionTotals& other) {
        return one.self_ns > other.self_ns;
    };
    const std::size_t count = std::min(functions.size(), kMostFunctions);
    std::partial_sort(functions.begin(), functions.begin() + static_cast<std::ptrdiff_t>(count), functions.end(),
                      costs_more);
    functions.resize(count);
}

}  // namespace

RecordingPaths::RecordingPaths(fs::path path) : trace(std::move(path)), journal(trace) {
    journal += kJournalSuffix;
}

RecordingPaths RecordingPaths::of_journal(fs::path journal, fs::path path) {
    if (path.empty()) {
        if (journal.extension() != kJournalSuffix) {
            throw base::ValueError("the name of " + text_of(journal) +
                                   " does not say what file to make: name one (-o, or path=)");
        }
        path = fs::path(journal).replace_extension();
    }
    RecordingPaths paths(std::move(path));
    paths.journal = std::move(journal);
    return paths;
}

JournalFile::JournalFile(const RecordingPaths& paths, bool overwrite) : path_(paths.journal) {
    if (io::is_taken(path_)) {
        lock_.emplace(path_);
        if (!lock_->is_held()) {
            throw base::SystemError(EEXIST, text_of(paths.trace) +
                                                " is being recorded just now by another program: "
                                                "name another file");
        }
        if (!overwrite) {
            throw base::SystemError(EEXIST, text_of(path_) +
                                                " was left behind by a recording that did not come to "
                                                "its end: `tracypy recover " +
                                                io::shell_word(path_) +
                                                "` makes a trace of it; or overwrite it (-f, or overwrite=True)");
        }
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    sink_.emplace(path_, io::FileSink::Existing::Refuse, io::FileSink::Buffering::None);
    lock_.emplace(path_);
}

JournalFile::~JournalFile() {
    sink_.reset();
    std::error_code ignored;
    if (!is_kept_) fs::remove(path_, ignored);
}

void JournalFile::close() noexcept {
    sink_.reset();
    lock_.reset();
}

void JournalFile::abandon() noexcept {
    if (sink_) sink_->abandon();
    if (lock_) lock_->close();
}

TracePart::TracePart(const RecordingPaths& paths) : paths_(paths), part_(paths.trace) {}

void TracePart::reserve_for(std::uint64_t journal_bytes) {
    const std::uint64_t needed = reserve_of(journal_bytes) + kFirstReserve;
    if (!can_reserve_ || needed <= reserved_) return;
    if (!reserve(needed + std::min(needed / 4, kLargestStep)) && can_reserve_ && !reserve(needed)) {
        throw base::SystemError(ENOSPC, "no room is left on the disk for " + text_of(paths_.trace));
    }
}

/// False when there is not so much room.
bool TracePart::reserve(std::uint64_t bytes) {
    try {
        can_reserve_ = part_.sink().reserve(bytes);
    } catch (const base::SystemError& error) {
        if (io::is_out_of_room(error.code())) return false;
        can_reserve_ = false;
    }
    reserved_ = bytes;
    return true;
}

journal::Made TracePart::make_of_journal(journal::Progress& progress) {
    io::FileSource journal(paths_.journal);
    return journal::make_trace(journal, part_.sink(), progress);
}

journal::Made TracePart::make(bool overwrite, journal::Progress& progress, EarlyMaking* early) {
    std::optional<journal::Made> early_one;
    if (early != nullptr) early_one = early->finish(part_.sink(), progress);
    journal::Made made = early_one ? *std::move(early_one) : make_of_journal(progress);
    keep_most_expensive(made.functions);
    if (const std::error_code error = part_.give_name(overwrite)) {
        if (error == std::errc::file_exists) io::refuse_existing(paths_.trace);
        io::fail(error, "cannot rename " + text_of(part_.path()) + " to " + text_of(paths_.trace));
    }
    if (made.bytes_lost > kMostTorn) {
        base::log(base::LogLevel::Warning, text_of(paths_.journal) + " is damaged: " + std::to_string(made.bytes_lost) +
                                               " bytes at its end could not be read; it is kept");
        return made;
    }
    std::error_code ignored;
    fs::remove(paths_.journal, ignored);
    return made;
}

}  // namespace tracypy::drivers
