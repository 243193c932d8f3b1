// Locks, and who waited for and held them.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

/// The location of what a program has not marked.
constexpr std::int16_t kNoLocation = 0;

void write_lock(Output& file, const model::Lock& lock) {
    file.put(lock.id);
    file.short_reference(lock.name);
    file.put(location_number(lock.location));
    file.flag(lock.is_shared);
    file.flag(lock.is_announced);
    file.put(lock.made_ns);
    file.put(lock.ended_ns);
    file.count(lock.threads.size());
    for (const std::uint64_t thread : lock.threads) file.put(thread);
    file.count(lock.events.size());
    std::int64_t reference = lock.made_ns;
    for (const model::LockEvent& event : lock.events) {
        file.time(reference, event.time_ns);
        file.put(event.mark == model::LockEvent::kNoMark ? kNoLocation : location_number(event.mark));
        file.put(event.thread);
        file.put(event.kind);
    }
}

void write_locks(Output& file) {
    file.count(file.trace.locks.size());
    for (const model::Lock& lock : file.trace.locks) write_lock(file, lock);
}

void read_events(Input& file, model::Lock& lock) {
    const std::uint64_t count = file.count();
    auto reference = static_cast<std::uint64_t>(lock.made_ns);
    for (std::uint64_t i = 0; i < count; ++i) {
        model::LockEvent event{};
        event.time_ns = file.time(reference);
        const auto mark = file.get<std::int16_t>();
        if (mark != kNoLocation) event.mark = file.locations.numbers().find(mark);
        event.thread = file.get<std::uint8_t>();
        event.kind = file.get<model::LockEvent::Kind>();
        if (event.thread < lock.threads.size() && event.kind <= model::LockEvent::Kind::ReleaseShared) {
            lock.events.push_back(event);
        }
    }
}

void read_lock(Input& file, model::Lock& lock) {
    lock.id = file.get<std::uint32_t>();
    lock.name = file.short_reference();
    lock.location = file.location();
    lock.is_shared = file.flag();
    lock.is_announced = file.flag();
    lock.made_ns = file.get<std::int64_t>();
    lock.ended_ns = file.get<std::int64_t>();
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) lock.threads.push_back(file.get<std::uint64_t>());
    read_events(file, lock);
}

void read_locks(Input& file) {
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) read_lock(file, file.trace().locks.emplace_back());
}

}  // namespace

const Section kLocks{.write = write_locks, .read = read_locks};

}  // namespace tracypy::tracefile::sections
