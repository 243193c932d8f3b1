#include "bindings/trace_rows.hpp"

#include <array>
#include <vector>

#include "base/thread_names.hpp"
#include "bindings/decoded.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {
namespace {

using model::TextId;
using tracefile::ReadResult;

nb::str text(const ReadResult& file, TextId id) {
    return decoded(file.trace.strings.at(id));
}

nb::object text_or_none(const ReadResult& file, TextId id) {
    return id == TextId::None ? nb::none() : nb::object(text(file, id));
}

template <typename Rows>
const typename Rows::value_type& at(const Rows& rows, std::size_t index) {
    if (index >= rows.size()) throw nb::index_error("the trace has no such entry");
    return rows[index];
}

template <typename Row>
Bytes column(nb::handle owner, const std::vector<Row>& rows, std::size_t first = 0) {
    static const std::uint8_t nothing = 0;  // an empty vector has no address, and views want one
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(rows.data() + first);
    return Bytes(rows.empty() ? &nothing : bytes, {(rows.size() - first) * sizeof(Row)}, owner);
}

// A trace has millions of zones: what Python makes rows of them with runs no Python code.
constexpr std::array kZoneFields = {"start_ns", "end_ns", "location", "depth", "text", "name", "color", "callstack"};
using ZoneValues = std::array<nb::object, kZoneFields.size()>;

ZoneValues zone_values(const ReadResult& file, const model::Zone& zone) {
    const model::ZoneExtra& extra = at(file.trace.zone_extras, zone.extra);
    return {nb::int_(zone.start_ns), nb::int_(zone.end_ns),          nb::int_(zone.location),
            nb::int_(zone.depth),    text_or_none(file, extra.text), text_or_none(file, extra.name),
            nb::int_(extra.color),   nb::int_(extra.callstack)};
}

void check_zone_fields(nb::type_object row) {
    nb::list names;
    for (const char* name : kZoneFields) names.append(nb::str(name));
    if (!PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(row.ptr()), &PyTuple_Type) ||
        !nb::getattr(row, "_fields", nb::none()).equal(nb::tuple(names))) {
        throw nb::type_error("a row of a zone must be a tuple with the fields of a zone");
    }
}

/// What `tuple.__new__(row, values)` makes.
nb::object made_of(nb::type_object row, ZoneValues values) {
    auto* const type = reinterpret_cast<PyTypeObject*>(row.ptr());
    nb::object made = nb::steal(type->tp_alloc(type, static_cast<Py_ssize_t>(values.size())));
    if (!made.is_valid()) throw nb::python_error();
    for (std::size_t i = 0; i < values.size(); ++i) {
        PyTuple_SET_ITEM(made.ptr(), static_cast<Py_ssize_t>(i), values[i].release().ptr());
    }
    return made;
}

}  // namespace

LocationRow location_row(const ReadResult& file, std::size_t index) {
    const model::SourceLocation& location = at(file.trace.locations, index);
    return {text(file, location.name), text(file, location.function), text(file, location.file), location.line,
            location.color};
}

ThreadRow thread_row(const ReadResult& file, std::size_t index) {
    const model::Thread& thread = at(file.trace.threads, index);
    const auto row = static_cast<base::ThreadId>(thread.id);
    return {
        .name = text(file, thread.name),
        .id = thread.id,
        .zone_count = thread.zones.size(),
        .thread_count = base::threads_of_row(row, file.trace.strings.at(thread.name)),
        .short_number = thread.short_number,
        .is_fiber = thread.is_fiber,
    };
}

ZoneExtraRow zone_extra_row(const ReadResult& file, std::size_t index) {
    const model::ZoneExtra& extra = at(file.trace.zone_extras, index);
    return {text_or_none(file, extra.text), text_or_none(file, extra.name), extra.color, extra.callstack};
}

nb::list callstack_rows(const ReadResult& file, std::size_t index) {
    const model::Callstacks& callstacks = file.trace.callstacks;
    nb::list rows;
    for (const std::uint32_t address : at(callstacks.stacks, index)) {
        for (const model::StackFrame& frame : callstacks.addresses[address].frames) {
            rows.append(nb::make_tuple(text(file, frame.function), text(file, frame.file), frame.line));
        }
    }
    return rows;
}

FrameSetRow frame_set_row(File file, std::size_t index) {
    const model::FrameSet& set = at(file.p->trace.frame_sets, index);
    const std::size_t first = index == 0 ? model::start_frames(file.p->trace) : 0;
    return {text(*file.p, set.name), set.is_continuous, nb::cast(column(file.h, set.frames, first))};
}

MessageRow message_row(const ReadResult& file, std::size_t index) {
    const model::Message& message = at(file.trace.messages, index);
    return {
        .text = text(file, message.text),
        .time_ns = message.time_ns,
        .thread = message.thread == model::kNoThread ? nb::none() : nb::object(nb::int_(message.thread)),
        .color = message.color,
        .severity = message.severity,
        .source = message.source,
        .callstack = message.callstack,
    };
}

PlotRow plot_row(File file, std::size_t index) {
    const model::Plot& plot = at(file.p->trace.plots, index);
    return {
        .name = text(*file.p, plot.name),
        .kind = static_cast<int>(plot.kind),
        .format = static_cast<int>(plot.format),
        .shows_steps = plot.shows_steps,
        .is_filled = plot.is_filled,
        .color = plot.color,
        .points = nb::cast(column(file.h, plot.points)),
    };
}

LockRow lock_row(const ReadResult& file, std::size_t index) {
    const model::Lock& lock = at(file.trace.locks, index);
    nb::list events;
    for (const model::LockEvent& event : lock.events) {
        events.append(nb::make_tuple(event.time_ns, at(lock.threads, event.thread), static_cast<int>(event.kind)));
    }
    return {lock.id, lock.location, lock.is_shared, lock.made_ns, events};
}

MemoryPoolRow memory_pool_row(File file, std::size_t index) {
    const model::MemoryPool& pool = at(file.p->trace.memory_pools, index);
    const model::MemoryUse use = model::use_of(pool);
    return {
        .name = text(*file.p, pool.name),
        .bytes = use.bytes,
        .in_use = use.in_use,
        .peak = use.peak,
        .blocks = use.blocks,
        .allocations = nb::cast(column(file.h, pool.allocations)),
    };
}

FrameImageRow frame_image_row(const ReadResult& file, std::size_t index) {
    const model::FrameImage& image = at(file.trace.frame_images, index);
    const auto first = static_cast<std::int64_t>(model::start_frames(file.trace));
    return {std::int64_t{image.frame} - first, image.width, image.height, image.is_flipped,
            nb::bytes(image.data.data(), image.data.size())};
}

GpuContextRow gpu_context_row(const ReadResult& file, std::size_t index) {
    const model::GpuContext& context = at(file.trace.gpu_contexts, index);
    nb::list zones;
    for (const model::GpuRow& row : context.rows) {
        const bool has_thread = row.thread != model::kNoThread;
        const nb::object thread = has_thread ? nb::object(nb::int_(row.thread)) : nb::none();
        for (const model::GpuZone& zone : row.zones) {
            zones.append(nb::make_tuple(zone.location, thread, zone.depth, zone.begin_ns, zone.end_ns,
                                        zone.gpu_begin_ns, zone.gpu_end_ns));
        }
    }
    return {text(file, context.name), context.kind, zones};
}

SectionRow section_row(const ReadResult& file, std::size_t index) {
    const model::ProgramSection& section = at(file.trace.sections, index);
    const auto& categories = file.trace.section_categories;
    const auto category = std::ranges::find(categories, section.category, &model::SectionCategory::number);
    model::TextId name = model::TextId::None;
    if (category != categories.end()) name = category->name;
    return {text(file, section.name), section.begin_ns, section.end_ns, text(file, name)};
}

ZoneRows::ZoneRows(const ReadResult& file, nb::type_object row) : file_(file), row_(row) {
    check_zone_fields(row);
}

nb::object ZoneRows::of(const model::Zone& zone) const {
    return made_of(row_, zone_values(file_, zone));
}

nb::list zone_rows(const ReadResult& file, nb::type_object row, std::size_t thread, std::size_t first,
                   std::size_t count) {
    const ZoneRows made(file, row);
    const model::ZoneTable& zones = at(file.trace.threads, thread).zones;
    nb::list rows;
    for (std::size_t i = first; i < zones.size() && i - first < count; ++i) {
        rows.append(made.of(zones[i]));
    }
    return rows;
}

Bytes zones(File file, std::size_t thread) {
    return column(file.h, at(file.p->trace.threads, thread).zones);
}

Bytes runs(File file, std::size_t thread) {
    return column(file.h, at(file.p->trace.threads, thread).runs);
}

}  // namespace tracypy::bindings
