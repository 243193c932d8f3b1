// An engine's own Tracy client, in this process, that is told what happens: by the C functions that it exports.
//
// Its functions take the moment and the thread of their call. So each thread tells what it has written itself, at once
// (Recorder::tell_at_once): there is no drain, and no thread of ours.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "events/live_blocks.hpp"
#include "events/thread_walk.hpp"

namespace tracypy::drivers {

/// As Tracy's clients of 0.11 to 0.14 declare them.
struct TracyLocation {
    const char *name, *function, *file;
    std::uint32_t line, color;
};
struct TracyContext {
    std::uint32_t id;
    std::int32_t active;
};

// X(member, symbol, is required, result, arguments…). Of `message` and `log` a client has one: to 0.13, and from 0.14
// on.
#define TRACYPY_TRACY_FUNCTIONS(X)                                                                                    \
    X(zone_begin, "___tracy_emit_zone_begin", true, TracyContext, const TracyLocation*, std::int32_t)                 \
    X(zone_end, "___tracy_emit_zone_end", true, void, TracyContext)                                                   \
    X(zone_text, "___tracy_emit_zone_text", true, void, TracyContext, const char*, std::size_t)                       \
    X(zone_name, "___tracy_emit_zone_name", true, void, TracyContext, const char*, std::size_t)                       \
    X(zone_value, "___tracy_emit_zone_value", true, void, TracyContext, std::uint64_t)                                \
    X(zone_color, "___tracy_emit_zone_color", false, void, TracyContext, std::uint32_t)                               \
    X(frame_mark, "___tracy_emit_frame_mark", true, void, const char*)                                                \
    X(frame_mark_start, "___tracy_emit_frame_mark_start", true, void, const char*)                                    \
    X(frame_mark_end, "___tracy_emit_frame_mark_end", true, void, const char*)                                        \
    X(plot, "___tracy_emit_plot", true, void, const char*, double)                                                    \
    X(plot_config, "___tracy_emit_plot_config", false, void, const char*, std::int32_t, std::int32_t, std::int32_t,   \
      std::uint32_t)                                                                                                  \
    X(message, "___tracy_emit_messageC", false, void, const char*, std::size_t, std::uint32_t, std::int32_t)          \
    X(log, "___tracy_emit_logString", false, void, std::int8_t, std::int32_t, std::int32_t, std::size_t, const char*) \
    X(app_info, "___tracy_emit_message_appinfo", false, void, const char*, std::size_t)                               \
    X(set_thread_name, "___tracy_set_thread_name", true, void, const char*)                                           \
    X(memory_alloc, "___tracy_emit_memory_alloc", false, void, const void*, std::size_t, std::int32_t)                \
    X(memory_free, "___tracy_emit_memory_free", false, void, const void*, std::int32_t)                               \
    X(memory_alloc_named, "___tracy_emit_memory_alloc_named", false, void, const void*, std::size_t, std::int32_t,    \
      const char*)                                                                                                    \
    X(memory_free_named, "___tracy_emit_memory_free_named", false, void, const void*, std::int32_t, const char*)      \
    X(fiber_enter, "___tracy_fiber_enter", false, void, const char*)                                                  \
    X(fiber_leave, "___tracy_fiber_leave", false, void)

struct TracyFunctions {
#define TRACYPY_POINTER(member, symbol, is_required, result, ...) result (*member)(__VA_ARGS__) = nullptr;
    TRACYPY_TRACY_FUNCTIONS(TRACYPY_POINTER)
#undef TRACYPY_POINTER
};

/// In the library at `path`, which is loaded if it is not there yet; without a path, in whatever the process has for
/// all. Throws base::Error, which says what is missing.
TracyFunctions find_tracy_functions(const std::string& path);

/// One thread at a time, which is the one that the events are of. Not all that happens has a word in these functions:
/// locks, GPU zones, sections, images, parameters and call stacks are left out.
class TracyClientSink final : public events::UniformSink<TracyClientSink> {
public:
    TracyClientSink(const TracyFunctions& functions, base::Names& names) : functions_(functions), names_(names) {}

    /// Ends what is open on a row, by its thread, which tells no more.
    void end_row(base::ThreadId thread);

    void thread_batch(const events::ThreadBatch& batch) override;
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (const Event& event : events) tell(event);
    }

private:
    class Visitor;
    struct OpenZone {
        base::SourceLocationId location;
        TracyContext context;
    };
    struct Row {
        explicit Row(base::Ticks start) : walk(base::SteadyClock(start)) {}
        events::SteadyWalk walk;
        std::vector<OpenZone> open;
        std::string told_name;
        std::uint64_t names_version = ~std::uint64_t{0};
    };

    void tell(const events::FrameMark& mark);
    void tell(const events::PlotPoint& point);
    void tell(const events::MemoryStep& step);
    void tell(const events::PlotStyle& style);
    void tell(const events::AppInfo& info);
    template <typename Event>
    void tell(const Event&) noexcept {}

    bool is_of_0_14() const noexcept { return functions_.log != nullptr; }
    TracyContext begin(base::SourceLocationId id);
    const char* text_of(base::StringId id) const noexcept;
    void tell_name(base::ThreadId thread, Row& row);

    TracyFunctions functions_;
    base::Names& names_;
    std::unordered_map<base::ThreadId, Row> rows_;
    events::LiveBlocks blocks_;
};

}  // namespace tracypy::drivers
