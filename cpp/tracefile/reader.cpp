#include "tracefile/reader.hpp"

#include <cstring>
#include <utility>

#include "tracefile/file_block_reader.hpp"
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"

namespace tracypy::tracefile {
namespace {

Version read_version(FileBlockReader& in) {
    char magic[sizeof(kTraceMagic)];
    in.get_bytes(magic, sizeof(magic));
    if (std::memcmp(magic, kTraceMagic, sizeof(magic)) != 0) {
        throw FormatError("not a Tracy trace, or one from before release 0.3");
    }
    Version version{};
    version.major_ = in.get<std::uint8_t>();
    version.minor_ = in.get<std::uint8_t>();
    version.patch_ = in.get<std::uint8_t>();
    if (version < kOldestRead) {
        throw FormatError("the trace file is of release " + version.text() + ": only " + kOldestRead.text() +
                          " and later are read; Tracy's update tool converts it");
    }
    if (version > kNewestRead) {
        throw FormatError("the trace file is of release " + version.text() + ", newer than " + kNewestRead.text());
    }
    return version;
}

}  // namespace

ReadResult read_trace(io::ByteSource& source, model::ZoneSink* zones) {
    FileBlockReader in(source);
    sections::Input file(in, zones);
    file.result.version = read_version(in);
    for (const sections::Section* const section : sections::kAll) section->read(file);
    if (!in.at_end()) throw FormatError("the trace file is damaged: it goes on after its last section");
    for (const sections::Section* const section : sections::kAll) {
        if (section->finish != nullptr) section->finish(file);
    }
    return std::move(file.result);
}

}  // namespace tracypy::tracefile
