// A process that descends from a root: what happens in it goes to the root, as long as that listens.
//
// One background thread drains the program into a journal, whose packets go over a local socket. When the socket is
// full the thread waits, the memory of the recorder fills, and its policy decides. When the root is gone it is over,
// and costs nothing any more.
// Must not know: Python.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/names.hpp"
#include "drivers/background_thread.hpp"
#include "drivers/family_messages.hpp"
#include "drivers/program.hpp"
#include "drivers/wait.hpp"
#include "io/poller.hpp"
#include "io/socket.hpp"
#include "io/wakeup.hpp"
#include "journal/journal_writer.hpp"

namespace tracypy::drivers {

struct MemberConfig {
    std::string path;     // of the root's socket, or
    int descriptor = -1;  // a connection to it that was made for this process
    FamilySecret secret{};
    std::string name;           // of this process
    std::uint64_t session = 0;  // it has begun already; 0: the root says when
};

/// How the thread is told what to do. Any thread; `wakeup` is written after a change.
struct MemberControl {
    explicit MemberControl(std::atomic<bool>& following_flag) : following(following_flag) {}

    void wake() noexcept { wakeup.wake(); }
    bool is_over() const noexcept { return over.is_set(); }

    std::atomic<bool>& following;
    std::atomic<bool> pause{false}, stop{false};
    std::atomic<bool> is_in_session{false};  // by the thread
    DoneFlag begun;                          // the root has said whether there is a session, and if so, it is recorded
    DoneFlag over;
    io::Wakeup wakeup;
    std::mutex mutex;
    std::condition_variable changed;
    // mutex:
    std::uint64_t flushes_wanted = 0, flushes_done = 0;
    std::uint64_t settles_wanted = 0, settles_done = 0;
    std::uint64_t process_to_settle = 0;
    std::string new_name;
};

/// Made by the controlling thread, then used by the background thread alone.
class MemberLoop {
public:
    MemberLoop(Program& program, const base::Names& names, const MemberConfig& config, io::Socket socket,
               MemberControl& control);

    /// Returns when paused, and then may be called again; or when over. Lets no exception out.
    void run() noexcept;
    /// In a forked child: the descriptors go, everything else stays as it is and is never used again.
    void close_descriptors() noexcept { socket_.close(); }

private:
    /// Cuts what the journal's writer writes into packets.
    class Packets final : public io::ByteSink {
    public:
        explicit Packets(std::string& output) : output_(output) {}
        void write(std::string_view bytes) override;

    private:
        std::string& output_;
    };

    void step();
    void receive();
    void handle(const MessageReader::Message& message);
    void follow_wishes();
    void begin(std::uint64_t session);
    void end();
    bool drain();
    void drain_all();
    void flush();
    void send();
    void send_all();
    void answer_flushes();
    void finish();
    void be_over() noexcept;
    void wait(bool has_more);
    bool is_recording() const noexcept { return session_ != 0; }

    Program& program_;
    const base::Names& names_;
    MemberConfig config_;
    MemberControl& control_;
    io::Socket socket_;
    io::Poller poller_;
    MessageReader input_;
    std::string output_;
    Packets packets_{output_};
    std::unique_ptr<journal::JournalWriter> writer_;
    std::uint64_t session_ = 0;  // that is recorded
    std::uint64_t dropped_before_ = 0, dropped_told_ = 0;
    std::int64_t flushed_ns_ = 0;
    std::uint64_t settles_asked_ = 0;
    bool is_lost_ = false;
};

/// start, stop, hand_over, settle, pause, resume and forget_after_fork may be called from any thread, but never by one
/// that holds the interpreter's lock. `control_mutex_` guards `running_`.
class FamilyMember {
public:
    explicit FamilyMember(Program& program, const base::Names& names = base::names());
    ~FamilyMember();
    FamilyMember(const FamilyMember&) = delete;
    FamilyMember& operator=(const FamilyMember&) = delete;

    /// Returns when everything that happens from now on is recorded, if there is a session. False: nobody is there.
    bool start(const MemberConfig& config);
    bool is_following() const noexcept { return following_.load(std::memory_order_acquire); }

    /// Hands over all that has happened, as long as the root takes it, and is over.
    void stop();
    /// Returns when all that has happened so far is on its way, and the system keeps it whatever becomes of this
    /// process; or the root is gone, or takes nothing for a few seconds.
    void hand_over();
    /// Before another process of the family is killed: returns when it has handed over what it has, or after a moment.
    void settle(std::uint64_t process);
    void rename(const std::string& name);

    /// Around fork(), and in the child, as those of FileRecorder.
    void pause();
    void resume();
    void forget_after_fork() noexcept;

private:
    struct Running;
    std::shared_ptr<Running> running();

    Program& program_;
    const base::Names& names_;
    std::mutex control_mutex_;
    std::shared_ptr<Running> running_;
    std::atomic<bool> following_{false};
};

}  // namespace tracypy::drivers
