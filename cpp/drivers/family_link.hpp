// The root's end of the connection to one process of its family.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "drivers/family_messages.hpp"
#include "drivers/family_rows.hpp"
#include "io/local_channel.hpp"
#include "journal/journal_reader.hpp"

namespace tracypy::drivers {

/// What has come of a journal so far, packet by packet, for a reader that reads no further.
class ArrivingJournal final : public io::SeekableSource {
public:
    void append(std::string_view packet);
    std::uint64_t size() override { return begin_ + bytes_.size(); }
    std::size_t read(char* buffer, std::size_t bytes) override;
    void seek(std::uint64_t offset) override { at_ = offset; }
    /// What was read is not read again.
    void forget() noexcept;

private:
    std::string bytes_;
    std::uint64_t begin_ = 0;  // of bytes_
    std::uint64_t at_ = 0;
};

/// The driver's thread. Whatever the process says costs its own rows at worst.
class FamilyLink {
public:
    FamilyLink(io::Socket socket, const io::LocalPeer& peer, std::int64_t now_ns);

    /// What all links know.
    struct Family {
        const FamilySecret& secret;
        base::Names& names;
        FamilyNumbers& numbers;
        std::uint64_t session;   // 0: there is no session
        std::uint64_t told;      // the same, but 0 when it is about to end
        std::int32_t processes;  // so far
    };

    /// Reads what has come, hands the events of this session to `sink`, and sends what waits. Returns how many words
    /// of events that were; ends early at `max_words`.
    std::size_t step(Family& family, events::EventSink& sink, std::size_t max_words);
    /// Something has come in the last step; and there is more.
    bool has_read() const noexcept { return has_read_; }
    bool has_more() const noexcept { return has_more_; }
    /// A session has begun, or (0) ended: the process is told.
    void tell_session(std::uint64_t session);
    void ask_to_flush(std::uint64_t number) { put_message(output_, FamilyMessage::Flush, number); }
    void tell_settled(std::uint64_t number) { put_message(output_, FamilyMessage::Settled, number); }
    void send();

    bool is_lost() const noexcept { return is_lost_; }
    bool has_greeted() const noexcept { return has_greeted_; }
    std::int64_t connected_ns() const noexcept { return connected_ns_; }
    /// It has begun the session of that number, and not ended it.
    bool is_in(std::uint64_t session) const noexcept { return stream_ != nullptr && stream_->session == session; }
    std::uint64_t process() const noexcept { return process_; }
    io::Handle handle() const noexcept { return socket_.handle(); }
    bool wants_to_write() const noexcept { return !output_.empty(); }
    /// Zones that it has left out in the session, since the last time that this was asked.
    std::uint64_t take_lost() noexcept { return std::exchange(lost_, 0); }
    /// Which flush it has answered last.
    std::uint64_t flushed() const noexcept { return flushed_; }
    /// Processes that are about to be killed, as it says, with its number for each.
    struct Settle {
        std::uint64_t number, process;
    };
    std::vector<Settle> take_settles() { return std::exchange(settles_, {}); }
    /// What is wrong with it; empty if it has only left.
    const std::string& problem() const noexcept { return problem_; }
    const std::string& name() const noexcept { return name_; }
    void close() noexcept { socket_.close(); }

private:
    struct Stream {
        Stream(Family& family, const std::string& process, std::int32_t group, std::uint64_t number)
            : rows(family.names, family.numbers, process, group), session(number) {}

        FamilyRows rows;
        ArrivingJournal journal;
        std::optional<journal::JournalReader> reader;
        std::uint64_t session;
        std::uint64_t lost = 0;
        int packets = 0;
    };

    bool handle(const MessageReader::Message& message, Family& family);
    bool greet(std::string_view content, Family& family);
    bool name_again(std::string_view content);
    bool begin(std::uint64_t session, Family& family);
    bool packet(std::string_view bytes);
    void end_stream();
    void count_lost(std::uint64_t total);
    void fail(std::string problem);

    io::Socket socket_;
    io::LocalPeer peer_;
    std::int64_t connected_ns_;
    MessageReader input_;
    std::string output_;
    bool has_greeted_ = false, is_lost_ = false, has_read_ = false, has_more_ = false;
    std::uint64_t process_ = 0;
    std::int32_t group_ = 0;
    std::string name_;
    std::unique_ptr<Stream> stream_;
    std::uint64_t lost_ = 0, flushed_ = 0;
    std::vector<Settle> settles_;
    std::string problem_;
};

}  // namespace tracypy::drivers
