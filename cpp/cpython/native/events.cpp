// What native code says beside its zones: frame marks, plots, messages, memory, fibers, names.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/names.hpp"
#include "cpython/callstacks.hpp"
#include "cpython/defined_text.hpp"
#include "cpython/given_names.hpp"
#include "cpython/native/api.hpp"
#include "cpython/native/stay.hpp"
#include "cpython/plots.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython::native {
namespace {

using events::MemoryAction;

/// What comes from elsewhere, held against the last one that there is.
template <typename Enum>
Enum as(std::uint32_t number, Enum otherwise) noexcept {
    return number <= static_cast<std::uint32_t>(events::kLast<Enum>) ? static_cast<Enum>(number) : otherwise;
}

/// None for no name.
base::StringId name_in(base::LimitedNames& names, const char* name) {
    const std::string_view text = text_of(name);
    return text.empty() ? base::StringId::None : names.intern(text);
}

void frame_mark(const char* name, std::uint32_t kind) noexcept try {
    const auto what = as(kind, events::FrameMarkKind::Continuous);
    const base::StringId set = name_in(base::names().frames, name);
    if (set == base::StringId::None && what != events::FrameMarkKind::Continuous) return;  // the main set has no gaps
    process_recorder().frame_mark(what, set);
} catch (...) {
    process_recorder().policy().count(recorder::Lost::Mark);
}

void frame_image(const void* rgba, std::uint32_t width, std::uint32_t height, std::uint32_t offset, int flip) noexcept
    try {
    constexpr std::uint32_t kMostSide = 65'535, kChannels = 4;
    if (process_recorder().epoch() == 0 || rgba == nullptr) return;
    if (width == 0 || height == 0 || width > kMostSide || height > kMostSide) return;
    const std::size_t bytes = std::size_t{width} * height * kChannels;
    if (!process_recorder().images().has_room(bytes)) return;
    auto pixels = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
    std::memcpy(pixels.get(), rgba, bytes);
    process_recorder().images().put({std::move(pixels), width, height, kChannels}, offset, flip != 0);
} catch (...) {
    process_recorder().policy().count(recorder::Lost::Image);
}

void plot(const char* name, double value) noexcept try {
    if (process_recorder().epoch() == 0 || name == nullptr) return;
    if (!std::isfinite(value)) return process_recorder().policy().count(recorder::Lost::NotFinite);
    const base::StringId curve = base::names().plots.intern(text_of(name));
    const Stay stay;
    if (stay) stay->write_shared(events::PlotPoint{.plot = curve, .value = value});
} catch (...) {
    process_recorder().policy().count(recorder::Lost::Event);
}

void plot_config(const char* name, std::uint32_t format, int step, int fill, std::uint32_t color) noexcept try {
    if (name == nullptr) return;
    define_plot(text_of(name), {.format = as(format, events::PlotFormat::Number),
                                .shows_steps = step != 0,
                                .is_filled = fill != 0,
                                .color = color & 0xFF'FFFF});
} catch (...) {
    process_recorder().definitions().leave_out(events::PlotStyle::kKind);
}

void message(const char* text, std::size_t length, std::uint32_t color, std::uint32_t severity,
             std::uint32_t callstack) noexcept {
    if (process_recorder().epoch() == 0) return;
    events::Message event{.color = color & 0xFF'FFFF};
    event.text = text_of(text, length);
    event.severity = as(severity, events::Severity::Info);
    event.callstack = callstack_in_allocator(callstack);
    const Stay stay;
    if (stay) stay->write_moment(event);
}

// --- memory ---

/// Of a size: viewers keep 47 bits of it.
constexpr std::uint64_t kMostBytes = (std::uint64_t{1} << 47) - 1;

void memory_step(events::MemoryStep step, const char* pool, std::uint32_t callstack) noexcept try {
    if (process_recorder().epoch() == 0) return;
    step.pool = name_in(base::names().memory_pools, pool);
    step.callstack = callstack_in_allocator(callstack);
    const Stay stay;
    if (!stay) return;
    step.thread = stay->id();
    stay->write_shared(step);
} catch (...) {
    process_recorder().policy().count(recorder::Lost::Event);
}

void memory_alloc(const void* address, std::size_t size, const char* pool, std::uint32_t callstack) noexcept {
    if (address == nullptr) return;  // an allocation that has failed
    memory_step({.action = MemoryAction::Allocate,
                 .address = reinterpret_cast<std::uintptr_t>(address),
                 .size = std::min<std::uint64_t>(size, kMostBytes)},
                pool, callstack);
}

void memory_free(const void* address, const char* pool, std::uint32_t callstack) noexcept {
    if (address == nullptr) return;  // as in C
    memory_step({.action = MemoryAction::Free, .address = reinterpret_cast<std::uintptr_t>(address)}, pool, callstack);
}

void memory_discard(const char* pool, std::uint32_t callstack) noexcept {
    memory_step({.action = MemoryAction::Discard}, pool, callstack);
}

// --- fibers ---

// One at a time on a thread: another one's enter is the end of this one's run. What Python's tasks and greenlets run
// lies around it.
bool leaves(recorder::ThreadBuffer& buffer, recorder::FiberKey fiber) noexcept {
    const recorder::Fiber* const running = buffer.running_fiber();
    if (running == nullptr || fiber == 0 || running->key != fiber) return false;
    buffer.suspend_fiber();
    return true;
}

thread_local constinit recorder::FiberKey t_fiber = 0;  // that native code has entered last

void fiber_enter(const char* fiber) noexcept {
    if (fiber == nullptr) return;
    const Stay stay;
    if (!stay) return;
    const auto key = reinterpret_cast<recorder::FiberKey>(fiber);
    const recorder::Fiber* const running = stay->running_fiber();
    if (running != nullptr && running->key == key) return;
    leaves(*stay, t_fiber);
    t_fiber = key;
    if (!stay->resume_fiber(key)) (void)stay->begin_fiber(key, text_of(fiber));
}

void fiber_leave() noexcept {
    const Stay stay;
    if (stay && leaves(*stay, t_fiber)) t_fiber = 0;
}

// --- names ---

void app_info(const char* text, std::size_t length) noexcept try {
    if (text == nullptr) return;
    define_text(text_of(text, length), [](base::StringId id) { return events::AppInfo{id}; });
} catch (...) {
    process_recorder().definitions().leave_out(events::AppInfo::kKind);
}

void set_program_name(const char* name, std::size_t length) noexcept try {
    if (const std::string_view text = text_of(name, length); !text.empty()) define_program_name(text);
} catch (...) {
    process_recorder().definitions().leave_out(events::ProgramText::kKind);
}

void set_thread_name(const char* name, std::size_t length) noexcept try {
    constexpr std::size_t kMostBytesOfName = 1'024;  // up to 50,000 threads have names
    const std::string_view text = base::cut_utf8(text_of(name, length), kMostBytesOfName);
    if (!text.empty()) name_this_thread(text);
} catch (...) {
    // Out of memory: it keeps the name it has.
}

}  // namespace

void add_events(tracypy_private_api& table) noexcept {
    table.frame_mark = frame_mark;
    table.frame_image = frame_image;
    table.plot = plot;
    table.plot_config = plot_config;
    table.message = message;
    table.memory_alloc = memory_alloc;
    table.memory_free = memory_free;
    table.memory_discard = memory_discard;
    table.fiber_enter = fiber_enter;
    table.fiber_leave = fiber_leave;
    table.app_info = app_info;
    table.set_program_name = set_program_name;
    table.set_thread_name = set_thread_name;
}

}  // namespace tracypy::cpython::native
