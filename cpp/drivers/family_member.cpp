#include "drivers/family_member.hpp"

#include <utility>

#include "base/clock.hpp"
#include "drivers/around_forks.hpp"
#include "drivers/leftovers.hpp"
#include "io/local_channel.hpp"
#include "io/process.hpp"
#include "journal/packet_writer.hpp"

namespace tracypy::drivers {
namespace {

constexpr const char* kThreadName = "tracypy-kin";
// What a killed process loses. A packet that is nearly empty takes some 40 bytes.
constexpr std::int64_t kFlushEveryNs = 20 * kNsPerMs;
constexpr std::uint64_t kEnoughBytes = 64 * 1024;
/// No more is drained while so much waits to be sent.
constexpr std::size_t kMostOutput = 1024 * 1024;
constexpr std::size_t kMemberDrainWords = kDrainWords / 4;
constexpr int kDrainsPerSend = 4;
constexpr int kPollMs = 10;  // producers never signal
/// For a root that takes nothing.
constexpr std::int64_t kPatienceNs = 2'000 * kNsPerMs;
constexpr std::chrono::milliseconds kHandOverPatience{5'000}, kSettlePatience{400}, kAnswerPatience{200};

}  // namespace

void MemberLoop::Packets::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t packet = journal::first_packet_bytes(bytes);
        if (packet == 0 || packet > bytes.size()) return;
        put_message(output_, FamilyMessage::Journal, bytes.substr(0, packet));
        bytes.remove_prefix(packet);
    }
}

MemberLoop::MemberLoop(Program& program, const base::Names& names, const MemberConfig& config, io::Socket socket,
                       MemberControl& control)
    : program_(program), names_(names), config_(config), control_(control), socket_(std::move(socket)) {
    put_message(output_, FamilyMessage::Hello, hello_text(config_.secret, own_hello(io::process_id(), config_.name)));
}

void MemberLoop::run() noexcept {
    try {
        if (!control_.begun.is_set() && config_.session != 0) begin(config_.session);
        while (!is_lost_ && !control_.pause.load(std::memory_order_acquire)) {
            if (control_.stop.load(std::memory_order_acquire)) {
                finish();
                return;
            }
            step();
        }
    } catch (...) {  // out of memory
        is_lost_ = true;
    }
    if (is_lost_) be_over();
}

void MemberLoop::step() {
    receive();
    follow_wishes();
    const bool has_more = is_recording() && output_.size() < kMostOutput && drain();
    send();
    answer_flushes();
    if (!is_lost_) wait(has_more);
}

void MemberLoop::receive() {
    char bytes[4'096];
    for (;;) {
        const io::Transfer got = socket_.receive(bytes);
        if (got.status == io::Transfer::Status::WouldBlock) return;
        if (got.status == io::Transfer::Status::Closed) {
            is_lost_ = true;
            return;
        }
        input_.append({bytes, got.bytes});
        while (const auto message = input_.next()) handle(*message);
        if (input_.is_damaged()) is_lost_ = true;
    }
}

void MemberLoop::handle(const MessageReader::Message& message) {
    const std::uint64_t number = number_in(message.content).value_or(0);
    if (message.kind == FamilyMessage::Session) {
        if (number != session_) {
            end();
            begin(number);
        }
        control_.begun.set();
    } else if (message.kind == FamilyMessage::Flush) {
        drain_all();
        put_message(output_, FamilyMessage::Flushed, number);
    } else if (message.kind == FamilyMessage::Settled) {
        const std::lock_guard lock(control_.mutex);
        control_.settles_done = std::max(control_.settles_done, number);
        control_.changed.notify_all();
    }
}

void MemberLoop::follow_wishes() {
    const std::lock_guard lock(control_.mutex);
    if (!control_.new_name.empty()) {
        put_message(output_, FamilyMessage::Name, std::exchange(control_.new_name, {}));
    }
    if (settles_asked_ < control_.settles_wanted) {
        settles_asked_ = control_.settles_wanted;
        std::string content(reinterpret_cast<const char*>(&settles_asked_), sizeof(settles_asked_));
        content.append(reinterpret_cast<const char*>(&control_.process_to_settle), sizeof(std::uint64_t));
        put_message(output_, FamilyMessage::Settle, content);
    }
}

void MemberLoop::begin(std::uint64_t session) {
    if (session == 0) return;
    dropped_before_ = program_.dropped_zones();
    dropped_told_ = 0;
    if (program_.attach()) {
        session_ = session;
        control_.is_in_session.store(true, std::memory_order_release);
        put_message(output_, FamilyMessage::Begin, session);
        writer_ = std::make_unique<journal::JournalWriter>(packets_, names_, journal::JournalInfo{});
        writer_->keep_order_of_fibers();
        flushed_ns_ = base::monotonic_ns();
    }
    control_.begun.set();
}

// What has happened so far goes first: the interpreter, which is asked only then, may be busy.
void MemberLoop::end() {
    if (!is_recording()) return;
    drain_all();
    put_message(output_, FamilyMessage::End, session_);
    send();
    session_ = 0;
    control_.is_in_session.store(false, std::memory_order_release);
    writer_.reset();
    program_.detach();
    forget_leftovers(program_);
    program_.release();
}

/// True when there is more to do at once.
bool MemberLoop::drain() {
    const bool has_more = program_.drain(*writer_, kMemberDrainWords) >= kMemberDrainWords;
    const std::int64_t now_ns = base::monotonic_ns();
    if (now_ns - flushed_ns_ >= kFlushEveryNs || writer_->waiting_bytes() >= kEnoughBytes) flush();
    return has_more;
}

void MemberLoop::flush() {
    flushed_ns_ = base::monotonic_ns();
    writer_->flush();
    if (const std::string name = program_.take_process_name(); !name.empty()) {
        put_message(output_, FamilyMessage::Name, std::string_view(name).substr(0, kMostNameBytes));
    }
    const std::uint64_t dropped = program_.dropped_zones() - dropped_before_;
    if (dropped == dropped_told_) return;
    dropped_told_ = dropped;
    put_message(output_, FamilyMessage::Lost, dropped);
}

void MemberLoop::drain_all() {
    if (!is_recording()) return;
    for (int i = 0; i < kMostDrains && program_.drain(*writer_, kMemberDrainWords) >= kMemberDrainWords; ++i) {
        if (i % kDrainsPerSend != 0) continue;
        flush();
        if (output_.size() >= kMostOutput) send_all();
    }
    flush();
}

void MemberLoop::send() {
    while (!is_lost_ && !output_.empty()) {
        const io::Transfer sent = socket_.send(output_);
        if (sent.status == io::Transfer::Status::WouldBlock) return;
        if (sent.status == io::Transfer::Status::Closed) {
            is_lost_ = true;
            return;
        }
        output_.erase(0, sent.bytes);
    }
}

/// Or as long as the root takes something.
void MemberLoop::send_all() {
    std::int64_t progress_ns = base::monotonic_ns();
    while (!is_lost_ && !output_.empty()) {
        const std::size_t before = output_.size();
        send();
        const std::int64_t now_ns = base::monotonic_ns();
        if (output_.size() != before) progress_ns = now_ns;
        if (output_.empty() || now_ns - progress_ns > kPatienceNs) return;
        poller_.clear();
        poller_.add(socket_.handle(), false, true);
        poller_.wait(kPollMs);
    }
}

/// For who waits until all that has happened so far is on its way.
void MemberLoop::answer_flushes() {
    std::uint64_t wanted = 0;
    {
        const std::lock_guard lock(control_.mutex);
        if (control_.flushes_wanted == control_.flushes_done) return;
        wanted = control_.flushes_wanted;
    }
    drain_all();
    send_all();
    const std::lock_guard lock(control_.mutex);
    control_.flushes_done = wanted;
    control_.changed.notify_all();
}

void MemberLoop::finish() {
    follow_wishes();
    if (is_recording()) {
        program_.detach();
        while (program_.drain(*writer_, kMemberDrainWords) != 0) {
            flush();
            if (output_.size() >= kMostOutput) send_all();
            if (is_lost_) break;
        }
        flush();
        put_message(output_, FamilyMessage::End, session_);
        session_ = 0;
        writer_.reset();
        program_.release();
    }
    send_all();
    be_over();
}

void MemberLoop::be_over() noexcept {
    if (is_recording()) {
        session_ = 0;
        try {
            program_.detach();
            forget_leftovers(program_);
        } catch (...) {
            // No memory: then nothing is recorded either.
        }
        program_.release();
    }
    socket_.close();
    control_.following.store(false, std::memory_order_release);
    control_.begun.set();
    const std::lock_guard lock(control_.mutex);
    control_.flushes_done = control_.flushes_wanted = UINT64_MAX;
    control_.settles_done = UINT64_MAX;
    control_.over.set();
    control_.changed.notify_all();
}

void MemberLoop::wait(bool has_more) {
    poller_.clear();
    poller_.add(socket_.handle(), true, !output_.empty());
    const bool can_be_woken = control_.wakeup.is_own();
    if (can_be_woken) poller_.add(control_.wakeup.handle(), true, false);
    poller_.wait(has_more ? 0 : is_recording() || !can_be_woken ? kPollMs : -1);
    control_.wakeup.drain();
}

/// Everything that exists between start and stop.
struct FamilyMember::Running : LoopOnThread<MemberControl, MemberLoop> {
    using LoopOnThread::LoopOnThread;
};

FamilyMember::FamilyMember(Program& program, const base::Names& names) : program_(program), names_(names) {}

FamilyMember::~FamilyMember() {
    stop();
}

bool FamilyMember::start(const MemberConfig& config) try {
    make_room_for_exceptions();
    const std::lock_guard lock(control_mutex_);
    if (running_ != nullptr) return true;
    io::Socket socket =
        config.descriptor >= 0 ? io::adopt_connection(config.descriptor) : io::connect_local(config.path);
    if (!socket.valid()) return false;
    (void)base::tick_scale();
    auto running = std::make_shared<Running>(following_, program_, names_, config, std::move(socket));
    following_.store(true, std::memory_order_release);
    running->start_thread(kThreadName);
    running_ = running;
    if (config.session != 0) {
        running->control.begun.wait();
    } else {
        running->control.begun.wait_for(kAnswerPatience);
    }
    return true;
} catch (const std::exception&) {
    following_.store(false, std::memory_order_release);
    return false;  // no thread, no memory
}

std::shared_ptr<FamilyMember::Running> FamilyMember::running() {
    const std::lock_guard lock(control_mutex_);
    return running_;
}

void FamilyMember::stop() {
    const std::shared_ptr<Running> running = this->running();
    if (running == nullptr) return;
    running->control.stop.store(true, std::memory_order_release);
    running->control.wakeup.wake();
    running->control.over.wait();
    const std::lock_guard lock(control_mutex_);
    running->thread.join();
    if (running_ == running) running_ = nullptr;
}

void FamilyMember::hand_over() {
    const std::shared_ptr<Running> running = this->running();
    if (running == nullptr) return;
    MemberControl& control = running->control;
    std::unique_lock lock(control.mutex);
    if (control.over.is_set()) return;
    const std::uint64_t wanted = ++control.flushes_wanted;
    control.wakeup.wake();
    control.changed.wait_for(lock, kHandOverPatience, [&] { return control.flushes_done >= wanted; });
}

void FamilyMember::settle(std::uint64_t process) {
    const std::shared_ptr<Running> running = this->running();
    if (running == nullptr) return;
    MemberControl& control = running->control;
    if (!control.is_in_session.load(std::memory_order_acquire)) return;
    std::unique_lock lock(control.mutex);
    const std::uint64_t wanted = ++control.settles_wanted;
    control.process_to_settle = process;
    control.wakeup.wake();
    control.changed.wait_for(lock, kSettlePatience, [&] { return control.settles_done >= wanted; });
}

void FamilyMember::rename(const std::string& name) {
    const std::shared_ptr<Running> running = this->running();
    if (running == nullptr) return;
    const std::lock_guard lock(running->control.mutex);
    running->control.new_name = name.substr(0, kMostNameBytes);
    running->control.wakeup.wake();
}

void FamilyMember::pause() {
    pause_for_fork(control_mutex_, running_);
}

void FamilyMember::resume() {
    resume_after_fork(control_mutex_, running_, kThreadName, [this] {
        following_.store(false, std::memory_order_release);
        running_->control.over.set();
    });
}

void FamilyMember::forget_after_fork() noexcept {
    forget_in_child(control_mutex_, running_);
    following_.store(false, std::memory_order_release);
}

}  // namespace tracypy::drivers
