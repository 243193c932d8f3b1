#include "drivers/recording_files.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "drivers/formatting.hpp"
#include "io/file_errors.hpp"
#include "io/joined_source.hpp"
#include "journal/format.hpp"
#include "journal/packet_writer.hpp"

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

/// A program that is killed while it writes leaves no more than a part of a packet behind.
constexpr std::uint64_t kMostTorn = 2 * journal::kMaxPacketBytes;

constexpr std::size_t kMostFunctions = 100;

/// Of the program's own, by self time, the most first.
void keep_most_expensive(std::vector<journal::FunctionTotals>& functions) {
    std::erase_if(functions, [](const journal::FunctionTotals& function) { return function.is_import; });
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
            throw base::ValueError(base::problem<base::ErrorCode::JournalNamesNoTrace>(text_of(journal)));
        }
        path = fs::path(journal).replace_extension();
    }
    RecordingPaths paths(std::move(path));
    paths.journal = std::move(journal);
    return paths;
}

void forget_part_of(const fs::path& journal) noexcept {
    try {
        io::PartFile(RecordingPaths::of_journal(journal, {}).trace).discard();
    } catch (const std::exception&) {
        // The journal was renamed, or others write there.
    }
}

bool is_left_behind(const fs::path& journal) noexcept {
    // Who makes one locks it before the first byte is in it, and deletes it before the lock goes.
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(journal, error);
    if (error || bytes == 0) return false;
    const io::FileLock lock(journal);
    return lock.is_held() && io::is_taken(journal);
}

void await_trace_of(const fs::path& journal) noexcept {
    constexpr std::chrono::milliseconds kNap{10};
    constexpr int kNaps = 1'000;
    for (int naps = 0; naps < kNaps && io::is_lock_shared(journal); ++naps) std::this_thread::sleep_for(kNap);
}

JournalFile::JournalFile(const RecordingPaths& paths, bool overwrite, Kind kind) : path_(paths.journal) {
    if (io::is_taken(path_)) refuse_others(paths, overwrite);
    sink_.emplace(path_, io::FileSink::Existing::Refuse, io::FileSink::Buffering::None);
    lock_.emplace(path_);
    identity_ = io::identity_of(path_);
    if (kind != Kind::Ring) return;
    std::string head;
    journal::append_head(head, journal::kRingVersion);
    sink_->write(head);
    ring_.emplace(path_);
}

/// Throws unless what is there may be deleted, and then it is.
void JournalFile::refuse_others(const RecordingPaths& paths, bool overwrite) {
    lock_.emplace(path_);
    if (!lock_->is_held()) {
        const auto code =
            io::is_lock_shared(path_) ? base::ErrorCode::MadeByAnother : base::ErrorCode::RecordedByAnother;
        throw base::SystemError(EEXIST, {code, {text_of(paths.trace)}});
    }
    if (!overwrite) {
        throw base::SystemError(
            EEXIST, base::problem<base::ErrorCode::JournalLeftBehind>(text_of(path_), io::shell_word(path_)));
    }
    std::error_code ignored;
    if (is_ring(path_)) remove_segments(path_);
    fs::remove(path_, ignored);
}

JournalFile::JournalFile(const RecordingPaths& paths)
    : path_(paths.journal), identity_(io::identity_of(path_)), is_kept_(true) {
    lock_.emplace(path_);
    if (lock_->is_held()) {
        source_.emplace(path_);
        return;
    }
    const auto code = io::is_lock_shared(path_) ? base::ErrorCode::JournalIsRead : base::ErrorCode::JournalIsWritten;
    throw base::Error({code, {text_of(path_)}});
}

JournalFile::JournalFile(const RecordingPaths& paths, int descriptor)
    : path_(paths.journal), identity_(io::identity_of(descriptor)), is_kept_(true) {
    source_.emplace(path_, descriptor);
}

JournalFile::~JournalFile() {
    sink_.reset();
    std::error_code ignored;
    if (is_kept_ || !is_in_place()) return;
    remove_ring();
    fs::remove(path_, ignored);
}

void JournalFile::end_writing() noexcept {
    sink_.reset();
    if (ring_) ring_->end_writing();
}

std::unique_ptr<io::SeekableSource> JournalFile::snapshot() const {
    if (ring_) return ring_->source();
    // Not by a copy of a descriptor: others read by those, and all have one place in the file.
    const fs::path place = is_in_place() || !lock_ ? path_ : lock_->path_of_file();
    auto joined = std::make_unique<io::JoinedSource>();  // which does not see what is written later
    joined->add(std::make_unique<io::FileSource>(place.empty() ? path_ : place));
    return joined;
}

io::SeekableSource& JournalFile::source() {
    if (ring_) return *(joined_ = ring_->source());
    if (is_ring(path_)) return *(joined_ = source_of(segments_of(path_)));
    return own_source();
}

io::FileSource& JournalFile::own_source() {
    if (source_) {
        source_->seek(0);
        return *source_;
    }
    if (const int descriptor = duplicate(); descriptor >= 0) return source_.emplace(path_, descriptor);
    if (is_in_place()) return source_.emplace(path_);
    throw base::SystemError(ENOENT, base::problem<base::ErrorCode::JournalWasDeleted>(text_of(path_)));
}

void JournalFile::remove_ring() noexcept try {
    joined_.reset();
    if (ring_) ring_->remove_all();
    if (is_in_place() && is_ring(path_)) remove_segments(path_);
} catch (const std::exception&) {
    // No memory to look for them: they are deleted with the next recording of that name.
}

void JournalFile::remove() noexcept {
    remove_ring();
    if (is_in_place()) {
        source_.reset();
        std::error_code ignored;
        fs::remove(path_, ignored);
        return;
    }
    try {
        forget_part_of(io::remove_wherever_it_is(own_source().descriptor()));
    } catch (const std::exception&) {
        // It stays where somebody has put it.
    }
}

void JournalFile::make_again() {
    io::make_folder_of(path_);
    io::SeekableSource& lost = source();
    io::FileSink again(path_, io::FileSink::Existing::Refuse);
    try {
        std::vector<char> buffer(std::size_t{1} << 20);
        while (const std::size_t size = lost.read(buffer.data(), buffer.size())) again.write({buffer.data(), size});
        again.close();
    } catch (...) {
        std::error_code ignored;
        fs::remove(path_, ignored);
        throw;
    }
    identity_ = io::identity_of(path_);
}

std::string JournalFile::whereabouts() {
    try {
        if (!is_in_place()) make_again();
    } catch (const std::exception& error) {
        return "what was recorded is lost: the program has deleted or moved " + text_of(path_) +
               ", and it could not be made again: " + error.what();
    }
    return "what was recorded is in " + text_of(path_) + ", and `tracypy recover " + io::shell_word(path_) +
           "` makes a trace of it";
}

std::string JournalFile::why_useless(const tracefile::FormatError& error) const {
    return "no trace can be made of " + text_of(path_) + ", into which somebody else has written: " + error.what();
}

void JournalFile::close() noexcept {
    end_writing();
    ring_.reset();
    joined_.reset();
    source_.reset();
    lock_.reset();
}

void JournalFile::abandon() noexcept {
    if (sink_) sink_->abandon();
    if (source_) source_->abandon();
    if (ring_) ring_->abandon();
    if (lock_) lock_->close();
}

// reserve_for() turned round: five quarters of the journal, the first reserve, a quarter of both ahead; and what is
// written between two looks at the size.
std::uint64_t journal_bytes_within(std::uint64_t disk_bytes) noexcept {
    constexpr std::uint64_t kBetweenLooks = 1024 * 1024;
    constexpr std::uint64_t kLeast = 256 * 1024;
    constexpr std::uint64_t kFixed = kFirstReserve / 4 * 5 + kBetweenLooks;
    return disk_bytes < kFixed + 3 * kLeast ? kLeast : (disk_bytes - kFixed) / 41 * 16;
}

TracePart::TracePart(const RecordingPaths& paths, io::PartFile::Busy busy) : paths_(paths), part_(paths.trace, busy) {}

void TracePart::reserve_for(std::uint64_t journal_bytes) {
    const std::uint64_t needed = reserve_of(journal_bytes) + kFirstReserve;
    if (!can_reserve_ || needed <= reserved_) return;
    if (!reserve(needed + std::min(needed / 4, kLargestStep)) && can_reserve_ && !reserve(needed)) {
        throw base::SystemError(ENOSPC, base::problem<base::ErrorCode::NoRoom>(text_of(paths_.trace)));
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

journal::Made TracePart::make(io::SeekableSource& source, bool overwrite, journal::Progress& progress) {
    return name_it(journal::make_trace(source, part_.sink(), progress), overwrite);
}

journal::Made TracePart::make(JournalFile& journal, bool overwrite, journal::Progress& progress, EarlyMaking* early,
                              const journal::MadeKnown& known) {
    const auto tell = [&known](journal::Made made) {
        keep_most_expensive(made.functions);
        if (made.bytes_lost == 0 && made.unknown == 0) known(made);
    };
    std::optional<journal::Made> early_one;
    if (early != nullptr) early_one = early->finish(part_.sink(), progress, known ? journal::MadeKnown(tell) : nullptr);
    if (!early_one) early_one = journal::make_trace(journal.source(), part_.sink(), progress);
    const journal::Made made = name_it(*std::move(early_one), overwrite);
    if (made.bytes_lost > kMostTorn) {
        base::log(base::LogLevel::Warning, text_of(paths_.journal) + " is damaged: " + std::to_string(made.bytes_lost) +
                                               " bytes at its end could not be read; it is kept");
        return made;
    }
    if (made.unknown != 0) {
        base::log(base::LogLevel::Warning,
                  text_of(paths_.journal) + " was written by a later release: " + counted(made.unknown, "event") +
                      " of kinds that this one does not know are not in the trace; it is kept");
        return made;
    }
    journal.remove();
    return made;
}

journal::Made TracePart::name_it(journal::Made made, bool overwrite) {
    keep_most_expensive(made.functions);
    if (const std::error_code error = part_.give_name(overwrite)) {
        if (error == std::errc::file_exists) io::refuse_existing(paths_.trace);
        io::fail(error, base::ErrorCode::CannotRename, {text_of(part_.path()), text_of(paths_.trace)});
    }
    return made;
}

}  // namespace tracypy::drivers
