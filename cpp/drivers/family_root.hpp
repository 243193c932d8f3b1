// The processes that descend from this one, and their events: what they record joins what this process records.
//
// They come to a local socket, over which they hand over journals of their own. Whoever drains this program, a
// recording or a viewer's session, drains them too, when there is room for more: a process that is faster than that
// finds its socket full, and does what it does when its memory is full. So there are no buffers here.
// Must not know: Python, where events go.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "drivers/family_link.hpp"
#include "io/local_channel.hpp"
#include "io/poller.hpp"

namespace tracypy::drivers {

/// Any thread. `mutex_` guards all but what is said otherwise: as a rule one driver comes, but who serves viewers
/// attends while another one records.
class FamilyRoot {
public:
    FamilyRoot(base::Names& names, FamilyNumbers& numbers) : names_(names), numbers_(numbers) {}
    ~FamilyRoot();

    /// Begins to listen. `for_one_session`: it is over with the first one, as there is no other. Empty, or what is in
    /// the way.
    std::string open(bool for_one_session);
    void close() noexcept;
    bool is_open() const noexcept { return is_open_.load(std::memory_order_acquire); }
    const std::string& path() const noexcept { return listener_->path(); }
    const FamilySecret& secret() const noexcept { return secret_; }

    void begin_session();
    /// All are asked for what they have; drain() goes on to return something until it has come, or does not come.
    void end_session();
    /// As drivers::Program.
    std::size_t drain(events::EventSink& sink, std::size_t max_words);
    /// When nobody drains: greets who comes.
    void attend();
    /// What to wait for, with attend().
    template <typename Add>
    void each_handle(const Add& add) {
        const std::lock_guard lock(mutex_);
        if (is_open()) add_handles(add);
    }

    /// Zones that the others left out, since ever.
    std::uint64_t dropped_zones() const noexcept { return dropped_.load(std::memory_order_relaxed); }

    /// Returns when that process (0: any), which is about to be killed, has handed over what it has; or after a moment.
    /// That process has joined.
    bool has_member(std::uint64_t process);
    void settle(std::uint64_t process);

    /// Nobody finds the socket any more. Any thread.
    void hide();

    /// In a forked child: the descriptors go, everything else stays as it is and is never used again.
    void abandon() noexcept;

private:
    enum class Phase : std::uint8_t { Idle, Recording, Ending };
    /// A process is about to be killed.
    struct Settling {
        std::uint64_t number;  // of the flush that they were asked for
        std::uint64_t process;
        FamilyLink* asker;  // null: this process
        std::uint64_t number_for_asker;
        std::int64_t until_ns;
        bool is_asked = false;
    };

    FamilyLink::Family family() noexcept {
        return {secret_, names_, numbers_, session_, phase_ == Phase::Ending ? 0 : session_, processes_};
    }
    template <typename Add>
    void add_handles(const Add& add) {
        add(listener_->handle(), false);
        for (const auto& link : links_) add(link->handle(), link->wants_to_write());
    }
    void accept_all();
    std::size_t step_all(events::EventSink& sink, std::size_t max_words);
    void remove_lost();
    bool is_to_go(FamilyLink& link, std::int64_t now_ns);
    void ask_to_settle(Settling& wanted, bool& is_waiting);
    void look_after_settling();
    bool has_all_ended() const noexcept;
    void tell_other_pythons(events::EventSink& sink);
    void wait_for_more(int longest_ms);

    std::mutex mutex_;
    base::Names& names_;
    FamilyNumbers& numbers_;
    std::atomic<bool> is_open_{false};
    std::unique_ptr<io::LocalListener> listener_;
    FamilySecret secret_{};
    std::list<std::unique_ptr<FamilyLink>> links_;
    io::Poller poller_;
    std::uint64_t session_ = 0, last_session_ = 0;  // session_: 0 between sessions
    std::int32_t processes_ = 0;
    Phase phase_ = Phase::Idle;
    std::int64_t progress_ns_ = 0, end_ns_ = 0;
    bool is_for_one_session_ = false;
    bool told_other_pythons_ = false;
    bool has_read_ = false, has_more_ = false;  // in the last round
    std::atomic<std::uint64_t> dropped_{0};

    // Of processes that are about to be killed. settling_mutex_ guards all of it.
    std::mutex settling_mutex_;
    std::condition_variable settled_;
    std::list<Settling> settling_;
    std::uint64_t last_settle_ = 0;
    std::unordered_multiset<std::uint64_t> members_;  // their processes
    std::atomic<bool> is_settling_{false}, is_in_session_{false};
};

}  // namespace tracypy::drivers
