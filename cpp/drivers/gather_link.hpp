// The connection to one Tracy client that is gathered: a viewer of it, for as long as the root has a session.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/capture_connection.hpp"
#include "drivers/family_rows.hpp"
#include "drivers/gathered_events.hpp"
#include "drivers/gathered_kinds.hpp"
#include "drivers/held_events.hpp"
#include "drivers/remote_clock.hpp"
#include "protocol/answer_provider.hpp"

namespace tracypy::drivers {

/// One thread. Whatever the client says costs its own rows at worst, and one line.
class GatherLink {
public:
    /// `group`: of its rows. `names` and `numbers` are the root's, and must outlive it.
    GatherLink(std::string address, std::uint16_t port, base::Names& names, FamilyNumbers& numbers, std::int32_t group);
    ~GatherLink();

    const std::string& address() const noexcept { return config_.address; }
    std::uint16_t port() const noexcept { return config_.port; }

    /// It was found by its announcement, and is to be that process. Looks for it at once.
    void expect(std::uint64_t process);
    std::uint64_t expected_process() const noexcept { return expected_process_; }

    /// The root's session begins: the client is looked for, until it is there.
    void begin();
    /// It is about to end: the client is asked to say what is left.
    void end();
    /// It is gathered no more: it is asked for what is left, as at the end, and is done with when it has ended.
    void retire();
    bool is_retired() const noexcept { return is_retired_; }
    /// All has come, or nobody is there.
    bool has_ended() const noexcept { return state_ == State::Idle || state_ == State::GivenUp; }
    /// Does what can be done at once, and hands on what the client has told. Returns how many words that were.
    std::size_t step(events::EventSink& sink, std::size_t max_words);
    /// At the end: it has not said anything for too long.
    bool is_stuck(std::int64_t now_ns);
    /// What it has told is handed on as it is.
    void stop_waiting(events::EventSink& sink);
    void add_to(io::Poller& poller) const;
    /// Looks for it before the first step. False: it is there, nobody is, it cannot be told, or has been silent before.
    bool is_still_looked_for();
    /// It has been waited for long enough: a next session does not wait, unless it has answered since.
    void note_silence() noexcept;
    /// Between two of its samples, in nanoseconds; 0: it is not there, or has none.
    std::int64_t sampling_period() const noexcept;
    /// A viewer asks what is at an address of machine code. False: it is another client's.
    bool look_up(std::uint64_t address, protocol::PendingAnswer& answer);
    /// A viewer has set one of its parameters. False: it is another client's.
    bool set_parameter(std::uint32_t index, std::int32_t value);
    /// Nothing more of it in this session.
    void leave() noexcept;
    /// In a forked child: the descriptor goes.
    void abandon() noexcept;

private:
    enum class State : std::uint8_t { Idle, Looking, Receiving, GivenUp };

    /// What there is for one run of a client.
    struct Talk {
        Talk(const CaptureConfig& config, GatherMemory& shared)
            : memory(shared), kinds(held), connection(config, names, held, &kinds, 0) {
            memory.connected();
        }
        ~Talk() { memory.left(counted); }
        Talk(const Talk&) = delete;
        Talk& operator=(const Talk&) = delete;

        /// Counts what it takes now.
        void count();

        GatherMemory& memory;
        std::size_t counted = 0;

        base::Names names;
        HeldEvents held;
        GatheredKinds kinds;
        CaptureConnection connection;
        std::string process;
        std::unique_ptr<FamilyRows> rows;
        std::unique_ptr<GatheredEvents> events;
        RemoteClock clock;
        bool has_told_clock = false;
        std::uint64_t known_bytes = 0;  // that it has said, at the last progress
        struct LookUp {
            std::uint32_t place;
            protocol::PendingAnswer answer;
        };
        std::vector<LookUp> look_ups;
    };

    void look();
    void welcome();
    bool waits_for_newest() const;
    void follow_clock();
    void hand_on_parameters(events::EventSink& sink, bool all);
    void tell_clock();
    void tell_sampling_period();
    /// One line, and one in the trace.
    void say(const std::string& what);
    std::size_t receive(events::EventSink& sink, std::size_t max_words);
    bool is_nearly_full();
    bool is_full();
    void take_leave();
    std::size_t finish(events::EventSink& sink);
    void answer_look_ups();
    std::size_t hand_on(events::EventSink& sink);
    void tell_what_is_missing();
    void give_up(const std::string& why);
    bool is_on_its_way_out(const base::Error& error) const noexcept;

    CaptureConfig config_;
    base::Names& names_;
    FamilyNumbers& numbers_;
    std::int32_t group_;
    std::uint64_t expected_process_ = 0;  // 0: any
    State state_ = State::Idle;
    bool is_ending_ = false;
    bool is_retired_ = false;
    bool has_gathered_ = false;
    bool is_silent_ = false;
    std::int64_t next_try_ns_ = 0, end_ns_ = 0, heard_ns_ = 0, progress_ns_ = 0;
    base::Ticks begun_ = 0, end_tick_ = 0;  // of the session
    std::unique_ptr<Talk> talk_;
};

}  // namespace tracypy::drivers
