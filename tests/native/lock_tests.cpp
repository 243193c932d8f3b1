// What a trace keeps of locks: all that can have happened, and nothing else.
#include "base/names.hpp"
#include "check.hpp"
#include "model/trace_tables.hpp"

namespace tracypy {
namespace {

using events::LockAnnounce;
using events::LockEvent;
using Kind = events::LockEventKind;

constexpr base::Ticks kStart = 1'000;

struct Scene {
    base::Names names;
    model::TraceTables tables{names, kStart};
    base::Ticks now = kStart;

    void announce(std::uint32_t lock, bool is_shared) {
        tables.take(LockAnnounce{.lock = lock, .made = 0, .location = {}, .is_shared = is_shared});
    }
    void add(std::uint32_t lock, unsigned thread, Kind kind) {
        tables.take(LockEvent{++now, lock, static_cast<base::ThreadId>(thread), kind});
    }
    model::Trace finish() {
        model::TraceInfo info;
        info.ns_per_tick = 1;
        return tables.finish(info, [](std::size_t) { return true; });
    }
};

}  // namespace

TEST(the_second_half_of_what_began_before_the_recording_is_left_out) {
    Scene scene;
    scene.announce(7, false);
    scene.add(7, 1, Kind::Release);
    scene.add(7, 1, Kind::Obtain);
    scene.add(7, 2, Kind::Wait);
    scene.add(7, 2, Kind::Obtain);
    scene.add(7, 3, Kind::Wait);
    scene.add(7, 3, Kind::Obtain);  // thread 2 has it
    scene.add(7, 2, Kind::Release);
    scene.add(8, 1, Kind::Wait);  // never announced
    const model::Trace trace = scene.finish();
    CHECK(trace.locks.size() == 1);
    const model::Lock& lock = trace.locks[0];
    CHECK(lock.id == 7);
    CHECK(lock.made_ns == 0);
    std::vector<model::LockEvent::Kind> kinds;
    for (const model::LockEvent& event : lock.events) kinds.push_back(event.kind);
    using Kept = model::LockEvent::Kind;
    CHECK((kinds == std::vector{Kept::Wait, Kept::Obtain, Kept::Wait, Kept::Release}));
    CHECK(lock.threads.size() == 2);
    CHECK(scene.tables.dropped_events() == 4);
}

TEST(a_shared_lock_has_several_holders) {
    Scene scene;
    scene.announce(1, true);
    for (const unsigned thread : {1u, 2u}) scene.add(1, thread, Kind::WaitShared);
    for (const unsigned thread : {1u, 2u, 2u}) scene.add(1, thread, Kind::ObtainShared);
    for (const unsigned thread : {1u, 1u, 2u}) scene.add(1, thread, Kind::ReleaseShared);
    CHECK(scene.finish().locks[0].events.size() == 6);
    CHECK(scene.tables.dropped_events() == 2);
}

TEST(a_lock_has_at_most_as_many_threads_as_a_viewer_follows) {
    Scene scene;
    scene.announce(1, false);
    for (unsigned thread = 1; thread <= 70; ++thread) {
        scene.add(1, thread, Kind::Wait);
        scene.add(1, thread, Kind::Obtain);
        scene.add(1, thread, Kind::Release);
    }
    const model::Trace trace = scene.finish();
    CHECK(trace.locks[0].threads.size() == model::Lock::kMostThreads);
    CHECK(trace.locks[0].events.size() == 3 * model::Lock::kMostThreads);
}

}  // namespace tracypy
