// The capturing side of one connection: a state machine of bytes, the other end of client_session.hpp.
//
//     Greeting --status, welcome--> Streaming --Terminate, all answered, all zones ended--> Done
//        |                              | stop(): asks the program to come to an end          ^
//        |                              | leave() ---------------------------------------------+
//        +-> Mismatch, Refused          +-> Lost (the connection ended), Failed (nonsense came)
//
// Bytes of the program go in by receive(), bytes for it come out of output(), what happened goes to an EventSink, with
// ids of a Names of its own: texts are asked for as a real viewer does, and are there once the session has ended.
//
// Sans-IO: no socket, clock, thread or environment here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "protocol/decoder.hpp"
#include "protocol/handshake.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/pending_queries.hpp"
#include "protocol/unsupported_events.hpp"
#include "protocol/wire_block_reader.hpp"

namespace tracypy::protocol {

/// One thread calls everything. Any input is safe; memory grows with the names that the program has.
class ViewerSession {
public:
    enum class State : std::uint8_t {
        Greeting,   // waiting for status and welcome
        Streaming,  // events come
        Done,       // the program has said all, or we have left: send the output and close
        Mismatch,   // the program speaks another protocol
        Refused,    // the program has a viewer already, or wants none
        Lost,       // the connection ended before its time
        Failed,     // the program said something that makes no sense: problem() tells
    };

    /// The greeting is in output() at once. `names` and `sink` must outlive the session, `dialect` is one of
    /// dialects(). Without `captured`, what only captured programs have is counted.
    ViewerSession(const Dialect& dialect, base::Names& names, events::EventSink& sink,
                  events::CapturedSink* captured = nullptr);
    ~ViewerSession();

    State state() const noexcept { return state_; }
    bool has_ended() const noexcept { return state_ != State::Greeting && state_ != State::Streaming; }
    /// One line, when Refused, Lost or Failed.
    const std::string& problem() const noexcept { return problem_; }
    const Dialect& dialect() const noexcept { return dialect_; }
    /// Set once events come.
    const std::optional<Welcome>& welcome() const noexcept { return welcome_; }

    OutputBuffer& output() noexcept { return output_; }

    void receive(std::span<const char> bytes);
    /// The program has closed the connection.
    void end_of_stream();

    /// Asks the program to send no more, but answers and Terminate; then the session is Done. Zones may stay open.
    void stop();
    /// Takes leave at once. Names that were not answered for stay unknown.
    void leave();

    /// The program has terminated and answered everything, but has not ended every zone, or not sent the texts of its
    /// sources. A real viewer waits for that, if need be for ever.
    bool waits_for_little() const noexcept;

    /// What the names in all events so far stand for has been told. What is still to be told of an event that has come
    /// in part is no name of it.
    /// Texts of sources may still come: some programs never send them.
    bool knows_all_names() const noexcept { return queries_.empty() || queries_.waits_for_sources_only(); }
    /// What is kept of the program and its names, roughly.
    std::size_t bytes() const noexcept;

    /// Asks what is at an address of its code: the address's place in the names, whose frames are there once all names
    /// are known.
    std::uint32_t look_up(std::uint64_t address);

    /// Gives the program a value for one of its parameters.
    void set_parameter(std::uint32_t index, std::int32_t value);

    struct Progress {
        std::uint64_t zones = 0;
        std::uint64_t frames = 0;
        std::uint64_t packed_bytes = 0;  // as received
        std::uint64_t raw_bytes = 0;
        base::Ticks last_tick = 0;  // since the program's first
    };
    Progress progress() const noexcept;
    std::vector<UnsupportedEvents> unsupported_events() const;

private:
    void receive_greeting();
    void receive_blocks();
    bool everything_is_there() const noexcept;
    void end(State state, std::string problem);
    void ask(QueryKind kind);

    const Dialect& dialect_;
    base::Names& names_;
    events::EventSink& sink_;
    events::CapturedSink* captured_;
    State state_ = State::Greeting;
    OutputBuffer output_;
    std::string input_;  // until events come
    std::string problem_;
    std::optional<Welcome> welcome_;
    PendingQueries queries_;
    WireBlockReader blocks_;
    std::unique_ptr<Decoder> decoder_;
    bool stopping_ = false;
};

}  // namespace tracypy::protocol
