// The segments of a ring on the disk: OUT.tracy.journal.1, .2, …, of which the newest stay.
//
// OUT.tracy.journal itself says that they are there, and is locked while they are written: whoever deals with a journal
// deals with that one file, and need not know more.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "io/file_stream.hpp"
#include "journal/ring.hpp"

namespace tracypy::drivers {

/// One thread. In the program that records.
class RingFiles final : public journal::SegmentStore {
public:
    /// Of the journal at `path`. Whatever segments it has already are deleted.
    explicit RingFiles(std::filesystem::path path);

    io::ByteSink& begin(std::uint64_t number) override;
    void forget(std::uint64_t number) noexcept override;

    /// All that was written so far, to be read by any one thread. Also when somebody has deleted the files.
    std::unique_ptr<io::SeekableSource> source() const;
    void end_writing() noexcept { sink_.reset(); }
    void remove_all() noexcept;
    /// In a forked child: the files are the parent's.
    void abandon() noexcept;

private:
    struct Segment {
        std::uint64_t number;
        std::unique_ptr<io::FileSource> file;  // so that it stays as long as we want it
    };
    std::filesystem::path path_of(std::uint64_t number) const;

    std::filesystem::path path_;
    std::deque<Segment> segments_;
    std::optional<io::FileSink> sink_;
};

/// Whether a journal is one of a ring: it is but a head, and the segments lie beside it.
bool is_ring(const std::filesystem::path& journal);
void remove_segments(const std::filesystem::path& journal);
/// The segments that lie beside a journal, oldest first.
std::vector<std::filesystem::path> segments_of(const std::filesystem::path& journal);
/// All of them, to be read. Throws base::SystemError.
std::unique_ptr<io::SeekableSource> source_of(const std::vector<std::filesystem::path>& segments);

}  // namespace tracypy::drivers
