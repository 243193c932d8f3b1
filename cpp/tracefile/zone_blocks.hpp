// One thread's zone list in the form that a file has it, while zones still begin and end.
//
// A file states of each zone, before its children, how many those are; so a zone is complete only when it has ended.
// Its place in the list is known from its begin on. The list is kept in blocks of the size that the file's have: one
// that is full and has no open zone in it is compressed and put aside. What stays in memory is the last block, those
// with an open zone in them, and a few that wait for each other, since blocks are smaller when compressed together.
//
// When the list starts at the start of a block of the file, its blocks are blocks of that file as they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/byte_stream.hpp"
#include "io/scratch_file.hpp"
#include "model/zones.hpp"
#include "tracefile/file_block_writer.hpp"
#include "tracefile/format.hpp"
#include "tracefile/frame_compressor.hpp"
#include "tracefile/frame_workers.hpp"

namespace tracypy::tracefile {

/// Compresses blocks for many lists, and keeps them. One thread.
class BlockStore final : io::ByteSink {
public:
    /// Where a block is.
    struct Place {
        std::uint64_t offset;
        std::uint32_t bytes;  // with the size in front
    };

    /// Throws base::SystemError when there is no room for a file in that folder.
    BlockStore(const std::filesystem::path& folder, int level);

    /// Compresses consecutive blocks, in frames of their own. Returns the number of the first one; the others follow.
    /// Throws base::SystemError.
    std::uint32_t put(std::span<const std::span<const char>> blocks);
    /// More threads compress what is put from now on, as many as are useful for so many bytes.
    void start_workers(std::uint64_t bytes);
    /// They have done so, and are gone. Throws base::SystemError.
    void finish_workers();
    /// Where it is, once no workers are there.
    const Place& place(std::uint32_t number) const noexcept { return places_[number]; }
    /// Neighbours in the store, as a file has them: each its size, then its bytes.
    void get(std::uint64_t offset, std::size_t bytes, std::string& out) const;

    /// How many blocks of a list had better wait for each other: alone, each would be 9 % larger; in runs of 16, 0.9 %.
    /// In longer ones they would gain less than the end of a recording would take longer.
    /// The more lists there are, the fewer, so that all of them together take some 32 MiB.
    std::size_t run_length() const noexcept { return std::clamp(kMostWaiting / lists_, kShortestRun, kLongestRun); }
    void add_list() noexcept { ++lists_; }

    /// In a forked child: the file and the threads are the parent's.
    void abandon() noexcept {
        file_.abandon();
        (void)workers_.release();
    }

private:
    static constexpr std::size_t kMostWaiting = 512, kShortestRun = 4, kLongestRun = FrameWorkers::kRunBlocks;

    /// Compressed blocks, each with its size in front.
    void write(std::string_view frame) override;

    std::size_t lists_ = 0;
    io::ScratchFile file_;
    int level_;
    FrameCompressor compressor_;
    std::string output_;
    std::vector<Place> places_;
    std::uint32_t blocks_ = 0;               // so many were put
    std::unique_ptr<FrameWorkers> workers_;  // they are the last to come, and the first to go
    char* room_ = nullptr;                   // of theirs
};

/// begin() and end() in the order of time, as many ends as begins before finish(), then write(). One thread.
class ZoneBlocks {
public:
    explicit ZoneBlocks(BlockStore& store) : store_(store) {
        store_.add_list();
        append(std::uint32_t{0});
    }

    void begin(std::int16_t location, std::int64_t start_ns) {
        open_.push_back({position(), 0, 0});
        char* cursor = room();
        cursor = put(cursor, location);
        cursor = put(cursor, difference(start_ns));
        cursor = put(cursor, std::uint64_t{0});  // extra and number of children, until its end
        advance(cursor);
    }
    /// The innermost zone ends; with how many children.
    std::uint32_t end(std::int64_t end_ns) {
        const Open zone = open_.back();
        open_.pop_back();
        if (zone.children != 0 || zone.extra != 0 || zone.position + kExtraOffset < first_) complete(zone);
        append(difference(end_ns));
        ++zones_;
        if (open_.empty()) {
            ++roots_;
        } else {
            ++open_.back().children;
        }
        return zone.children;
    }
    /// Of the innermost open zone: its number in the table of extras, 0 until it has one.
    std::uint32_t& extra() noexcept { return open_.back().extra; }

    std::size_t depth() const noexcept { return open_.size(); }
    std::uint64_t zones() const noexcept { return zones_; }
    /// How long the list is in the file, uncompressed; how much of it is in full blocks.
    std::uint64_t bytes() const noexcept { return position(); }
    std::uint64_t full_blocks() const noexcept { return first_ / kBlockBytes; }
    std::size_t memory_bytes() const noexcept;

    /// Every zone has ended, and no other begins.
    void finish();
    /// Puts aside all that is full. After finish(), for a list that is to be written aligned.
    void compress_ready();
    /// Appends the list to a file. `is_aligned`: a block of the file starts here.
    void write(FileBlockWriter& out, bool is_aligned) const;

private:
    static constexpr std::size_t kFirstBytes = 512;
    static constexpr std::size_t kExtraOffset = 2 + 8;
    static constexpr std::size_t kLateBytes = 4 + 4;
    static constexpr std::uint32_t kHeld = UINT32_MAX;
    static constexpr std::size_t kShortRun = 2, kShortRuns = 4;

    struct Open {
        std::uint64_t position;  // of its begin, in the list
        std::uint32_t children, extra;
    };
    struct Held {
        std::uint64_t number;  // in the list
        std::unique_ptr<char[]> bytes;
        std::size_t open_zones;
    };

    template <typename T>
    static char* put(char* cursor, T value) noexcept {
        std::memcpy(cursor, &value, sizeof(T));
        return cursor + sizeof(T);
    }
    template <typename T>
    void append(T value) {
        advance(put(room(), value));
    }
    /// As ZoneListWriter::difference().
    std::uint64_t difference(std::int64_t time) noexcept {
        const std::uint64_t delta = static_cast<std::uint64_t>(time) - reference_;
        reference_ = static_cast<std::uint64_t>(time);
        return delta;
    }
    std::uint64_t position() const noexcept { return first_ + used_; }
    /// For FileBlockWriter::kMaxRecord bytes.
    char* room() {
        if (used_ + FileBlockWriter::kMaxRecord > capacity_) [[unlikely]] {
            make_room();
        }
        return buffer_.get() + used_;
    }
    void advance(const char* cursor) noexcept { used_ = static_cast<std::size_t>(cursor - buffer_.get()); }

    /// How many blocks wait for each other: few in a short list, for whose end somebody may wait soon.
    std::size_t run_length() const noexcept {
        return std::min(store_.run_length(), std::max(kShortRun, static_cast<std::size_t>(full_blocks() / kShortRuns)));
    }
    void make_room();
    void put_aside_last();
    std::size_t open_in_last() const noexcept;
    void complete(const Open& zone);
    void patch(std::uint64_t position, const char* bytes, std::size_t size);

    BlockStore& store_;
    std::unique_ptr<char[]> buffer_;  // the last block, and the start of the next
    std::size_t capacity_ = 0;
    std::size_t used_ = 0;
    std::uint64_t first_ = 0;  // of buffer_, in the list
    std::vector<Open> open_;
    std::deque<Held> held_;              // by number
    std::size_t ready_ = 0;              // of held_, without open zones
    std::vector<std::uint32_t> stored_;  // by number: in the store, or kHeld
    std::uint64_t reference_ = 0;
    std::uint64_t zones_ = 0;
    std::uint32_t roots_ = 0;
    bool is_finished_ = false;
};

}  // namespace tracypy::tracefile
