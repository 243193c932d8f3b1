// The profiled program's side of one connection: a state machine of bytes.
//
//     Greeting --12 bytes--> AwaitingWelcome --welcome()--> Streaming --finish()--> Terminating --> Done
//        |                        | turn_away()                 | the viewer's Terminate, any time     ^
//        +-> Failed / Refused <---+                             +--------------------------------------+
//
// Bytes of the viewer go in by receive(), bytes for the viewer come out of output(), events by the EventSink methods.
// Invariants, whatever comes in:
//   - every query is answered, each once, some later than others (pending_answers.hpp);
//   - zones are properly nested per thread, nothing belongs to a zone that is not open, and finish() ends them all;
//   - a viewer's limits (source locations, threads, text lengths) are kept: what does not fit is folded or left out,
//     counted, and told once in the trace and once in the log;
//   - numbers that a viewer sees are ids; it gets text only for those that it was shown.
//
// Sans-IO: no socket, clock, thread or environment here. The driver brings the time where time matters.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "events/thread_walk.hpp"
#include "protocol/answer_provider.hpp"
#include "protocol/handshake.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/schema.hpp"
#include "protocol/wire_block_writer.hpp"

namespace tracypy::protocol {

/// One thread calls everything. Small until welcome(), then about 1.5 MB.
class ClientSession final : public events::EventSink {
public:
    enum class State : std::uint8_t {
        Greeting,         // waiting for the viewer's first 12 bytes
        AwaitingWelcome,  // the viewer speaks a protocol of ours: welcome() or turn_away()
        Streaming,
        Terminating,  // all was sent; answering what the viewer still misses
        Done,         // the viewer has taken its leave
        Refused,      // a status other than welcome is in the output; send it and close
        Failed,       // the viewer said something that makes no sense: problem() tells
    };

    /// A viewer asks for names only after it has seen them, and never has more threads than this.
    static constexpr std::size_t kMaxThreads = 65'000;

    explicit ClientSession(const base::Names& names);
    ~ClientSession() override;

    State state() const noexcept { return state_; }
    /// Set from AwaitingWelcome on.
    const Dialect* dialect() const noexcept { return dialect_; }
    /// One line for the log, empty unless Failed, or Refused for its protocol.
    const std::string& problem() const noexcept { return problem_; }

    OutputBuffer& output() noexcept { return output_; }

    /// Takes the viewer's bytes, all of them. Answers are in output() on return.
    void receive(std::span<const char> bytes);

    /// Only in AwaitingWelcome. `now`: no event of this connection is older.
    /// `provider` finds out what takes its time, and must outlive the session; without one there is no such thing.
    void welcome(const Welcome& said, base::Ticks now, std::uint64_t frames_so_far, Packing packing,
                 AnswerProvider* provider = nullptr);
    void turn_away();

    /// Ignored unless Streaming. What was encoded is in output() after flush().
    void thread_batch(const events::ThreadBatch& batch) override;
    void take(std::span<const events::FrameMark> marks) override;
    void take(std::span<const events::MemoryStep> steps) override;
    void take(std::span<const events::PlotStyle> styles) override;
    void take(std::span<const events::AppInfo> lines) override;
    void take(std::span<const events::ProgramText>) override {}  // the welcome has said it
    // Nothing of ours has these yet.
    void ordered_events(std::span<const events::OrderedEvent>) override {}
    void take(std::span<const events::PlotPoint> points) override;
    void take(std::span<const events::LockAnnounce> locks) override;
    void take(std::span<const events::LockEvent> events) override;
    void take(std::span<const events::SectionCategory> categories) override;
    void take(std::span<const events::SectionEdge> edges) override;
    void take(std::span<const events::Parameter> parameters) override;
    void take(std::span<const events::FrameImage> images) override;
    void take(std::span<const events::GpuContext> contexts) override;
    void take(std::span<const events::GpuStep> steps) override;
    void take(std::span<const events::ThreadFacts> facts) override;
    void take(std::span<const events::LockName> events) override;
    void take(std::span<const events::LockEnd> events) override;
    void take(std::span<const events::LockMark> events) override;
    void take(std::span<const events::GpuNote> events) override;
    void take(std::span<const events::GpuNoteName> events) override;
    void take(std::span<const events::Sample> events) override;
    void take(std::span<const events::ContextSwitch> events) override;
    void take(std::span<const events::ThreadWakeup> events) override;
    void take(std::span<const events::HardwareSample> events) override;
    void take(std::span<const events::CrashReport> events) override;
    void take(std::span<const events::EnergyReading> events) override;
    void take(std::span<const events::ThreadProcess> events) override;
    void take(std::span<const events::ProcessorPlace> events) override;
    void take(std::span<const events::ForeignThread> events) override;
    void take(std::span<const events::Symbol> events) override;
    void take(std::span<const events::SymbolCode> events) override;
    void take(std::span<const events::SourceText> events) override;
    // A viewer hears of it in the welcome, or not at all.
    void take(std::span<const events::SamplingPeriod>) override {}
    void flush();

    /// From now on; only after welcome().
    void set_packing(Packing packing);

    /// For a connection over which nothing went for some seconds.
    void keep_alive();

    /// Answers the queries that had to wait: names of threads after PendingAnswers::kNameDelayNs, since a thread is
    /// usually renamed, if at all, just after it began, and a viewer asks but once; and whatever the provider has found
    /// out, or has not in time. To be called often, but not while the output is full. `now_ns`: any clock, the same in
    /// every call.
    void answer_pending(std::int64_t now_ns);

    /// Ends every zone and sends Terminate. The session is Done when the viewer has asked for what it misses.
    void finish(base::Ticks now);

    /// The viewer wants to end the session and stay connected until it has everything (a Disconnect query).
    bool viewer_wants_to_leave() const noexcept { return viewer_wants_to_leave_; }

    struct Counters {
        std::uint64_t dropped_events = 0;   // belonged to no open zone, or were damaged
        std::uint64_t dropped_marks = 0;    // ends without a start, or of the wrong kind
        std::uint64_t dropped_images = 0;   // of frames that have one, or that the viewer does not have
        std::uint64_t dropped_batches = 0;  // of threads that the viewer cannot hold
        std::uint64_t dropped_memory = 0;   // frees of blocks that the viewer has not seen, and blocks beyond the limit
        std::uint64_t queries = 0;
        std::uint64_t raw_bytes = 0;
        std::uint64_t packed_bytes = 0;
    };
    Counters counters() const noexcept;

private:
    struct Stream;  // what exists from welcome() on
    struct Row;

    void receive_greeting();
    void receive_queries();
    void handle(const Query& query);
    void answer_name(const Query& query);
    void fiber_batch(const events::ThreadBatch& batch, Row& row, Row& carrier);
    void close(base::ThreadId id, Row& row, base::Ticks now);
    void fail(std::string problem);
    /// Null: there is no room for one more thread, which is told.
    Row* row_of(base::ThreadId id);
    bool has_thread(base::ThreadId id);
    template <typename Event>
    void tell_machine(std::span<const Event> events);
    template <typename Event>
    void tell_natives(std::span<const Event> events);
    void warn_once(bool& warned, std::string_view text);
    void send_warnings(base::Ticks now);

    const base::Names& names_;
    State state_ = State::Greeting;
    const Dialect* dialect_ = nullptr;
    OutputBuffer output_;
    std::string input_;  // an incomplete greeting or query
    std::string problem_;
    std::unique_ptr<Stream> stream_;
    std::vector<std::string> warnings_;  // not yet in the trace: a message needs a thread
    Counters counters_;
    bool viewer_wants_to_leave_ = false;
    bool warned_locations_ = false;
    bool warned_threads_ = false;
    bool warned_frames_ = false;
    bool warned_memory_ = false;
    bool warned_images_ = false;
};

}  // namespace tracypy::protocol
