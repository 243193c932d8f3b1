#include "tracefile/writer.hpp"

#include <algorithm>

#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile {
namespace {

void write_sections(sections::Output& file) {
    file.out.put_bytes({kTraceMagic, sizeof(kTraceMagic)});
    file.put(file.layout.major_);
    file.put(file.layout.minor_);
    file.put(file.layout.patch_);
    for (const sections::Section* const section : sections::kAll) section->write(file);
}

/// In place of a source, when nothing but the place of one thread's list is asked for.
class CountedZones final : public ZoneSource {
public:
    CountedZones(const ZoneSource& zones, std::size_t wanted) : zones_(zones), wanted_(wanted) {}

    std::uint64_t zones_of(std::size_t thread) const override { return zones_.zones_of(thread); }
    std::uint64_t zones_at(model::LocationIndex location) const override { return zones_.zones_at(location); }
    std::uint64_t parents() const override { return zones_.parents(); }
    void write(std::size_t thread, FileBlockWriter& out, std::span<const std::int16_t>) override {
        if (thread < wanted_) out.skip(zones_.bytes_of(thread));
        if (thread == wanted_) place_ = out.bytes_in();
    }
    std::uint64_t place() const noexcept { return place_; }

private:
    const ZoneSource& zones_;
    std::size_t wanted_;
    std::uint64_t place_ = 0;
};

/// How long a text has to be for that thread's zone list to start at the start of a block.
std::size_t padding_for(std::size_t thread, const model::Trace& trace, const ZoneSource& zones, Version layout) {
    FileBlockWriter counting;
    CountedZones counted(zones, thread);
    sections::Output file{counting, trace, counted, layout, 0};
    write_sections(file);
    return static_cast<std::size_t>((kBlockBytes - counted.place() % kBlockBytes) % kBlockBytes);
}

/// How many bytes of zones there are to compress, the least that it can be.
std::uint64_t bytes_to_compress(const model::Trace& trace, const ZoneSource& zones) {
    constexpr std::uint64_t kZoneBytes = 26;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < trace.threads.size(); ++i) {
        if (i != zones.aligned_thread()) bytes += kZoneBytes * zones.zones_of(i);
    }
    return bytes;
}

}  // namespace

Version oldest_layout(const model::Trace& trace) {
    Version layout = kOldestWritten;
    for (const sections::Section* const section : sections::kAll) layout = std::max(layout, section->oldest(trace));
    return layout;
}

Written counted(const model::Trace& trace, const ZoneSource& zones) {
    Written written;
    written.zones = zones_of_all(zones, trace.threads.size());
    for (std::size_t i = kMaxLocations; i < trace.locations.size(); ++i) {
        written.zones_elsewhere += zones.zones_at(static_cast<model::LocationIndex>(i));
    }
    written.layout = oldest_layout(trace);
    return written;
}

Written write_trace(io::ByteSink& sink, const model::Trace& trace, ZoneSource& zones, const Compression& compression,
                    Version at_least) {
    Written written = counted(trace, zones);
    const Version layout = written.layout = std::max(at_least, written.layout);
    std::optional<std::size_t> padding;
    if (const auto thread = zones.aligned_thread()) padding = padding_for(*thread, trace, zones, layout);
    Compression with_workers = compression;
    with_workers.workers = useful_workers(bytes_to_compress(trace, zones));
    FileBlockWriter out(sink, with_workers);
    sections::Output file{out, trace, zones, layout, padding};
    write_sections(file);
    out.finish();
    written.bytes_uncompressed = out.bytes_in();
    return written;
}

Written write_trace(io::ByteSink& sink, const model::Trace& trace, const Compression& compression, Version at_least) {
    TableZones zones(trace);
    return write_trace(sink, trace, zones, compression, at_least);
}

}  // namespace tracypy::tracefile
