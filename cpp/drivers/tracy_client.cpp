#include "drivers/tracy_client.hpp"

#include <deque>
#include <mutex>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

#include "base/error.hpp"

namespace tracypy::drivers {
namespace {

#if !defined(_WIN32)

/// What the process has for all, or the library, which stays for good.
void* open_library(const std::string& path) {
    if (path.empty()) return dlopen(nullptr, RTLD_LAZY);
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) return library;
    const char* const problem = dlerror();
    throw base::Error({base::ErrorCode::ClientNotLoaded, {path, problem != nullptr ? problem : "unknown"}});
}

void* find_symbol(void* library, const char* name) {
    void* const found = dlsym(library, name);
    (void)dlerror();
    return found;
}

#else

void* open_library(const std::string& path) {
    throw base::Error({base::ErrorCode::ClientNotLoaded, {path, "not on this system"}});
}
void* find_symbol(void*, const char*) {
    return nullptr;
}

#endif

/// From 0.14 on the functions of named memory have no argument that says whether they are "secure". Of the others it is
/// the last one, which nobody looks at then.
template <typename Function, typename Declared>
Function as_of_0_14(Declared* function) noexcept {
    return reinterpret_cast<Function>(reinterpret_cast<void*>(function));
}

/// A client keeps their addresses, so they are never moved, nor given back.
const TracyLocation* known_location(base::Names& names, base::SourceLocationId id) {
    static auto* const mutex = new std::mutex;
    static auto* const all = new std::deque<TracyLocation>;
    static auto* const by_id = new std::unordered_map<base::SourceLocationId, const TracyLocation*>;
    const std::lock_guard lock(*mutex);
    const TracyLocation*& known = (*by_id)[id];
    if (known != nullptr) return known;
    const auto found = names.locations.find(id);
    if (!found) return nullptr;
    const auto text = [&](base::StringId string) {
        return string == base::StringId::None ? nullptr : names.strings.find(string).text.data();
    };
    all->push_back({text(found->name), text(found->function), text(found->file), found->line, found->color});
    return known = &all->back();
}

}  // namespace

TracyFunctions find_tracy_functions(const std::string& path) {
    void* const library = open_library(path);
    TracyFunctions functions;
    std::string missing;
    const auto find = [&](auto& function, const char* symbol, bool is_required) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(find_symbol(library, symbol));
        if (function == nullptr && is_required) missing += (missing.empty() ? "" : ", ") + std::string(symbol);
    };
#define TRACYPY_FIND(member, symbol, is_required, result, ...) find(functions.member, symbol, is_required);
    TRACYPY_TRACY_FUNCTIONS(TRACYPY_FIND)
#undef TRACYPY_FIND
    if (missing.empty()) return functions;
    throw base::Error({base::ErrorCode::NoTracyClient, {path.empty() ? "this process" : path, missing}});
}

/// Tells what happens on one row, on the thread on which it does.
class TracyClientSink::Visitor {
public:
    Visitor(TracyClientSink& sink, Row& row) : sink_(&sink), row_(&row) {}

    void on(const events::ZoneBegin& zone) { row_->open.push_back({zone.location, sink_->begin(zone.location)}); }
    void on(const events::ZoneBeginCallstack& zone) { on(events::without_callstack(zone)); }
    void on(const events::ZoneEnd&) {
        sink_->functions_.zone_end(innermost());
        row_->open.pop_back();
    }
    void on(const events::ZoneText& text) {
        sink_->functions_.zone_text(innermost(), text.text.data(), text.text.size());
    }
    void on(const events::ZoneName& name) {
        sink_->functions_.zone_name(innermost(), name.text.data(), name.text.size());
    }
    void on(const events::ZoneValue& value) { sink_->functions_.zone_value(innermost(), value.value); }
    void on(const events::ZoneColor& color) {
        if (sink_->functions_.zone_color != nullptr) sink_->functions_.zone_color(innermost(), color.color);
    }
    void on(const events::Message& message) {
        const TracyFunctions& functions = sink_->functions_;
        const std::string_view text =
            message.literal == base::StringId::None ? message.text : sink_->names_.strings.find(message.literal).text;
        if (functions.log != nullptr) {
            functions.log(static_cast<std::int8_t>(message.severity), static_cast<std::int32_t>(message.color), 0,
                          text.size(), text.data());
        } else if (functions.message != nullptr) {
            functions.message(text.data(), text.size(), message.color, 0);
        }
    }
    // A client that knows no fibers has their runs among the zones of the thread.
    void on(const events::FiberEnter& run) {
        if (sink_->functions_.fiber_enter != nullptr && sink_->functions_.fiber_leave != nullptr) {
            const std::string name = sink_->names_.threads.find(run.fiber);
            return sink_->functions_.fiber_enter(sink_->text_of(sink_->names_.strings.intern(name)));
        }
        for (OpenZone& zone : row_->open) zone.context = sink_->begin(zone.location);
    }
    void on(const events::FiberLeave&) {
        if (sink_->functions_.fiber_enter != nullptr && sink_->functions_.fiber_leave != nullptr) {
            return sink_->functions_.fiber_leave();
        }
        for (std::size_t i = row_->open.size(); i-- > 0;) sink_->functions_.zone_end(row_->open[i].context);
    }
    void dropped() noexcept {}

private:
    TracyContext innermost() const noexcept { return row_->open.back().context; }

    TracyClientSink* sink_;
    Row* row_;
};

TracyContext TracyClientSink::begin(base::SourceLocationId id) {
    const TracyLocation* const location = known_location(names_, id);
    return location != nullptr ? functions_.zone_begin(location, 1) : TracyContext{0, 0};
}

// A client knows a name by its address: here it has one for each text, for good.
const char* TracyClientSink::text_of(base::StringId id) const noexcept {
    return id == base::StringId::None ? nullptr : names_.strings.find(id).text.data();
}

void TracyClientSink::tell_name(base::ThreadId thread, Row& row) {
    const std::uint64_t version = names_.threads.version();
    if (row.names_version == version) return;
    row.names_version = version;
    std::string name = names_.threads.find(thread);
    if (name != row.told_name) functions_.set_thread_name(name.c_str());
    row.told_name = std::move(name);
}

void TracyClientSink::end_row(base::ThreadId thread) {
    const auto found = rows_.find(thread);
    if (found == rows_.end()) return;
    Visitor visitor(*this, found->second);
    found->second.walk.end_all(found->second.walk.last_tick(), visitor);
}

void TracyClientSink::thread_batch(const events::ThreadBatch& batch) {
    Row& row = rows_.try_emplace(batch.thread, 0).first->second;
    if (batch.carrier == base::ThreadId::None) tell_name(batch.thread, row);
    Visitor visitor(*this, row);
    row.walk.walk(batch.words, visitor);
}

void TracyClientSink::tell(const events::FrameMark& mark) {
    const char* const name = text_of(mark.name);
    switch (mark.kind) {
        case events::FrameMarkKind::Start:
            return functions_.frame_mark_start(name);
        case events::FrameMarkKind::End:
            return functions_.frame_mark_end(name);
        default:
            return functions_.frame_mark(name);
    }
}

void TracyClientSink::tell(const events::PlotPoint& point) {
    functions_.plot(text_of(point.plot), point.value);
}

void TracyClientSink::tell(const events::PlotStyle& style) {
    if (functions_.plot_config == nullptr) return;
    functions_.plot_config(text_of(style.plot), static_cast<std::int32_t>(style.format), style.shows_steps ? 1 : 0,
                           style.is_filled ? 1 : 0, style.color);
}

void TracyClientSink::tell(const events::AppInfo& info) {
    if (functions_.app_info == nullptr) return;
    const std::string_view text = names_.strings.find(info.text).text;
    functions_.app_info(text.data(), text.size());
}

// A client ends its session when a free does not fit.
void TracyClientSink::tell(const events::MemoryStep& step) {
    const bool is_named = step.pool != base::StringId::None;
    const bool knows_it = is_named ? functions_.memory_alloc_named != nullptr && functions_.memory_free_named != nullptr
                                   : functions_.memory_alloc != nullptr && functions_.memory_free != nullptr;
    if (!knows_it) return;
    const char* const pool = text_of(step.pool);
    const auto free = [&](std::uint64_t address, std::uint64_t) {
        const auto* const block = reinterpret_cast<const void*>(address);
        if (!is_named) return functions_.memory_free(block, 0);
        if (!is_of_0_14()) return functions_.memory_free_named(block, 0, pool);
        as_of_0_14<void (*)(const void*, const char*)>(functions_.memory_free_named)(block, pool);
    };
    const auto allocate = [&] {
        const auto* const block = reinterpret_cast<const void*>(step.address);
        if (!is_named) {
            functions_.memory_alloc(block, step.size, 0);
        } else if (is_of_0_14()) {
            using Alloc = void (*)(const void*, std::size_t, const char*);
            as_of_0_14<Alloc>(functions_.memory_alloc_named)(block, step.size, pool);
        } else {
            functions_.memory_alloc_named(block, step.size, 0, pool);
        }
        return std::uint64_t{0};
    };
    blocks_.take(step, allocate, free);
}

}  // namespace tracypy::drivers
