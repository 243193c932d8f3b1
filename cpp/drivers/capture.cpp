#include "drivers/capture.hpp"

#include <algorithm>
#include <string>
#include <system_error>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "drivers/capture_connection.hpp"
#include "drivers/host_facts.hpp"
#include "io/file_errors.hpp"
#include "io/memory.hpp"
#include "io/part_file.hpp"
#include "model/capture_builder.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::drivers {
namespace {

using Phase = CaptureProgress::Phase;
using State = protocol::ViewerSession::State;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
/// A program that was asked to come to an end and is silent for so long will not.
constexpr std::int64_t kStoppingNs = 5 * kNsPerSecond;
constexpr std::int64_t kCallBackNs = kNsPerSecond / 10;

model::TraceInfo trace_info(const protocol::Welcome& welcome) {
    model::TraceInfo info;
    info.program = welcome.program;
    info.capture_name = capture_name(welcome.program.name, welcome.epoch_seconds);
    info.capture_time_s = welcome.epoch_seconds;
    info.ns_per_tick = welcome.nanoseconds_per_tick;
    info.resolution_ns = static_cast<std::int64_t>(
        std::min(static_cast<double>(welcome.resolution_ticks) * welcome.nanoseconds_per_tick, double{kNsPerSecond}));
    info.sampling_period_ns = welcome.sampling_period;
    info.frame_offset = welcome.frames_so_far;
    info.is_on_demand = welcome.is_on_demand;
    return info;
}

/// The program's counter is ours: it was a moment ago, by ours, when the last event happened. What comes from another
/// machine through a tunnel, or was said long ago, is of another time. So is that of a program that asks the system:
/// there are several clocks to ask, which do not go alike.
bool is_of_now(const protocol::Welcome& welcome, base::Ticks last) {
    constexpr double kLongNs = 600.0 * kNsPerSecond;
    if (welcome.nanoseconds_per_tick == 1.0 || !base::has_counter_clock()) return false;
    const double ns = static_cast<double>(base::now_ticks() - last) * welcome.nanoseconds_per_tick;
    return ns >= 0 && ns < kLongNs;
}

/// The state of one call of capture().
class Capture {
public:
    Capture(const CaptureConfig& config, const std::function<Verdict(const CaptureProgress&)>& call_back)
        : config_(config),
          call_back_(call_back),
          file_((io::require_free(config.path, config.overwrite), config.path)),
          builder_(names_, 0),
          captured_(builder_),
          connection_(config, names_, builder_, &captured_) {}

    CaptureResult run() {
        connect();
        receive();
        connection_.close();
        return save();
    }

private:
    void connect();
    void receive();
    CaptureResult save();
    void add_left_out(std::uint64_t count, const char* what) {
        if (count != 0) result_.unsupported_events.push_back({what, count});
    }
    void put_into_place();
    void look_at_limits();
    void look_at_silence(std::int64_t now_ns);
    void stop(CaptureEnd end);
    Verdict tell(Phase phase);

    const CaptureConfig& config_;
    const std::function<Verdict(const CaptureProgress&)>& call_back_;
    io::PartFile file_;
    base::Names names_;
    model::TraceBuilder builder_;
    model::CaptureBuilder captured_;
    CaptureConnection connection_;
    CaptureResult result_;
    std::int64_t welcomed_ns_ = 0;
    std::int64_t heard_ns_ = 0;
    std::int64_t told_ns_ = 0;
    bool stopping_ = false;
};

Verdict Capture::tell(Phase phase) {
    const std::int64_t now_ns = base::monotonic_ns();
    if (phase == result_.progress.phase && now_ns - told_ns_ < kCallBackNs) return Verdict::GoOn;
    told_ns_ = now_ns;
    CaptureProgress& progress = result_.progress;
    progress.phase = phase;
    if (welcomed_ns_ != 0) {
        const protocol::ViewerSession::Progress seen = connection_.session().progress();
        progress.zones = seen.zones;
        progress.frames = seen.frames;
        progress.bytes_received = seen.packed_bytes;
        progress.bytes_events = seen.raw_bytes;
        const double ns_per_tick = connection_.session().welcome()->nanoseconds_per_tick;
        progress.span_ns = static_cast<std::int64_t>(static_cast<double>(seen.last_tick) * ns_per_tick);
        if (phase != Phase::Saving) progress.seconds = static_cast<double>(now_ns - welcomed_ns_) / kNsPerSecond;
    }
    return call_back_(progress);
}

void Capture::connect() {
    const std::int64_t started_ns = base::monotonic_ns();
    std::int64_t silent_since_ns = 0;
    for (;;) {
        const CaptureConnection::Step step = connection_.knock();
        if (step == CaptureConnection::Step::Welcomed) break;
        const std::int64_t now_ns = base::monotonic_ns();
        const bool is_silent = step == CaptureConnection::Step::NoAnswer;
        if (!is_silent) silent_since_ns = 0;
        if (is_silent && silent_since_ns == 0) silent_since_ns = now_ns;
        const bool is_knocking = is_silent && now_ns - silent_since_ns > kNsPerSecond;
        const bool is_answering = is_silent && !is_knocking;  // or is asked for another protocol: not worth a word
        if (!is_answering && tell(is_knocking ? Phase::Knocking : Phase::Connecting) != Verdict::GoOn) {
            throw CaptureError(base::problem<base::ErrorCode::CaptureGivenUp>());
        }
        if (config_.connect_seconds &&
            static_cast<double>(now_ns - started_ns) >= *config_.connect_seconds * kNsPerSecond) {
            const std::string place = config_.address + ":" + std::to_string(config_.port);
            throw CaptureError({is_silent ? base::ErrorCode::NobodyAnswers : base::ErrorCode::NobodyListens, {place}});
        }
    }
    welcomed_ns_ = heard_ns_ = base::monotonic_ns();
}

void Capture::receive() {
    protocol::ViewerSession& session = connection_.session();
    while (!session.has_ended()) {
        const bool heard = connection_.exchange();
        const std::int64_t now_ns = base::monotonic_ns();
        if (heard) heard_ns_ = now_ns;
        look_at_limits();
        look_at_silence(now_ns);
        const Verdict verdict = tell(stopping_ ? Phase::Stopping : Phase::Receiving);
        if (verdict == Verdict::Stop) stop(CaptureEnd::Stopped);
        if (verdict == Verdict::Leave) {
            if (!stopping_) result_.end = CaptureEnd::Stopped;
            session.leave();
        }
    }
    if (session.state() == State::Failed) result_.end = CaptureEnd::Failed;
    if (session.state() == State::Lost && !stopping_) result_.end = CaptureEnd::Lost;
    if (result_.end == CaptureEnd::Failed || result_.end == CaptureEnd::Lost) result_.problem = session.problem();
}

void Capture::look_at_limits() {
    if (stopping_) return;
    const std::int64_t spent_ns = base::monotonic_ns() - welcomed_ns_;
    if (config_.seconds && static_cast<double>(spent_ns) >= *config_.seconds * kNsPerSecond) {
        stop(CaptureEnd::Stopped);
    } else if (config_.memory_percent) {
        const double share = 100.0 * static_cast<double>(io::resident_bytes());
        if (share > *config_.memory_percent * static_cast<double>(io::machine_bytes())) stop(CaptureEnd::Memory);
    }
}

void Capture::look_at_silence(std::int64_t now_ns) {
    protocol::ViewerSession& session = connection_.session();
    const std::int64_t silent_ns = now_ns - heard_ns_;
    if ((session.waits_for_little() && silent_ns > CaptureConnection::kOpenZonesNs) ||
        (stopping_ && silent_ns > kStoppingNs)) {
        session.leave();
    }
}

void Capture::stop(CaptureEnd end) {
    if (stopping_) return;
    stopping_ = true;
    result_.end = end;
    heard_ns_ = base::monotonic_ns();
    connection_.session().stop();
}

CaptureResult Capture::save() {
    (void)tell(Phase::Saving);
    const protocol::ViewerSession& session = connection_.session();
    const protocol::Welcome& welcome = *session.welcome();
    const base::Ticks first = welcome.first_tick;
    std::vector<base::Ticks> start_frames{0, welcome.initialized_tick - first};
    if (welcome.is_on_demand) start_frames.push_back(welcome.connected_tick - first);
    builder_.start_frames(start_frames);
    model::TraceInfo info = trace_info(welcome);
    if (connection_.is_local() && is_of_now(welcome, first + session.progress().last_tick)) {
        info.clock = {.machine = counter_identity(true), .start = first, .unix_ns = 0};
    }
    const model::Trace trace = captured_.finish(session.progress().last_tick, std::move(info));
    tracefile::write_trace(file_.sink(), trace);
    put_into_place();
    result_.file_bytes = file_.bytes();
    result_.program = welcome.program.name;
    result_.protocol = session.dialect().protocol;
    result_.progress.span_ns = trace.info.last_time_ns - trace.frame_sets[0].frames[1].start_ns;
    result_.threads = trace.threads.size();
    result_.messages = trace.messages.size();
    result_.plots = trace.plots.size();
    result_.frames = trace.frame_sets[0].frames.size() - start_frames.size();
    result_.unsupported_events = session.unsupported_events();
    add_left_out(builder_.dropped_events(), "events that do not fit together");
    add_left_out(captured_.lost_images(), "images of frames that are not there");
    return std::move(result_);
}

void Capture::put_into_place() {
    const std::error_code error = file_.give_name(config_.overwrite);
    if (!error) return;
    file_.keep();  // there is nothing else left of the capture
    const std::string path = io::text_of(config_.path), part = io::text_of(file_.path());
    if (error == std::errc::file_exists) {
        throw base::SystemError(error.value(), base::problem<base::ErrorCode::CaptureFileExists>(path, part));
    }
    io::fail(error, base::ErrorCode::CaptureNotNamed, {path, part});
}

}  // namespace

CaptureResult capture(const CaptureConfig& config, const std::function<Verdict(const CaptureProgress&)>& call_back) {
    return Capture(config, call_back).run();
}

}  // namespace tracypy::drivers
