#include "drivers/family_root.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "drivers/wait.hpp"
#include "events/null_sink.hpp"

namespace tracypy::drivers {
namespace {

constexpr std::int64_t kGreetingTimeNs = 5'000 * kNsPerMs;
// At the end: of who says nothing, and of all together.
constexpr std::int64_t kEndPatienceNs = 500 * kNsPerMs;
constexpr std::int64_t kLongestEndNs = 30'000 * kNsPerMs;
constexpr std::int64_t kSettleNs = 250 * kNsPerMs, kSettleUnknownNs = 60 * kNsPerMs;
constexpr int kSettleWaitMs = 1;
constexpr int kEndWaitMs = 5;
/// Connections that have not said who they are; more than that are nobody's children.
constexpr std::size_t kMostStrangers = 1'024;

}  // namespace

FamilyRoot::~FamilyRoot() {
    close();
}

std::string FamilyRoot::open(bool for_one_session) {
    is_for_one_session_ = for_one_session;
    auto listener = std::make_unique<io::LocalListener>();
    std::string problem = listener->open();
    if (!problem.empty()) return problem;
    if (!io::make_secret(secret_)) return "the system gives no secret";
    listener_ = std::move(listener);
    is_open_.store(true, std::memory_order_release);
    return {};
}

void FamilyRoot::close() noexcept {
    is_open_.store(false, std::memory_order_release);
    {
        const std::lock_guard lock(settling_mutex_);
        settling_.clear();
        is_settling_.store(false, std::memory_order_release);
        settled_.notify_all();
    }
    links_.clear();
    listener_.reset();
}

void FamilyRoot::hide() {
    const std::lock_guard lock(mutex_);
    if (is_open()) listener_->remove_folder();
}

void FamilyRoot::begin_session() {
    const std::lock_guard lock(mutex_);
    if (!is_open()) return;
    session_ = ++last_session_;
    phase_ = Phase::Recording;
    is_in_session_.store(true, std::memory_order_release);
    for (const auto& link : links_) {
        if (link->has_greeted()) link->tell_session(session_);
        link->send();
    }
}

void FamilyRoot::end_session() {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::Recording) return;
    phase_ = Phase::Ending;
    is_in_session_.store(false, std::memory_order_release);
    end_ns_ = progress_ns_ = base::monotonic_ns();
    for (const auto& link : links_) {
        if (link->has_greeted()) link->tell_session(0);
        link->send();
    }
}

void FamilyRoot::accept_all() {
    for (;;) {
        io::LocalListener::Accepted accepted = listener_->accept();
        if (!accepted.socket.valid()) return;
        const auto strangers =
            std::count_if(links_.begin(), links_.end(), [](const auto& link) { return !link->has_greeted(); });
        if (static_cast<std::size_t>(strangers) >= kMostStrangers) continue;
        links_.push_back(std::make_unique<FamilyLink>(std::move(accepted.socket), accepted.peer, base::monotonic_ns()));
    }
}

std::size_t FamilyRoot::step_all(events::EventSink& sink, std::size_t max_words) {
    FamilyLink::Family known = family();
    std::size_t words = 0;
    has_read_ = has_more_ = false;
    for (std::size_t left = links_.size(); left != 0 && words < max_words; --left) {
        FamilyLink& link = *links_.front();
        const bool had_greeted = link.has_greeted();
        words += link.step(known, sink, max_words - words);
        has_read_ = has_read_ || link.has_read();
        has_more_ = has_more_ || link.has_more();
        if (link.has_greeted() && !had_greeted) {
            const std::lock_guard lock(settling_mutex_);
            members_.insert(link.process());
        }
        dropped_.fetch_add(link.take_lost(), std::memory_order_relaxed);
        links_.splice(links_.end(), links_, links_.begin());  // nobody is always the last one
    }
    processes_ = known.processes;
    if (has_read_) progress_ns_ = base::monotonic_ns();
    look_after_settling();
    remove_lost();
    return words;
}

void FamilyRoot::remove_lost() {
    const std::int64_t now_ns = base::monotonic_ns();
    std::erase_if(links_, [&](const std::unique_ptr<FamilyLink>& link) { return is_to_go(*link, now_ns); });
}

bool FamilyRoot::is_to_go(FamilyLink& link, std::int64_t now_ns) {
    const bool is_silent = !link.has_greeted() && now_ns - link.connected_ns() > kGreetingTimeNs;
    if (!link.is_lost() && !is_silent) return false;
    if (!link.has_greeted()) {
        if (!link.problem().empty()) {
            base::log(base::LogLevel::Info, "somebody who is no child of this process was turned away");
        }
        return true;
    }
    if (!link.problem().empty()) {
        base::log(base::LogLevel::Warning, link.name() + " is not followed any more: " + link.problem());
    }
    const std::lock_guard lock(settling_mutex_);
    if (const auto found = members_.find(link.process()); found != members_.end()) members_.erase(found);
    for (Settling& each : settling_) {
        if (each.asker == &link) each.asker = nullptr;
    }
    return true;
}

void FamilyRoot::attend() {
    const std::lock_guard lock(mutex_);
    if (!is_open()) return;
    events::NullSink nowhere;
    accept_all();
    step_all(nowhere, SIZE_MAX);
}

std::size_t FamilyRoot::drain(events::EventSink& sink, std::size_t max_words) {
    const std::lock_guard lock(mutex_);
    if (!is_open() || phase_ == Phase::Idle) return 0;
    accept_all();
    std::size_t words = step_all(sink, max_words);
    if (is_settling_.load(std::memory_order_acquire)) {
        wait_for_more(kSettleWaitMs);
        return std::max(words, max_words);  // somebody waits: at once again
    }
    if (phase_ == Phase::Recording) return has_more_ ? std::max(words, max_words) : words;
    tell_other_pythons(sink);
    const std::int64_t now_ns = base::monotonic_ns();
    const bool is_in_vain = now_ns - progress_ns_ > kEndPatienceNs || now_ns - end_ns_ > kLongestEndNs;
    if (has_all_ended() || is_in_vain) {
        phase_ = Phase::Idle;
        session_ = 0;
        if (is_for_one_session_) close();
        return words;
    }
    if (words == 0) wait_for_more(kEndWaitMs);
    return std::max<std::size_t>(words, 1);
}

// Those that have found us, but cannot load what is made for another one.
void FamilyRoot::tell_other_pythons(events::EventSink& sink) {
    if (std::exchange(told_other_pythons_, true)) return;
    std::string names;
    for (const std::string& name : listener_->marks("other-")) names += (names.empty() ? "" : ", ") + name;
    if (names.empty()) return;
    const std::string text = "child processes of another Python (" + names + ") were not followed";
    base::log(base::LogLevel::Warning, text);
    std::vector<events::Word> words;
    constexpr std::uint32_t kRed = 0xFF4040;
    events::append(words, events::Message{base::now_ticks(), kRed, "tracypy: " + text});
    sink.thread_batch({base::kNoticeThread, words});
}

bool FamilyRoot::has_all_ended() const noexcept {
    return !has_more_ &&
           std::none_of(links_.begin(), links_.end(), [this](const auto& link) { return link->is_in(session_); });
}

void FamilyRoot::wait_for_more(int longest_ms) {
    poller_.clear();
    add_handles([this](io::Handle handle, bool wants_to_write) { poller_.add(handle, true, wants_to_write); });
    poller_.wait(longest_ms);
}

// Each is asked once, and answered when it has been, or when it is gone.
void FamilyRoot::look_after_settling() {
    for (const auto& link : links_) {
        for (const FamilyLink::Settle& wanted : link->take_settles()) {
            const std::lock_guard lock(settling_mutex_);
            settling_.push_back(
                {++last_settle_, wanted.process, link.get(), wanted.number, base::monotonic_ns() + kSettleNs});
            is_settling_.store(true, std::memory_order_release);
        }
    }
    if (!is_settling_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock(settling_mutex_);
    std::erase_if(settling_, [this](Settling& each) {
        bool is_waiting = false;
        ask_to_settle(each, is_waiting);
        if (is_waiting && base::monotonic_ns() < each.until_ns) return false;
        if (each.asker != nullptr) {
            each.asker->tell_settled(each.number_for_asker);
            each.asker->send();
        }
        return true;
    });
    is_settling_.store(!settling_.empty(), std::memory_order_release);
    settled_.notify_all();
}

void FamilyRoot::ask_to_settle(Settling& wanted, bool& is_waiting) {
    for (const auto& link : links_) {
        if ((wanted.process != 0 && link->process() != wanted.process) || link->is_lost()) continue;
        if (!wanted.is_asked) {
            link->ask_to_flush(wanted.number);
            link->send();
        }
        is_waiting = is_waiting || link->flushed() < wanted.number;
    }
    wanted.is_asked = true;
}

bool FamilyRoot::has_member(std::uint64_t process) {
    const std::lock_guard lock(settling_mutex_);
    return members_.contains(process);
}

void FamilyRoot::settle(std::uint64_t process) {
    if (!is_open() || !is_in_session_.load(std::memory_order_acquire)) return;
    std::unique_lock lock(settling_mutex_);
    // It may have come just now, and nobody has seen it yet.
    const std::int64_t patience_ns = process == 0 || members_.contains(process) ? kSettleNs : kSettleUnknownNs;
    const std::uint64_t number = ++last_settle_;
    settling_.push_back({number, process, nullptr, 0, base::monotonic_ns() + kSettleNs});
    is_settling_.store(true, std::memory_order_release);
    const auto is_done = [&] {
        return std::none_of(settling_.begin(), settling_.end(),
                            [number](const Settling& each) { return each.number == number; });
    };
    settled_.wait_for(lock, std::chrono::nanoseconds(patience_ns), is_done);
    std::erase_if(settling_, [number](const Settling& each) { return each.number == number; });
    is_settling_.store(!settling_.empty(), std::memory_order_release);
}

void FamilyRoot::abandon() noexcept {
    is_open_.store(false, std::memory_order_release);
    for (const auto& link : links_) link->close();
    if (listener_ != nullptr) listener_->abandon();
    new (&mutex_) std::mutex;
    new (&settling_mutex_) std::mutex;
}

}  // namespace tracypy::drivers
