#include "drivers/timeline_index.hpp"

#include <bit>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "analysis/timeline/storing.hpp"
#include "tracefile/format.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::drivers {
namespace {

constexpr char kMagic[8] = {'t', 'r', 'a', 'c', 'y', 'p', 'y', 'T'};
constexpr std::uint32_t kByteOrder = 0x0102'0304;

struct Head {
    char magic[8];
    std::uint32_t format;
    std::uint32_t byte_order;
    std::uint8_t version[3];
    std::uint8_t nothing[5];
    std::uint64_t trace_bytes;
};

/// Of pieces, as they are written and read: a disk that has lost some of them is found out.
class Sum {
public:
    void add(std::string_view piece) noexcept {
        std::uint64_t word = 0;
        for (; piece.size() >= sizeof(word); piece.remove_prefix(sizeof(word))) {
            std::memcpy(&word, piece.data(), sizeof(word));
            mix(word);
        }
        word = piece.size() + 1;
        for (const char byte : piece) word = word << 8 | static_cast<std::uint8_t>(byte);
        mix(word);
    }
    std::uint64_t value() const noexcept { return value_; }

private:
    void mix(std::uint64_t word) noexcept { value_ = std::rotl((value_ ^ word) * 0x9E37'79B9'7F4A'7C15, 29); }

    std::uint64_t value_ = 0;
};

class Writer {
public:
    explicit Writer(io::ByteSink& sink) : sink_(sink) {}

    void put(std::string_view piece) {
        sum_.add(piece);
        sink_.write(piece);
    }
    void finish() {
        const std::uint64_t sum = sum_.value();
        sink_.write({reinterpret_cast<const char*>(&sum), sizeof(sum)});
    }

private:
    io::ByteSink& sink_;
    Sum sum_;
};

class Reader final : public analysis::StoredBytes {
public:
    explicit Reader(io::SeekableSource& source) : source_(source), left_(source.size()) {}

    void get(std::span<char> piece) override {
        if (piece.size() > left_ || source_.read(piece.data(), piece.size()) != piece.size()) {
            throw analysis::DamagedTimeline();
        }
        left_ -= piece.size();
        sum_.add({piece.data(), piece.size()});
    }
    std::uint64_t left() const override { return left_; }
    bool is_right() {
        const std::uint64_t expected = sum_.value();
        std::uint64_t sum = 0;
        get({reinterpret_cast<char*>(&sum), sizeof(sum)});
        return sum == expected && left_ == 0;
    }

private:
    io::SeekableSource& source_;
    std::uint64_t left_;
    Sum sum_;
};

bool read_index(Reader& in, tracefile::ReadResult& file, analysis::Timeline& timeline) {
    Head head{};
    in.get({reinterpret_cast<char*>(&head), sizeof(head)});
    if (std::memcmp(head.magic, kMagic, sizeof(kMagic)) != 0 || head.format != analysis::kTimelineFormat ||
        head.byte_order != kByteOrder || head.trace_bytes > in.left()) {
        return false;
    }
    std::string trace(static_cast<std::size_t>(head.trace_bytes), '\0');
    in.get(trace);
    io::MemorySource source(trace);
    file = tracefile::read_trace(source);
    file.version = {head.version[0], head.version[1], head.version[2]};
    analysis::restore(timeline, file.trace, in);
    return in.is_right();
}

}  // namespace

bool has_timeline_index(const model::Trace& trace) noexcept {
    return trace.locations.size() <= tracefile::kMaxDynamicLocations;
}

void write_timeline_index(io::ByteSink& sink, const tracefile::ReadResult& file, const analysis::Timeline& timeline) {
    io::MemorySink trace;
    tracefile::write_trace(trace, file.trace);  // its zones are in the timeline
    Writer out(sink);
    Head head{};
    std::memcpy(head.magic, kMagic, sizeof(kMagic));
    head.format = analysis::kTimelineFormat;
    head.byte_order = kByteOrder;
    head.version[0] = file.version.major_;
    head.version[1] = file.version.minor_;
    head.version[2] = file.version.patch_;
    head.trace_bytes = trace.bytes().size();
    out.put({reinterpret_cast<const char*>(&head), sizeof(head)});
    out.put(trace.bytes());
    analysis::store(timeline, [&out](std::span<const char> piece) { out.put({piece.data(), piece.size()}); });
    out.finish();
}

bool read_timeline_index(io::SeekableSource& source, tracefile::ReadResult& file, analysis::Timeline& timeline) {
    try {
        Reader in(source);
        return read_index(in, file, timeline);
    } catch (const analysis::DamagedTimeline&) {
        return false;
    } catch (const tracefile::FormatError&) {
        return false;
    }
}

}  // namespace tracypy::drivers
