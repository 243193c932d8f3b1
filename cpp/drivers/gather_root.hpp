// The Tracy clients that this process gathers: what they record joins what this process records.
//
// To each of them this process is a viewer. Whoever drains this program drains them, too, as its family
// (family_root.hpp).
// Must not know: Python, where events go.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "drivers/gather_link.hpp"
#include "io/datagrams.hpp"
#include "io/poller.hpp"

namespace tracypy::drivers {

/// Any thread; `mutex_` guards all.
class GatherRoot {
public:
    /// `is_ours`: whether a process with a client that listens at that port is gathered in another way, or is this very
    /// client.
    using IsOurs = std::function<bool(std::uint64_t process, std::uint16_t port)>;
    GatherRoot(base::Names& names, FamilyNumbers& numbers, IsOurs is_ours);
    ~GatherRoot();

    /// From the next moment on. False: it is gathered already. Throws base::ValueError for an unknown host.
    bool add(const std::string& address, std::uint16_t port);
    /// Clients that announce themselves, of this process and of those that descend from it. False: that was so already.
    bool add_own();
    bool remove_own();
    /// What it has told so far is waited for, for a while. False: it is not gathered.
    bool remove(const std::string& address, std::uint16_t port);

    /// A viewer asks what is at an address of machine code of one of them.
    void look_up(std::uint64_t address, protocol::PendingAnswer answer);
    /// A viewer has set a parameter of one of them.
    void set_parameter(std::uint32_t index, std::int32_t value);

    void begin_session();
    /// Of the clients: known at the begin of a session if they answer at once. 0: none has one.
    std::int64_t sampling_period();
    /// drain() goes on to return something until all have said what is left, or do not.
    void end_session();
    /// As drivers::Program.
    std::size_t drain(events::EventSink& sink, std::size_t max_words);
    /// No sink is left: nobody is waited for, and no client has a viewer here any more.
    void leave_all();

    /// In a forked child: it gathers nobody. The descriptors go, all else stays as it is and is never used again.
    void abandon() noexcept;

private:
    enum class Phase : std::uint8_t { Idle, Recording, Ending };

    void share_memory();
    void listen();
    void hear();
    void meet(std::uint16_t port, std::uint64_t process);
    template <typename IsIt>
    bool retire(std::unique_lock<std::mutex>& lock, const IsIt& is_it);
    void let_retired_go(events::EventSink& sink);
    std::size_t wind_up(events::EventSink& sink, std::size_t words);
    void wait_for_more();

    base::Names& names_;
    FamilyNumbers& numbers_;
    std::mutex mutex_;
    std::list<GatherLink> links_;
    std::condition_variable retired_went_;
    Phase phase_ = Phase::Idle;
    std::int64_t end_ns_ = 0;
    std::int32_t last_group_ = 0;
    IsOurs is_ours_;
    bool gathers_own_ = false;
    bool told_deaf_ = false;
    io::Poller poller_;
    std::unique_ptr<io::DatagramReceiver> receiver_;  // of announcements, during a session
};

}  // namespace tracypy::drivers
