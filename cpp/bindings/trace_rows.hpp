// What a trace file's tables say, a class for each kind of row: texts in place of their ids, columns in place.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <cstdint>

#include "tracefile/reader.hpp"

namespace tracypy::bindings {

/// A column in place: it keeps the file alive.
using Bytes = nanobind::ndarray<nanobind::memview, const std::uint8_t, nanobind::ndim<1>, nanobind::c_contig>;
/// What columns keep alive.
using File = nanobind::pointer_and_handle<tracefile::ReadResult>;

struct LocationRow {
    nanobind::str name, function, file;
    std::uint32_t line, color;
};

struct ThreadRow {
    nanobind::str name;
    std::uint64_t id, zone_count, thread_count;
    std::uint32_t short_number;
    bool is_fiber;
};

struct ZoneExtraRow {
    nanobind::object text, name;  // None without
    std::uint32_t color, callstack;
};

struct FrameSetRow {
    nanobind::str name;
    bool is_continuous;
    nanobind::object frames;
};

struct MessageRow {
    nanobind::str text;
    std::int64_t time_ns;
    nanobind::object thread;  // None without
    std::uint32_t color;
    std::uint8_t severity, source;
    std::uint32_t callstack;
};

struct PlotRow {
    nanobind::str name;
    int kind, format;
    bool shows_steps, is_filled;
    std::uint32_t color;
    nanobind::object points;
};

struct LockRow {
    std::uint32_t id, location;
    bool is_shared;
    std::int64_t made_ns;
    nanobind::list events;
};

struct MemoryPoolRow {
    nanobind::str name;
    std::uint64_t bytes, in_use, peak, blocks;
    nanobind::object allocations;
};

struct SectionRow {
    nanobind::str name;
    std::int64_t begin_ns, end_ns;
    nanobind::str category;
};

struct FrameImageRow {
    std::int64_t frame;
    std::uint32_t width, height;
    bool is_flipped;
    nanobind::bytes data;
};

struct GpuContextRow {
    nanobind::str name;
    std::uint32_t kind;
    nanobind::list zones;
};

/// Functions, files and lines, innermost first.
nanobind::list callstack_rows(const tracefile::ReadResult& file, std::size_t index);
LocationRow location_row(const tracefile::ReadResult& file, std::size_t index);
ThreadRow thread_row(const tracefile::ReadResult& file, std::size_t index);
ZoneExtraRow zone_extra_row(const tracefile::ReadResult& file, std::size_t index);
FrameSetRow frame_set_row(File file, std::size_t index);
MessageRow message_row(const tracefile::ReadResult& file, std::size_t index);
PlotRow plot_row(File file, std::size_t index);
LockRow lock_row(const tracefile::ReadResult& file, std::size_t index);
MemoryPoolRow memory_pool_row(File file, std::size_t index);
FrameImageRow frame_image_row(const tracefile::ReadResult& file, std::size_t index);
GpuContextRow gpu_context_row(const tracefile::ReadResult& file, std::size_t index);
SectionRow section_row(const tracefile::ReadResult& file, std::size_t index);

/// Makes zones of a file instances of `row`, a subclass of tuple with the fields of a zone.
class ZoneRows {
public:
    /// Throws TypeError for any other type.
    ZoneRows(const tracefile::ReadResult& file, nanobind::type_object row);

    nanobind::object of(const model::Zone& zone) const;

private:
    const tracefile::ReadResult& file_;
    nanobind::type_object row_;
};

/// The zones of a thread, `count` at most, as instances of `row`, a subclass of tuple with the fields of a zone.
nanobind::list zone_rows(const tracefile::ReadResult& file, nanobind::type_object row, std::size_t thread,
                         std::size_t first, std::size_t count);
/// All zones of a thread, in place.
Bytes zones(File file, std::size_t thread);
/// All runs of a fiber, in place.
Bytes runs(File file, std::size_t thread);

}  // namespace tracypy::bindings
