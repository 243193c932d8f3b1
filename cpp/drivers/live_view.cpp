#include "drivers/live_view.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace tracypy::drivers {
namespace {

using Session = protocol::ViewerSession;

/// What it tells of itself: names, call stacks, functions and sources.
constexpr std::size_t kMostBytes = std::size_t{256} << 20;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

CaptureConfig config_of(const std::string& address, std::uint16_t port, std::uint32_t protocol) {
    CaptureConfig config;
    config.address = address;
    config.port = port;
    config.protocol = protocol;
    return config;
}

/// Since the program's start, whatever it says.
base::Ticks connected_tick(const protocol::Welcome& welcome) noexcept {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 59;
    if (!welcome.is_on_demand || welcome.connected_tick < welcome.first_tick) return 0;
    return static_cast<base::Ticks>(std::min(
        static_cast<std::uint64_t>(welcome.connected_tick) - static_cast<std::uint64_t>(welcome.first_tick), kMost));
}

}  // namespace

LiveView::LiveView(const std::string& address, std::uint16_t port, std::uint32_t protocol)
    : sums_(names_), connection_(config_of(address, port, protocol), names_, sums_, nullptr) {}

LiveView::State LiveView::step(double seconds) {
    const std::lock_guard lock(mutex_);
    const State before = state_;
    const std::int64_t until_ns = base::monotonic_ns() + static_cast<std::int64_t>(seconds * kNsPerSecond);
    while (state_ == before && state_ != State::Ended) {
        if (has_answered()) {
            receive();
        } else {
            knock();
        }
        if (base::monotonic_ns() >= until_ns) break;
    }
    return state_;
}

void LiveView::knock() {
    const CaptureConnection::Step step = connection_.knock();
    const std::int64_t now_ns = base::monotonic_ns();
    if (step == CaptureConnection::Step::Welcomed) {
        const protocol::Welcome& welcome = *connection_.session().welcome();
        if (!(welcome.nanoseconds_per_tick > 0 && welcome.nanoseconds_per_tick < kNsPerSecond)) {
            connection_.session().leave();
            problem_ = "its clock stands still";
            state_ = State::Ended;
            return;
        }
        heard_ns_ = now_ns;
        state_ = State::Receiving;
    } else if (step == CaptureConnection::Step::NoAnswer) {
        if (silent_since_ns_ == 0) silent_since_ns_ = now_ns;
        if (now_ns - silent_since_ns_ > kNsPerSecond) state_ = State::Knocking;
    } else {
        silent_since_ns_ = 0;
        state_ = State::Connecting;
    }
}

void LiveView::receive() {
    Session& session = connection_.session();
    const std::int64_t now_ns = base::monotonic_ns();
    if (connection_.exchange()) heard_ns_ = now_ns;
    if (session.waits_for_little() && now_ns - heard_ns_ > CaptureConnection::kOpenZonesNs) session.leave();
    if (session.bytes() > kMostBytes) {
        problem_ = "it has more names, call stacks, functions and sources than there is room for";
        session.leave();
    }
    if (!session.has_ended()) return;
    if (problem_.empty() && session.state() != Session::State::Done) problem_ = session.problem();
    connection_.close();
    state_ = State::Ended;
}

void LiveView::leave() {
    const std::lock_guard lock(mutex_);
    if (state_ == State::Receiving) {
        connection_.session().leave();
        connection_.close();
    }
    state_ = State::Ended;
}

std::string LiveView::program() const {
    const std::lock_guard lock(mutex_);
    return connection_.welcome() == nullptr ? "" : connection_.welcome()->program.name;
}

std::uint32_t LiveView::protocol() const {
    const std::lock_guard lock(mutex_);
    return connection_.welcome() == nullptr ? 0 : connection_.session().dialect().protocol;
}

LiveSnapshot LiveView::snapshot() {
    const std::lock_guard lock(mutex_);
    const protocol::Welcome* const welcome = connection_.welcome();
    if (welcome == nullptr) return {};
    return sums_.snapshot(std::max(connection_.session().progress().last_tick, connected_tick(*welcome)),
                          welcome->nanoseconds_per_tick);
}

}  // namespace tracypy::drivers
