// A thread goes on with another fiber: its run is written down, and the stack of open zones is another one.
//
// A run that finds no room in the memory for what waits is written as soon as something of it is.
#include <utility>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {

// --- zones of which are open ---

void ThreadBuffer::replace_zones(ParkedZones& away, ParkedZones& next) noexcept {
    stack_.replace(away.stack, next.stack);
    if (!asides_.empty() || !next.asides.empty()) {
        asides_.swap(away.asides);
        asides_.swap(next.asides);
    }
    if (!moved_.empty() || !next.moved.empty()) {
        moved_.swap(away.moved);
        moved_.swap(next.moved);
    }
}

void ThreadBuffer::switch_to(Fiber* fiber) noexcept {
    Fiber* const before = fibers_->running;
    if (fiber == before) return;
    if (!queue_.is_open() || has_mail_.load(std::memory_order_relaxed)) settle();
    const base::Ticks now = base::now_ticks();
    const std::size_t max_depth = stack_.max_depth();
    const bool is_unwritten = std::exchange(fibers_->is_unwritten, fiber != nullptr);
    if (before != nullptr && !is_unwritten && queue_.ensure_room(events::kLeaveWords, true)) {
        queue_.write(events::FiberLeave{now});
    }
    replace_zones(before != nullptr ? before->zones : fibers_->own, fiber != nullptr ? fiber->zones : fibers_->own);
    fibers_->running = fiber;
    // Room for the end of the run, too: it goes past the limit, once for each that is within.
    if (fiber != nullptr && queue_.ensure_room(kRunWords, false)) write_run(now);
    if (stack_.max_depth() != max_depth) set_max_depth(max_depth);
    refresh();
    tell();
}

void ThreadBuffer::write_run(base::Ticks now) noexcept {
    fibers_->is_unwritten = false;
    queue_.write(events::FiberEnter{now, fibers_->running->row, id_});
}

template <typename Work>
void ThreadBuffer::visit(Fiber* fiber, const Work& work) noexcept {
    Fiber* const before = fibers_->running;
    switch_to(fiber);
    work();
    switch_to(before);
}

// --- who runs ---

bool ThreadBuffer::may_begin_fiber() noexcept {
    if (fibers_ == nullptr) {
        try {
            fibers_ = std::make_unique<Fibers>();
        } catch (...) {
            return false;
        }
        has_fibers_.store(true, std::memory_order_relaxed);
    }
    if (fibers_->is_full) recorder_->policy().count(Lost::Row);
    return !fibers_->is_full;
}

// False: the session has changed meanwhile.
bool ThreadBuffer::await_room_for_run() noexcept {
    const std::uint64_t session = recorder_->epoch();
    if (!recorder_->pool().has_room()) (void)wait_for_room(kRunWords);
    return recorder_->epoch() == session && fibers_ != nullptr;
}

Fiber* ThreadBuffer::new_fiber(FiberKey key, std::string_view name) noexcept {
    if (Fiber* const stale = fibers_->find(key)) end_fiber(*stale);
    try {
        // The name is known where one of the rows has it.
        if (Fiber* const fiber = fibers_->reuse(key, std::string(name))) return fiber;
        for (const bool shares : {false, true}) {
            const std::string row_name = shares ? std::string(FiberRows::kSharedName) : recorder_->fiber_row_name(name);
            if (Fiber* const fiber = fibers_->reuse(key, row_name)) return fiber;
            const base::ThreadId row = recorder_->add_fiber_row(row_name);
            if (row != base::ThreadId::None) return &fibers_->add(key, row, row_name);
        }
    } catch (...) {
        // Out of memory.
    }
    fibers_->is_full = true;
    recorder_->policy().count(Lost::Row);
    return nullptr;
}

const Fiber* ThreadBuffer::begin_fiber(FiberKey key, std::string_view name) noexcept {
    if (!may_begin_fiber() || !await_room_for_run()) return nullptr;
    Fiber* const fiber = new_fiber(key, name);
    if (fiber != nullptr) enter(*fiber);
    return fiber;
}

bool ThreadBuffer::resume_fiber(FiberKey key) noexcept {
    if (fibers_ == nullptr) return false;
    Fiber* fiber = fibers_->find(key);
    if (fiber == nullptr) return false;
    if (!recorder_->pool().has_room()) {
        if (!await_room_for_run()) return false;
        fiber = fibers_->find(key);
    }
    if (fiber == nullptr || fiber->is_running) return false;
    enter(*fiber);
    return true;
}

void ThreadBuffer::enter(Fiber& fiber) noexcept {
    fiber.outer = fibers_->running;
    fiber.is_running = true;
    switch_to(&fiber);
}

void ThreadBuffer::suspend_fiber() noexcept {
    Fiber* const fiber = running_fiber();
    if (fiber == nullptr) return;
    fiber->is_running = false;
    switch_to(std::exchange(fiber->outer, nullptr));
}

void ThreadBuffer::end_fiber() noexcept {
    Fiber* const fiber = running_fiber();
    if (fiber == nullptr) return;
    end_down_to(0, base::now_ticks());
    suspend_fiber();
    fibers_->release(*fiber);
}

// One that will never go on: its owner is gone.
void ThreadBuffer::end_fiber(Fiber& fiber) noexcept {
    if (fiber.is_running) {
        while (running_fiber() != nullptr && running_fiber() != &fiber) suspend_fiber();
        if (running_fiber() == &fiber) return end_fiber();
    }
    if (fiber.zones.stack.depth() != 0) visit(&fiber, [this] { end_down_to(0, base::now_ticks()); });
    fibers_->release(fiber);
}

void ThreadBuffer::end_fiber_of(FiberKey key) noexcept {
    Fiber* const fiber = fibers_ != nullptr ? fibers_->find(key) : nullptr;
    if (fiber != nullptr && !fiber->is_running) end_fiber(*fiber);
}

// --- greenlets ---

// What a greenlet did when it was left may be a fiber of its own: a task of a loop that it runs.
void ThreadBuffer::switch_greenlet(FiberKey from, bool is_over, FiberKey to, std::string_view name) noexcept {
    if (!may_begin_fiber() && fibers_ == nullptr) return;
    if (!await_room_for_run()) return;
    Fiber* const left = from != 0 ? fibers_->find(from) : nullptr;
    // It has run on the thread's own row: since before the session, or because there was no other.
    if (from != 0 && left == nullptr && fibers_->running == nullptr) end_calls(base::now_ticks());
    if (is_over) {
        if (left != nullptr) end_fiber(*left);
    } else if (left != nullptr) {
        left->context = fibers_->running;
    } else if (from == 0) {
        fibers_->own_context = fibers_->running;
    }
    Fiber* target = to != 0 ? fibers_->find(to) : nullptr;
    if (to != 0 && target == nullptr && !fibers_->is_full) target = new_fiber(to, name);
    Fiber*& context = target != nullptr ? target->context : fibers_->own_context;
    if (target != nullptr) target->is_running = true;
    Fiber* const next = std::exchange(context, nullptr);
    switch_to(next != nullptr && next->is_running ? next : target);
}

// --- all of them ---

void ThreadBuffer::end_calls_of_fibers(base::Ticks ticks) noexcept {
    if (fibers_ == nullptr) return;
    while (running_fiber() != nullptr) {
        end_calls(ticks);
        suspend_fiber();
    }
    for (Fiber& fiber : fibers_->all()) {
        if (fiber.key == 0) continue;
        fiber.is_running = false;
        if (fiber.zones.stack.depth() != 0) visit(&fiber, [&] { end_calls(ticks); });
        if (fiber.zones.stack.depth() == 0) fibers_->release(fiber);
    }
}

void ThreadBuffer::end_all_fibers(base::Ticks ticks) noexcept {
    if (fibers_ == nullptr) return;
    while (running_fiber() != nullptr) {
        end_down_to(0, ticks);
        suspend_fiber();
    }
    for (Fiber& fiber : fibers_->all()) {
        if (fiber.key == 0) continue;
        if (fiber.zones.stack.depth() != 0) visit(&fiber, [&] { end_down_to(0, ticks); });
        fibers_->release(fiber);
    }
}

// A zone by hand that began in one fiber, and ends in another one.
void ThreadBuffer::end_in_other_fiber(ZoneKey key, base::Ticks tick, Remarks& remarks) noexcept {
    if (fibers_ == nullptr) return;
    const auto try_in = [&](Fiber* fiber, const ParkedZones& zones) {
        if (fiber == fibers_->running || zones.stack.find(key) == ZoneStack::kNowhere) return false;
        const bool was_patient = std::exchange(is_patient_, false);
        visit(fiber, [&] { end_by_hand(key, tick, std::move(remarks)); });
        is_patient_ = was_patient;
        if (fiber != nullptr && !fiber->is_running && zones.stack.depth() == 0) fibers_->release(*fiber);
        return true;
    };
    if (try_in(nullptr, fibers_->own)) return;
    for (Fiber& fiber : fibers_->all()) {
        if (fiber.key != 0 && try_in(&fiber, fiber.zones)) return;
    }
}

}  // namespace tracypy::recorder
