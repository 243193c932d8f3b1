#include "recorder/recorder.hpp"

#include <algorithm>
#include <unordered_set>

namespace tracypy::recorder {

namespace {

constexpr std::int64_t kMakeRoomEveryNs = 100'000'000;

RowNumbers::Row row_of(const ThreadBuffer& buffer) noexcept {
    return {buffer.id(), buffer.has_own_row()};
}

}  // namespace

Recorder::Recorder(base::Names& names)
    : names_(names), row_numbers_(names.threads), fiber_rows_(row_numbers_, names.threads), auto_throttle_(names) {
    names.threads.set(base::kNoticeThread, "tracypy");
}

// --- control ---

void Recorder::start() noexcept {
    const std::lock_guard lock(registry_mutex_);
    rows_.clear();
    forget_unclaimed();
    keep_rows();
    ++last_epoch_;
    session_.fetch_add(1, std::memory_order_relaxed);
    for (const auto& buffer : buffers_) buffer->reset(last_epoch_);
    ordered_.clear();
    sections_.start_session(ordered_, session());
    images_.clear();
    definitions_.start_session();
    policy_.start_session();
    notices_.start_session();
    auto_throttle_.forget_threads();
    epoch_.store(last_epoch_, std::memory_order_relaxed);
}

// Buffers that no thread will ever hand back: made on behalf of threads that never called us.
void Recorder::forget_unclaimed() noexcept {
    std::erase_if(buffers_, [this](const std::unique_ptr<ThreadBuffer>& buffer) {
        const bool gone = !buffer->claimed || buffer->finished.load(std::memory_order_acquire);
        if (gone) erase_native_id(*buffer);
        return gone;
    });
}

// Threads that go on in a new session keep their rows.
void Recorder::keep_rows() {
    row_numbers_.clear();
    fiber_rows_.clear();
    std::unordered_set<base::ThreadId> named{base::kNoticeThread};
    for (const auto& buffer : buffers_) {
        row_numbers_.keep(row_of(*buffer));
        named.insert(buffer->id());
    }
    names_.threads.keep_only(named);
}

void Recorder::advance() noexcept {
    if (epoch() == 0) return;
    const std::lock_guard lock(registry_mutex_);
    const std::uint64_t previous = last_epoch_++;
    for (const auto& buffer : buffers_) {
        // A buffer that was told to look up stays so.
        if (buffer->epoch.load(std::memory_order_relaxed) == previous) {
            buffer->epoch.store(last_epoch_, std::memory_order_relaxed);
        }
    }
    epoch_.store(last_epoch_, std::memory_order_relaxed);
}

void Recorder::finish() noexcept {
    if (epoch() == 0) return;
    const base::Ticks now = base::now_ticks();
    const std::lock_guard lock(registry_mutex_);
    for (const auto& buffer : buffers_) {
        if (buffer->finished.load(std::memory_order_acquire)) continue;
        buffer->end_all_fibers(now);
        buffer->finish(now);
    }
}

void Recorder::stop() noexcept {
    epoch_.store(0, std::memory_order_relaxed);
    {
        const std::lock_guard lock(registry_mutex_);
        for (const auto& buffer : buffers_) buffer->leave_no_room();
    }
    policy_.wake();
}

void Recorder::set_max_depth(std::size_t depth) noexcept {
    const std::lock_guard lock(registry_mutex_);
    max_depth_ = depth;
    for (const auto& buffer : buffers_) buffer->set_max_depth(depth);
}

void Recorder::for_each(const std::function<void(ThreadBuffer&)>& callback) {
    const std::lock_guard lock(registry_mutex_);
    for (const auto& buffer : buffers_) {
        if (!buffer->finished.load(std::memory_order_acquire)) callback(*buffer);
    }
}

// --- writers without the interpreter ---

void Recorder::stop_writers() noexcept {
    if (!gate_.close()) return;
    while (is_anybody_in_gate()) WriterGate::pause();
}

// Not waiting with the mutex, which those inside may want.
bool Recorder::is_anybody_in_gate() noexcept {
    const std::lock_guard lock(registry_mutex_);
    return std::ranges::any_of(buffers_, [](const auto& buffer) { return buffer->is_in_gate(); });
}

// --- threads ---

ThreadBuffer* Recorder::find_or_create(std::uint64_t native_id, bool claim) noexcept {
    try {
        const std::lock_guard lock(registry_mutex_);
        if (const auto found = by_native_id_.find(native_id); found != by_native_id_.end()) {
            ThreadBuffer* const buffer = found->second;
            if (!claim || !buffer->claimed) {
                buffer->claimed = buffer->claimed || claim;
                return buffer;
            }
            by_native_id_.erase(found);  // another thread had this number, and ended without telling
            buffer->finished.store(true, std::memory_order_release);
        }
        const RowNumbers::Row row = row_numbers_.take(native_id);
        auto buffer = std::make_unique<ThreadBuffer>(*this, row.id, native_id, row.is_own, max_depth_);
        buffer->claimed = claim;
        ThreadBuffer* const raw = buffer.get();
        by_native_id_.emplace(native_id, raw);
        buffers_.push_back(std::move(buffer));
        return raw;
    } catch (...) {
        return nullptr;  // out of memory: this thread is not recorded
    }
}

// The calling thread may hold the lock itself.
base::ThreadId Recorder::try_row_of(std::uint64_t native_id) noexcept {
    if (!registry_mutex_.try_lock()) return base::ThreadId::None;
    registry_mutex_.unlock();
    const ThreadBuffer* const buffer = find_or_create(native_id, false);
    return buffer != nullptr ? buffer->id() : base::ThreadId::None;
}

void Recorder::erase_native_id(const ThreadBuffer& buffer) noexcept {
    const auto found = by_native_id_.find(buffer.native_id());
    if (found != by_native_id_.end() && found->second == &buffer) by_native_id_.erase(found);
}

ThreadBuffer* Recorder::add_row() noexcept {
    try {
        const std::lock_guard lock(registry_mutex_);
        const base::ThreadId id = row_numbers_.take_synthetic();
        if (id == base::ThreadId::None) return nullptr;
        auto buffer = std::make_unique<ThreadBuffer>(*this, id, 0, true, ZoneStack::kNoDepth);
        buffer->be_impatient();
        buffers_.push_back(std::move(buffer));
        return buffers_.back().get();
    } catch (...) {
        return nullptr;
    }
}

base::ThreadId Recorder::take_row(std::uint64_t number) {
    const std::lock_guard lock(registry_mutex_);
    return row_numbers_.has_own() ? row_numbers_.take(number).id : base::ThreadId::None;
}

std::string Recorder::fiber_row_name(std::string_view name) {
    const std::lock_guard lock(registry_mutex_);
    return fiber_rows_.name_for(name);
}

base::ThreadId Recorder::add_fiber_row(const std::string& row_name) {
    const std::lock_guard lock(registry_mutex_);
    return fiber_rows_.take(row_name);
}

template <typename IsIt>
void Recorder::post_if(const IsIt& is_it, ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept {
    const std::lock_guard lock(registry_mutex_);
    for (const auto& buffer : buffers_) {
        if (!is_it(*buffer) || buffer->finished.load(std::memory_order_acquire)) continue;
        buffer->post(key, is_end, tick, std::move(remarks));
        return;
    }
}

void Recorder::post(const ThreadBuffer* to, ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept {
    post_if([to](const ThreadBuffer& buffer) { return &buffer == to; }, key, is_end, tick, std::move(remarks));
}

void Recorder::post_to_owner(ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept {
    const std::uint32_t number = ThreadBuffer::number_of(key);
    post_if([number](const ThreadBuffer& buffer) { return buffer.number() == number; }, key, is_end, tick,
            std::move(remarks));
}

void Recorder::thread_exits(ThreadBuffer& buffer) noexcept {
    if (!tells_at_once()) return end_thread(buffer);
    end_zones_of(buffer);
    tell_of(&buffer);
    end_thread(buffer);
    remove_finished();
}

void Recorder::end_zones_of(ThreadBuffer& buffer) noexcept {
    const std::lock_guard lock(registry_mutex_);
    end_zones(buffer);
}

void Recorder::end_zones(ThreadBuffer& buffer) noexcept {
    if (epoch() == 0) return;
    buffer.settle();
    buffer.end_all_fibers(base::now_ticks());
    buffer.end_down_to(0, base::now_ticks());
}

void Recorder::end_thread(ThreadBuffer& buffer) noexcept {
    const std::lock_guard lock(registry_mutex_);
    rows_.thread_exits(buffer.id());
    end_zones(buffer);
    erase_native_id(buffer);
    WriterGate::leave(buffer.gate_mark());  // where something has ended the thread in there
    buffer.finished.store(true, std::memory_order_release);
}

// --- a sink that each thread tells at once ---

void Recorder::tell_of(ThreadBuffer* buffer) noexcept try {
    if (!tells_at_once()) return;
    const std::lock_guard lock(direct_mutex_);
    events::EventSink* const sink = direct_sink_.load(std::memory_order_relaxed);
    if (sink == nullptr) return;
    constexpr auto kAll = static_cast<std::size_t>(-1);
    if (buffer != nullptr) {
        drain_words(*buffer, *sink, kAll);
        ordered_.add_queue(buffer->ordered());
    }
    definitions_.tell(*sink);
    (void)ordered_.drain(*sink, kAll);
} catch (...) {
    // Out of memory: the next event tells it.
}

// --- memory ---

bool Recorder::wait_for_room() noexcept {
    make_room();
    return policy_.wait_for_room();
}

// Threads that were busy once may hold large chunks that have long been read. The drain gives back what they leave.
void Recorder::make_room() noexcept {
    const std::int64_t now = base::monotonic_ns();
    std::int64_t last = made_room_ns_.load(std::memory_order_relaxed);
    if (stop_world_ == nullptr || now - last < kMakeRoomEveryNs) return;
    if (!made_room_ns_.compare_exchange_strong(last, now, std::memory_order_relaxed)) return;
    stop_world_(
        [](void* self) { static_cast<Recorder*>(self)->for_each([](ThreadBuffer& buffer) { buffer.shrink(); }); },
        this);
}

void Recorder::frame_mark(events::FrameMarkKind kind, base::StringId name) noexcept {
    if (kind == events::FrameMarkKind::Continuous && name == base::StringId::None) {
        frames_.fetch_add(1, std::memory_order_relaxed);
    }
    // A mark belongs to no zone: it is as good in the session after this one, if there is one.
    for (int tries = 0; epoch() != 0 && !ordered_.frame_mark(kind, name); ++tries) {
        if (tries < DropPolicy::kMostTries && wait_for_room()) continue;
        if (epoch() != 0) ordered_.leave_out(kind, name);
        return;
    }
    tell_of(nullptr);
}

void Recorder::write_ordered(base::ThreadId thread, std::span<const events::Word> event, bool beyond_limit) noexcept {
    for (int tries = 0; epoch() != 0 && !ordered_.write(thread, event, beyond_limit); ++tries) {
        if (!beyond_limit && tries < DropPolicy::kMostTries && wait_for_room()) continue;
        if (epoch() != 0) policy_.count(Lost::Event);
        return;
    }
}

// --- the drain ---

std::size_t Recorder::drain(events::EventSink& sink, std::size_t max_words) {
    list_buffers();
    definitions_.tell(sink);  // also where nothing happens
    for (ThreadBuffer* const buffer : draining_) ordered_.add_queue(buffer->ordered());
    std::size_t words = ordered_.drain(sink, max_words / 2);    // zones have their turn however many of these there are
    if (words < max_words / 2) words += images_.hand_on(sink);  // their marks have gone ahead
    const bool caught_up = drain_threads(sink, max_words, words);
    give_notice(sink, caught_up);
    if (words != 0) policy_.progressed(words);
    return words;
}

void Recorder::list_buffers() {
    const std::lock_guard lock(registry_mutex_);
    draining_.clear();
    for (const auto& buffer : buffers_) draining_.push_back(buffer.get());
}

// False: there is more.
bool Recorder::drain_threads(events::EventSink& sink, std::size_t max_words, std::size_t& words) {
    const std::size_t threads = draining_.size();
    const std::int64_t now_ns = base::monotonic_ns();
    poke_writers(now_ns);
    bool has_finished = false;
    bool caught_up = true;
    for (std::size_t i = 0; i < threads && caught_up; ++i) {
        ThreadBuffer& buffer = *draining_[(drain_from_ + i) % threads];
        const bool is_last = buffer.finished.load(std::memory_order_acquire);
        words += drain_thread(buffer, sink, max_words - words, now_ns);
        caught_up = words < max_words;
        if (!caught_up) drain_from_ = (drain_from_ + i + 1) % threads;
        has_finished = has_finished || (caught_up && is_last);
    }
    if (has_finished) remove_finished();
    return caught_up;
}

std::size_t Recorder::drain_thread(ThreadBuffer& buffer, events::EventSink& sink, std::size_t max_words,
                                   std::int64_t now_ns) {
    const std::uint64_t offer = buffer.pending().long_offered(now_ns);
    const std::size_t words = drain_words(buffer, sink, max_words);
    if (words >= max_words || offer == 0) return words;
    const std::span<const events::Word> begins = buffer.pending().take(offer);
    if (begins.empty()) return words;
    definitions_.tell(sink);
    sink.thread_batch(buffer.rows().batch(begins));
    return words + begins.size();
}

std::size_t Recorder::drain_words(ThreadBuffer& buffer, events::EventSink& sink, std::size_t max_words) {
    std::size_t words = 0;
    while (words < max_words) {
        const EventQueue::Unread unread = buffer.queue().unread();
        if (unread.first == unread.last) break;
        definitions_.tell(sink);
        hand_on(buffer, sink, {unread.first, unread.last});
        words += static_cast<std::size_t>(unread.last - unread.first);
        buffer.queue().consumed(unread.last);
    }
    return words;
}

void Recorder::hand_on(ThreadBuffer& buffer, events::EventSink& sink, std::span<const events::Word> words) {
    const auto hand = [&](const events::ThreadBatch& batch) {
        sink.thread_batch(batch);
        if (auto_throttle_.is_active()) auto_throttle_.watch(batch);
    };
    if (buffer.has_fibers()) {
        buffer.rows().split(words, hand);
    } else {
        hand(buffer.rows().batch(words));
    }
}

void Recorder::give_notice(events::EventSink& sink, bool caught_up) {
    if (caught_up) {
        notices_.tell_lost(sink, draining_.size());
        notices_.tell_shared_fiber_rows(sink);
        if (row_numbers_.is_sharing()) notices_.tell_shared_rows(sink);
        notices_.tell_callstacks(sink, names_.callstacks);
        notices_.tell_left_out(sink, definitions_);
    }
    if (!auto_throttle_.is_active()) return;
    if (notices_.tell_throttled(sink, auto_throttle_) && on_left_out_ != nullptr) on_left_out_();
}

// Makes every thread take its slow path once, where it looks whether its name has changed.
void Recorder::poke_writers(std::int64_t now_ns) noexcept {
    if (now_ns - poked_ns_ < kPokeEveryNs) return;
    poked_ns_ = now_ns;
    for (ThreadBuffer* const buffer : draining_) buffer->look_up();
}

void Recorder::give_back_fibers(const ThreadBuffer& buffer) {
    if (buffer.fibers() == nullptr) return;
    for (const Fiber& fiber : buffer.fibers()->all()) {
        auto_throttle_.forget(fiber.row);
        fiber_rows_.give_back(fiber.row, fiber.row_name);
    }
}

void Recorder::remove_finished() {
    const std::lock_guard lock(registry_mutex_);
    std::erase_if(buffers_, [this](const std::unique_ptr<ThreadBuffer>& buffer) {
        if (!buffer->finished.load(std::memory_order_acquire)) return false;
        for (EventQueue* const queue : {&buffer->queue(), &buffer->ordered()}) {
            const EventQueue::Unread unread = queue->unread();
            if (unread.first != unread.last) return false;
        }
        auto_throttle_.forget(buffer->id());
        give_back_fibers(*buffer);
        row_numbers_.give_back(row_of(*buffer));
        return true;
    });
    drain_from_ = 0;
}

// --- fork ---

void Recorder::lock_for_fork() {
    registry_mutex_.lock();
    rows_.lock();
    policy_.lock();
    locks_.lock();
    sections_.lock();
    parameters_.lock();
    gpus_.lock();
    images_.lock();
    direct_mutex_.lock();
    definitions_.lock();
    ordered_.lock();
}

void Recorder::unlock_after_fork() {
    ordered_.unlock();
    definitions_.unlock();
    direct_mutex_.unlock();
    images_.unlock();
    gpus_.unlock();
    parameters_.unlock();
    sections_.unlock();
    locks_.unlock();
    policy_.unlock();
    rows_.unlock();
    registry_mutex_.unlock();
}

void Recorder::wake_in_child() noexcept {
    epoch_.store(0, std::memory_order_relaxed);
    tell_at_once(nullptr);  // a client does not outlive a fork, either
    gate_.renew();
    const std::lock_guard lock(registry_mutex_);
    for (const auto& buffer : buffers_) WriterGate::leave(buffer->gate_mark());
}

void Recorder::forget_threads() noexcept {
    epoch_.store(0, std::memory_order_relaxed);
    const std::lock_guard lock(registry_mutex_);
    by_native_id_.clear();
    rows_.clear();
    buffers_.clear();
    row_numbers_.clear();
    fiber_rows_.clear();
    ordered_.clear();
    policy_.forget_waiting();
}

}  // namespace tracypy::recorder
