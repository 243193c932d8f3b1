// The three files of a recording: OUT.tracy.journal while it goes on, OUT.tracy.part while the trace is made, and then
// OUT.tracy, which is never there before it is whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "drivers/early_making.hpp"
#include "drivers/ring_files.hpp"
#include "io/file_identity.hpp"
#include "io/file_lock.hpp"
#include "io/file_stream.hpp"
#include "io/part_file.hpp"
#include "journal/trace_maker.hpp"
#include "tracefile/format.hpp"

namespace tracypy::drivers {

struct RecordingPaths {
    explicit RecordingPaths(std::filesystem::path path);
    /// Of a journal that was left behind; `path`: what to make of it, empty for the name that it was meant for.
    /// Throws base::ValueError when the journal's name does not say that.
    static RecordingPaths of_journal(std::filesystem::path journal, std::filesystem::path path);

    std::filesystem::path trace;
    std::filesystem::path journal;
};

/// Where a recording goes while it lasts. One thread.
class JournalFile {
public:
    enum class Kind : std::uint8_t { Whole, Ring };
    /// Makes it. Throws base::SystemError (EEXIST) if one is there: left behind, or of a program that runs.
    JournalFile(const RecordingPaths& paths, bool overwrite, Kind kind = Kind::Whole);
    /// One that was left behind. Throws base::SystemError when it cannot be had, and base::Error while a program
    /// writes it.
    explicit JournalFile(const RecordingPaths& paths);
    /// Likewise, of a descriptor that the program has left us, which is its own from then on. Its name may be lost.
    JournalFile(const RecordingPaths& paths, int descriptor);
    /// Removes it, unless it is worth keeping.
    ~JournalFile();
    JournalFile(const JournalFile&) = delete;
    JournalFile& operator=(const JournalFile&) = delete;

    /// Each write reaches the system at once. Not of a ring.
    io::ByteSink& sink() noexcept { return *sink_; }
    /// Of a ring that is being written.
    RingFiles& ring() noexcept { return *ring_; }
    void keep() noexcept { is_kept_ = true; }
    void end_writing() noexcept;
    /// A descriptor to read it by, also when its name is lost, for the caller to close; -1 when it cannot be had.
    int duplicate() const noexcept { return lock_ ? lock_->duplicate() : -1; }
    /// To read it from its begin, also when its name is lost. Throws base::SystemError.
    io::SeekableSource& source();
    /// What there is of it by now, for another thread to read while more is written. Throws base::SystemError.
    std::unique_ptr<io::SeekableSource> snapshot() const;
    /// Once a trace was made of it.
    void remove() noexcept;
    /// Where it is, and what to do with it, to be said when no trace could be made of it. If somebody has deleted or
    /// moved it, it is made again first.
    std::string whereabouts();
    /// Why no trace can be made of it, to be said in place of that.
    std::string why_useless(const tracefile::FormatError& error) const;
    /// Others may read it from now on, and make a trace of it or delete it.
    void close() noexcept;

    /// In a forked child: the file is the parent's.
    void abandon() noexcept;

private:
    bool is_in_place() const noexcept { return io::identity_of(path_) == identity_; }
    io::FileSource& own_source();
    void remove_ring() noexcept;
    void refuse_others(const RecordingPaths& paths, bool overwrite);
    void make_again();

    std::filesystem::path path_;
    io::FileIdentity identity_;
    std::optional<io::FileLock> lock_;
    std::optional<io::FileSink> sink_;
    std::optional<io::FileSource> source_;
    std::optional<RingFiles> ring_;
    std::unique_ptr<io::SeekableSource> joined_;  // all segments of a ring
    bool is_kept_ = false;
};

/// Deletes the room that a recording has reserved for its trace, beside its journal.
void forget_part_of(const std::filesystem::path& journal) noexcept;

/// No process writes it or makes a trace of it just now.
bool is_left_behind(const std::filesystem::path& journal) noexcept;

/// When a trace is just being made of the journal of a program that is gone, waits for that, up to a few seconds.
void await_trace_of(const std::filesystem::path& journal) noexcept;

/// How large a journal may become, that it and the room for its trace take no more than that on the disk.
std::uint64_t journal_bytes_within(std::uint64_t disk_bytes) noexcept;

/// Sees to it that a trace can be made of a journal even when the disk has become full. One thread.
class TracePart {
public:
    /// Makes the file; whatever was there is gone.
    explicit TracePart(const RecordingPaths& paths, io::PartFile::Busy busy = io::PartFile::Busy::Refuse);

    /// Reserves what a journal of that size will need. Throws base::SystemError when there is not that much room; does
    /// nothing where the file system cannot reserve.
    void reserve_for(std::uint64_t journal_bytes);
    /// Makes the trace of the journal, gives it its name, and deletes the journal. `early`: what was made of it
    /// meanwhile, if anything; then `known` is told what will be in the file before it is written. Of the functions,
    /// but for imports, the 100 with the most self time are told, the most first. Throws base::SystemError,
    /// tracefile::FormatError or journal::Cancelled; the journal is then as it was.
    journal::Made make(JournalFile& journal, bool overwrite, journal::Progress& progress, EarlyMaking* early = nullptr,
                       const journal::MadeKnown& known = {});
    /// The same of what `source` has of a journal, which is left alone.
    journal::Made make(io::SeekableSource& source, bool overwrite, journal::Progress& progress);
    std::uint64_t bytes() const noexcept { return part_.bytes(); }  // of the trace that was made
    /// Removes the file, unless it was made into a trace. Nothing may follow.
    void discard() noexcept { part_.discard(); }

    /// In a forked child: the file is the parent's.
    void abandon() noexcept { part_.abandon(); }

private:
    bool reserve(std::uint64_t bytes);
    journal::Made name_it(journal::Made made, bool overwrite);

    RecordingPaths paths_;
    io::PartFile part_;
    std::uint64_t reserved_ = 0;
    bool can_reserve_ = true;
};

}  // namespace tracypy::drivers
