#include "drivers/server_loop.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "drivers/host_facts.hpp"

namespace tracypy::drivers {
namespace {

using State = protocol::ClientSession::State;

/// A viewer connects first, and greets when it comes by again: on a machine that is very busy that takes it seconds.
constexpr std::int64_t kGreetingTimeNs = 10'000'000'000;
constexpr std::size_t kMaxGreeting = 16;
constexpr std::int64_t kAcceptPauseNs = 250'000'000;
constexpr std::int64_t kListenAgainNs = 1'000'000'000;
constexpr std::int64_t kUnwokenWaitNs = 100'000'000;  // the wait cannot be woken: poll

// Producers never signal, so a connection is polled: often while there is something to fetch, less often when not.
constexpr int kBusyPollMs = 3;
constexpr int kIdlePollMs = 10;
constexpr int kIdleSteps = 20;
constexpr int kLongestWaitMs = 60'000;

}  // namespace

ServerLoop::ServerLoop(Program& program, const base::Names& names, const ServerConfig& config,
                       const io::ListenAddresses& addresses, std::vector<io::Socket> listeners, std::uint16_t port,
                       ServerControl& control)
    : program_(program),
      names_(names),
      config_(config),
      control_(control),
      announcer_(config, addresses, port, [this] { return program_name(); }),
      epoch_seconds_(base::unix_seconds()),
      addresses_(addresses),
      port_(port),
      listeners_(std::move(listeners)) {}

ServerLoop::~ServerLoop() = default;

void ServerLoop::run() noexcept {
    while (!control_.pause.load(std::memory_order_acquire)) {
        try {
            if (is_over()) return;
            step();
        } catch (const std::exception& error) {
            recover(error.what());
        } catch (...) {
            recover("an unknown error");
        }
    }
}

/// Follows a wish to stop as far as that goes without waiting.
bool ServerLoop::is_over() {
    const Stop stop = control_.stop.load(std::memory_order_acquire);
    if (stop == Stop::No) return false;
    if (stop == Stop::AtOnce) {
        if (connection_ != nullptr) end_connection(ViewerConnection::Outcome::Left);
        finish(false);
        return true;
    }
    if (connection_ != nullptr) {
        control_.connected.store(false, std::memory_order_release);
        connection_->wind_up(base::monotonic_ns());
        return false;
    }
    if (stop == Stop::WithAny && !seen_off_) return false;
    finish(seen_off_ || !abandoned_);
    return true;
}

void ServerLoop::finish(bool delivered) {
    announcer_.leave();
    control_.delivered.store(delivered, std::memory_order_relaxed);
    control_.finished.set();
}

// A failure in mid-connection costs the connection; anything else is tried again, slowly.
void ServerLoop::recover(const char* what) noexcept {
    base::log(base::LogLevel::Warning, std::string_view(what));
    try {
        if (connection_ != nullptr) end_connection(ViewerConnection::Outcome::Left);
    } catch (...) {
        connection_.reset();
    }
    control_.connected.store(false, std::memory_order_release);
    greeting_.clear();
    std::this_thread::sleep_for(std::chrono::milliseconds(kIdlePollMs));
}

void ServerLoop::step() {
    look_after_listeners(base::monotonic_ns());
    wait();
    const std::int64_t now_ns = base::monotonic_ns();
    accept_all(now_ns);
    greet_all(now_ns);
    if (connection_ != nullptr) {
        serve(now_ns);
    } else {
        program_.attend();
    }
}

/// A program that closes all descriptors, as daemons do, has closed these as well: a viewer is to get in nevertheless.
void ServerLoop::look_after_listeners(std::int64_t now_ns) {
    const auto is_lost = [](const io::Socket& listener) { return !listener.is_own(); };
    if (!listeners_.empty() && std::none_of(listeners_.begin(), listeners_.end(), is_lost)) return;
    if (now_ns < listen_again_ns_) return;
    listen_again_ns_ = now_ns + kListenAgainNs;
    listeners_.clear();
    std::string problem;
    try {
        listeners_ = io::listen_on(addresses_, port_);
    } catch (const base::SystemError& error) {
        problem = error.what();
    }
    if (listeners_.empty() && !std::exchange(told_no_listeners_, true)) {
        base::log(base::LogLevel::Warning, "the program has closed the socket for viewers, and port " +
                                               std::to_string(port_) + " is not to be had again yet" +
                                               (problem.empty() ? "" : ": " + problem));
    } else if (!listeners_.empty()) {
        told_no_listeners_ = false;
        base::log(base::LogLevel::Info, "the program had closed the socket for viewers; it is open again");
    }
}

void ServerLoop::wait() {
    const std::int64_t now_ns = base::monotonic_ns();
    poller_.clear();
    if (control_.wakeup.is_own()) poller_.add(control_.wakeup.handle(), true, false);
    if (now_ns >= accept_again_ns_) {
        for (const io::Socket& listener : listeners_) poller_.add(listener.handle(), true, false);
    }
    for (const auto& link : greeting_) poller_.add(link->handle(), true, link->wants_to_write());
    if (connection_ != nullptr) {
        ViewerLink& link = connection_->link();
        poller_.add(link.handle(), link.wants_to_read(), link.wants_to_write());
    } else {
        program_.add_handles(poller_);
    }
    poller_.wait(timeout_ms(now_ns));
    control_.wakeup.drain();
}

int ServerLoop::timeout_ms(std::int64_t now_ns) {
    if (connection_ != nullptr) {
        if (busy_) return 0;
        return idle_steps_ < kIdleSteps ? kBusyPollMs : kIdlePollMs;
    }
    std::int64_t due_ns = std::min(now_ns + kLongestWaitMs * kNsPerMs, announcer_.announce(now_ns));
    if (!greeting_.empty()) due_ns = std::min(due_ns, greeting_.front()->connected_ns() + kGreetingTimeNs);
    if (listeners_.empty()) due_ns = std::min(due_ns, listen_again_ns_);
    if (!control_.wakeup.is_own()) due_ns = std::min(due_ns, now_ns + kUnwokenWaitNs);
    if (accept_again_ns_ > now_ns) due_ns = std::min(due_ns, accept_again_ns_);
    return static_cast<int>(std::max<std::int64_t>(0, (due_ns - now_ns) / kNsPerMs + 1));
}

void ServerLoop::accept_all(std::int64_t now_ns) {
    if (now_ns < accept_again_ns_) return;
    for (const io::Socket& listener : listeners_) {
        for (;;) {
            io::Accepted accepted = io::accept_from(listener);
            if (accepted.status == io::Accepted::Status::OutOfDescriptors) accept_again_ns_ = now_ns + kAcceptPauseNs;
            if (accepted.status != io::Accepted::Status::Ok) break;
            if (greeting_.size() >= kMaxGreeting) greeting_.pop_front();
            greeting_.push_back(std::make_unique<ViewerLink>(std::move(accepted.socket), names_, now_ns));
        }
    }
}

void ServerLoop::greet_all(std::int64_t now_ns) {
    for (auto link = greeting_.begin(); link != greeting_.end();) {
        link = greet(*link, now_ns) ? greeting_.erase(link) : std::next(link);
    }
}

/// True when the link is dealt with, one way or the other.
bool ServerLoop::greet(std::unique_ptr<ViewerLink>& link, std::int64_t now_ns) {
    protocol::ClientSession& session = link->session();
    link->receive(now_ns);
    if (session.state() == State::AwaitingWelcome) {
        // The one before may have left already: its goodbye lies unread, and came before this one's greeting.
        if (connection_ != nullptr) serve(now_ns);
        const Stop stop = control_.stop.load(std::memory_order_acquire);
        if (connection_ == nullptr && (stop == Stop::No || stop == Stop::WithAny)) {
            begin_connection(link, now_ns);
        } else {
            session.turn_away();
        }
        if (link == nullptr) return true;
    }
    if (session.state() == State::Refused) {
        link->send(now_ns);
        if (!session.problem().empty()) base::log(base::LogLevel::Warning, session.problem());
        return true;
    }
    if (session.state() == State::Failed) {
        base::log(base::LogLevel::Warning, session.problem() + " (" + link->peer() + ")");
        return true;
    }
    if (link->lost()) {
        // Somebody only looked whether the port is open, or was cut off.
        base::log(link->heard_anything() ? base::LogLevel::Warning : base::LogLevel::Info,
                  "a peer left before it said which protocol it speaks (" + link->peer() + ")");
        return true;
    }
    if (now_ns - link->connected_ns() > kGreetingTimeNs) {
        base::log(base::LogLevel::Warning,
                  "a peer connected, but did not greet as a Tracy viewer does; the connection was closed (" +
                      link->peer() + ")");
        return true;
    }
    return false;
}

std::string ServerLoop::program_name() const {
    std::string own = program_.name();
    return own.empty() ? config_.program_name : own;
}

/// Takes the link, unless the program does not want it.
void ServerLoop::begin_connection(std::unique_ptr<ViewerLink>& link, std::int64_t now_ns) {
    protocol::ClientSession& session = link->session();
    const bool stopping = control_.stop.load(std::memory_order_acquire) != Stop::No;
    protocol::Welcome said = gather_welcome(config_, epoch_seconds_);
    said.program.name = program_name();
    // Files that were changed since are not what runs: a viewer on this machine does not read those itself, but asks.
    if (program_.answer_provider() != nullptr) said.program.executable_time_s = epoch_seconds_;
    const base::Ticks now = base::now_ticks();
    const bool attached = !stopping && program_.attach();
    if (!attached && !stopping) return session.turn_away();
    try {
        connection_ = std::make_unique<ViewerConnection>(program_, std::move(link), attached);
    } catch (...) {
        if (attached) {
            program_.detach();
            program_.release();
        }
        throw;
    }
    if (attached) said.sampling_period = program_.sampling_period();
    session.welcome(said, now, program_.frames_so_far(), connection_->link().packing(), program_.answer_provider());
    base::log(base::LogLevel::Info, "the viewer at " + connection_->link().peer() + " connected, Tracy " +
                                        std::string(session.dialect()->releases) + " (protocol " +
                                        std::to_string(session.dialect()->protocol) + ")");
    idle_steps_ = 0;
    connection_->link().send(now_ns);
    control_.connected.store(attached, std::memory_order_release);
    announcer_.leave();
}

void ServerLoop::serve(std::int64_t now_ns) {
    const std::uint64_t raw_before = connection_->link().session().counters().raw_bytes;
    busy_ = connection_->step(now_ns);
    const bool moved = connection_->link().session().counters().raw_bytes != raw_before;
    idle_steps_ = moved ? 0 : idle_steps_ + 1;
    const auto patience_ns = static_cast<std::int64_t>(config_.exit_timeout_seconds * 1e9);
    const ViewerConnection::Outcome outcome = connection_->outcome(now_ns, patience_ns);
    if (outcome != ViewerConnection::Outcome::Ongoing) end_connection(outcome);
}

void ServerLoop::end_connection(ViewerConnection::Outcome outcome) {
    if (control_.stop.load(std::memory_order_acquire) != Stop::No) {
        (outcome == ViewerConnection::Outcome::Complete ? seen_off_ : abandoned_) = true;
    }
    busy_ = false;
    const std::unique_ptr<ViewerConnection> connection = std::move(connection_);
    connection->end(outcome);
    control_.connected.store(false, std::memory_order_release);  // only now is recording off
}

void ServerLoop::close_descriptors() noexcept {
    for (io::Socket& listener : listeners_) listener.close();
    for (const auto& link : greeting_) link->close();
    if (connection_ != nullptr) connection_->link().close();
    announcer_.close();
}

}  // namespace tracypy::drivers
