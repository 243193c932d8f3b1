#include "drivers/viewer_connection.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "drivers/leftovers.hpp"

namespace tracypy::drivers {
namespace {

using State = protocol::ClientSession::State;

constexpr std::int64_t kKeepAliveNs = 5'000'000'000;
constexpr std::int64_t kCongestionNs = 500'000'000;

}  // namespace

ViewerConnection::ViewerConnection(Program& program, std::unique_ptr<ViewerLink> link, bool attached)
    : program_(program), link_(std::move(link)), attached_(attached) {
    if (!attached_) phase_ = Phase::Emptying;
}

ViewerConnection::~ViewerConnection() {
    try {
        detach();
    } catch (...) {
        // The program could not be told; there is nothing left that would take its events.
    }
    program_.release();
}

void ViewerConnection::detach() {
    if (!std::exchange(attached_, false)) return;
    program_.detach();
}

void ViewerConnection::wind_up(std::int64_t now_ns) {
    if (phase_ != Phase::Recording) return;
    phase_ = Phase::Emptying;
    wound_up_ns_ = now_ns;
    detach();
}

bool ViewerConnection::drain() {
    protocol::ClientSession& session = link_->session();
    if (phase_ == Phase::Parting || session.state() != State::Streaming || link_->output_is_full()) return false;
    const std::size_t words = program_.drain(session, kDrainWords);
    if (words == 0 && phase_ == Phase::Emptying) {
        session.finish(base::now_ticks());
        phase_ = Phase::Parting;
    } else {
        session.flush();
    }
    return words >= kDrainWords || (words > 0 && phase_ == Phase::Emptying);
}

// Over a tunnel, a viewer far away looks as if it were on this machine, but then bytes are dear.
void ViewerConnection::notice_congestion(std::int64_t now_ns) {
    if (!link_->output_is_full()) {
        congested_since_ns_ = 0;
    } else if (congested_since_ns_ == 0) {
        congested_since_ns_ = now_ns;
    } else if (now_ns - congested_since_ns_ > kCongestionNs) {
        link_->session().set_packing(protocol::Packing::Compressed);
    }
}

bool ViewerConnection::step(std::int64_t now_ns) {
    link_->receive(now_ns);
    // The session has sent Terminate by itself when the viewer asked to part.
    if (link_->session().viewer_wants_to_leave() && phase_ != Phase::Parting) {
        phase_ = Phase::Parting;
        detach();
    }
    if (!link_->output_is_full()) link_->session().answer_pending(now_ns);
    const bool more = drain();
    notice_congestion(now_ns);
    // Not while the end is waited for: the system would take it from us, and a dead viewer would seem to go on.
    const bool is_quiet = link_->session().output().empty() && now_ns - link_->last_sent_ns() > kKeepAliveNs;
    if (phase_ == Phase::Recording && is_quiet) link_->session().keep_alive();
    link_->send(now_ns);
    if (phase_ != Phase::Recording) link_->look_for_progress(now_ns);
    return more && !link_->output_is_full();
}

ViewerConnection::Outcome ViewerConnection::outcome(std::int64_t now_ns, std::int64_t patience_ns) noexcept {
    const State state = link_->session().state();
    if (state == State::Done) return phase_ == Phase::Parting ? Outcome::Complete : Outcome::Left;
    if (state == State::Failed || link_->lost()) return Outcome::Left;
    const std::int64_t waiting_since_ns = std::max(link_->last_progress_ns(), wound_up_ns_);
    if (phase_ != Phase::Recording && now_ns - waiting_since_ns > patience_ns) return Outcome::Stuck;
    return Outcome::Ongoing;
}

void ViewerConnection::end(Outcome outcome) {
    detach();
    // What is still in the buffers belongs to this connection, not to the next.
    forget_leftovers(program_);
    program_.release();
    protocol::ClientSession& session = link_->session();
    if (session.state() == State::Failed) {
        base::log(base::LogLevel::Warning, session.problem() + " (" + link_->peer() + ")");
    } else if (outcome == Outcome::Stuck) {
        base::log(base::LogLevel::Warning,
                  "the viewer at " + link_->peer() + " has taken no data for too long; its trace is incomplete");
    } else {
        base::log(base::LogLevel::Info,
                  "the viewer at " + link_->peer() + (outcome == Outcome::Complete ? " has everything" : " went away"));
    }
    const protocol::ClientSession::Counters counters = session.counters();
    if (counters.dropped_events + counters.dropped_marks + counters.dropped_batches > 0) {
        base::log(base::LogLevel::Warning,
                  "left out of the trace, because a viewer could not have placed them: " +
                      std::to_string(counters.dropped_events) + " events without an open zone, " +
                      std::to_string(counters.dropped_marks) + " frame marks, " +
                      std::to_string(counters.dropped_batches) + " batches of threads that were too many");
    }
}

}  // namespace tracypy::drivers
