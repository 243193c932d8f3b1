#include "recorder/recorder.hpp"

#include <algorithm>
#include <new>

#include "base/log.hpp"
#include "base/names.hpp"

namespace tracypy::recorder {

Recorder& recorder() noexcept {
    static Recorder* const instance = new Recorder;  // leaked on purpose: daemon threads may still write at exit
    return *instance;
}

Recorder::Recorder() {
    base::names().threads.set(base::kNoticeThread, "tracypy");
}

void Recorder::start() noexcept {
    const std::lock_guard lock(registry_mutex_);
    rows_.clear();
    // Buffers that no thread will ever hand back: made on behalf of threads that never called us.
    std::erase_if(buffers_, [this](const std::unique_ptr<ThreadBuffer>& buffer) {
        const bool gone = !buffer->claimed || buffer->finished.load(std::memory_order_acquire);
        if (gone) {
            const auto found = by_native_id_.find(buffer->native_id());
            if (found != by_native_id_.end() && found->second == buffer.get()) by_native_id_.erase(found);
        }
        return gone;
    });
    forget_rows();
    std::unordered_set<base::ThreadId> named{base::kNoticeThread};
    for (const auto& buffer : buffers_) {
        keep_row(*buffer);
        named.insert(buffer->id());
    }
    base::names().threads.keep_only(named);
    ++last_epoch_;
    for (const auto& buffer : buffers_) buffer->reset(last_epoch_);
    serial_.clear();
    stalled_.store(false, std::memory_order_relaxed);
    told_dropped_ = dropped_.load(std::memory_order_relaxed);
    told_markup_ = dropped_markup_.load(std::memory_order_relaxed);
    told_marks_ = serial_.dropped();
    told_too_deep_ = too_deep_.load(std::memory_order_relaxed);
    told_left_out_ = false;
    told_shared_rows_ = false;
    epoch_.store(last_epoch_, std::memory_order_relaxed);
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
        if (!buffer->finished.load(std::memory_order_acquire)) buffer->finish(now);
    }
}

void Recorder::stop() noexcept {
    epoch_.store(0, std::memory_order_relaxed);
    {
        const std::lock_guard lock(registry_mutex_);
        for (const auto& buffer : buffers_) buffer->leave_no_room();
    }
    room_.notify_all();
}

void Recorder::set_max_depth(std::size_t depth) noexcept {
    const std::lock_guard lock(registry_mutex_);
    max_depth_ = depth;
    for (const auto& buffer : buffers_) buffer->set_max_depth(depth);
}

void Recorder::for_each(const std::function<void(ThreadBuffer&)>& visit) {
    const std::lock_guard lock(registry_mutex_);
    for (const auto& buffer : buffers_) {
        if (!buffer->finished.load(std::memory_order_acquire)) visit(*buffer);
    }
}

Recorder::Row Recorder::new_row(std::uint64_t native_id) {
    if (identities_.size() >= kMaxOwnRows) return {shared_row(), false};
    // The system's id, so that it can be found again in other tools; but the system uses ids again, rows are for good.
    auto candidate = static_cast<std::uint32_t>(native_id);
    if (candidate == 0 || candidate >= 0x8000'0000u || identities_.contains(candidate)) {
        candidate = next_synthetic_++;
    }
    identities_.insert(candidate);
    return {static_cast<base::ThreadId>(candidate), true};
}

base::ThreadId Recorder::shared_row() {
    if (free_shared_rows_.empty()) free_shared_rows_.push_back(static_cast<base::ThreadId>(next_synthetic_++));
    const base::ThreadId id = free_shared_rows_.back();
    base::names().threads.set(id, base::shared_row_name(++shared_rows_[id]));
    free_shared_rows_.pop_back();
    shares_rows_.store(true, std::memory_order_relaxed);
    return id;
}

void Recorder::forget_rows() noexcept {
    identities_.clear();
    shared_rows_.clear();
    free_shared_rows_.clear();
    shares_rows_.store(false, std::memory_order_relaxed);
}

// Of a thread that goes on in a new session.
void Recorder::keep_row(const ThreadBuffer& buffer) {
    if (buffer.has_own_row()) {
        identities_.insert(static_cast<std::uint32_t>(buffer.id()));
    } else {
        base::names().threads.set(buffer.id(), base::shared_row_name(shared_rows_[buffer.id()] = 1));
    }
}

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
        const Row row = new_row(native_id);
        auto buffer = std::make_unique<ThreadBuffer>(row.id, native_id, row.is_own);
        buffer->claimed = claim;
        buffer->set_max_depth(max_depth_);
        ThreadBuffer* const raw = buffer.get();
        by_native_id_.emplace(native_id, raw);
        buffers_.push_back(std::move(buffer));
        return raw;
    } catch (...) {
        return nullptr;  // out of memory: this thread is not recorded
    }
}

ThreadBuffer* Recorder::add_row() noexcept {
    try {
        const std::lock_guard lock(registry_mutex_);
        if (identities_.size() >= kMaxOwnRows) return nullptr;
        auto buffer = std::make_unique<ThreadBuffer>(static_cast<base::ThreadId>(next_synthetic_), 0, true);
        identities_.insert(next_synthetic_++);
        buffer->be_impatient();
        buffers_.push_back(std::move(buffer));
        return buffers_.back().get();
    } catch (...) {
        return nullptr;
    }
}

void Recorder::post(const ThreadBuffer* to, ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept {
    const std::lock_guard lock(registry_mutex_);
    for (const auto& buffer : buffers_) {
        if (buffer.get() != to || buffer->finished.load(std::memory_order_acquire)) continue;
        buffer->post(key, is_end, tick, std::move(remarks));
        return;
    }
}

void Recorder::thread_exits(ThreadBuffer& buffer) noexcept {
    const std::lock_guard lock(registry_mutex_);
    rows_.thread_exits(buffer.id());
    if (epoch() != 0) {
        buffer.settle();
        buffer.end_down_to(0, base::now_ticks());
    }
    const auto found = by_native_id_.find(buffer.native_id());
    if (found != by_native_id_.end() && found->second == &buffer) by_native_id_.erase(found);
    buffer.finished.store(true, std::memory_order_release);
}

std::size_t Recorder::drain(events::EventSink& sink, std::size_t max_words) {
    {
        const std::lock_guard lock(registry_mutex_);
        draining_.clear();
        for (const auto& buffer : buffers_) draining_.push_back(buffer.get());
    }
    std::size_t words = serial_.drain(sink, max_words / 2);  // zones have their turn however many marks there are
    const std::size_t threads = draining_.size();
    const std::int64_t now_ns = base::monotonic_ns();
    poke_writers(now_ns);
    bool finished = false;
    bool caught_up = true;
    for (std::size_t i = 0; i < threads; ++i) {
        ThreadBuffer& buffer = *draining_[(drain_from_ + i) % threads];
        const bool last = buffer.finished.load(std::memory_order_acquire);
        const std::uint64_t offer = buffer.pending().long_offered(now_ns);
        while (words < max_words) {
            const ThreadBuffer::Unread unread = buffer.unread();
            if (unread.first == unread.last) break;
            const events::ThreadBatch batch{buffer.id(), {unread.first, unread.last}};
            sink.thread_batch(batch);
            if (auto_throttle_.is_active()) auto_throttle_.watch(batch);
            words += static_cast<std::size_t>(unread.last - unread.first);
            buffer.consumed(unread.last);
        }
        if (words < max_words && offer != 0) {
            const std::span<const events::Word> begins = buffer.pending().take(offer);
            if (!begins.empty()) sink.thread_batch({buffer.id(), begins});
            words += begins.size();
        }
        if (words >= max_words) {
            drain_from_ = (drain_from_ + i) % threads;
            caught_up = false;
            break;
        }
        finished = finished || last;
    }
    if (finished) remove_finished();
    if (caught_up) {
        tell_dropped(sink);
        tell_shared_rows(sink);
    }
    throttle(sink);
    if (words != 0) {
        {
            const std::lock_guard lock(room_mutex_);
            drained_words_ += words;
        }
        stalled_.store(false, std::memory_order_relaxed);
        if (waiting_.load(std::memory_order_relaxed) != 0) room_.notify_all();
    }
    return words;
}

// Makes every thread take its slow path once, where it looks whether its name has changed.
void Recorder::poke_writers(std::int64_t now_ns) noexcept {
    if (now_ns - poked_ns_ < kPokeEveryNs) return;
    poked_ns_ = now_ns;
    for (ThreadBuffer* const buffer : draining_) {
        buffer->look_up();
    }
}

void Recorder::remove_finished() {
    const std::lock_guard lock(registry_mutex_);
    std::erase_if(buffers_, [this](const std::unique_ptr<ThreadBuffer>& buffer) {
        if (!buffer->finished.load(std::memory_order_acquire)) return false;
        const ThreadBuffer::Unread unread = buffer->unread();
        if (unread.first != unread.last) return false;
        // The name stays: the viewer may ask for it later.
        if (!buffer->has_own_row()) free_shared_rows_.push_back(buffer->id());
        return true;
    });
    drain_from_ = 0;
}

void Recorder::lock_for_fork() {
    registry_mutex_.lock();
    rows_.lock();
    room_mutex_.lock();
    serial_.lock();
}

void Recorder::unlock_after_fork() {
    serial_.unlock();
    room_mutex_.unlock();
    rows_.unlock();
    registry_mutex_.unlock();
}

void Recorder::forget_threads() noexcept {
    epoch_.store(0, std::memory_order_relaxed);
    const std::lock_guard lock(registry_mutex_);
    by_native_id_.clear();
    rows_.clear();
    buffers_.clear();
    forget_rows();
    serial_.clear();
    // Threads that the child does not have may have waited here: what they left in it could stop a later one.
    new (&room_) std::condition_variable;
    waiting_.store(0, std::memory_order_relaxed);
}

}  // namespace tracypy::recorder
