#include "drivers/family_link.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "base/string_table.hpp"

namespace tracypy::drivers {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
/// Whoever says much must not keep the others waiting.
constexpr int kReadsAtOnce = 8;
constexpr std::size_t kMostSettles = 1'024;
/// Of what waits for a process that does not read.
constexpr std::size_t kMostUnread = 64 * 1024;

}  // namespace

void ArrivingJournal::append(std::string_view packet) {
    bytes_ += packet;
}

std::size_t ArrivingJournal::read(char* buffer, std::size_t bytes) {
    if (at_ < begin_ || at_ > size()) return 0;
    const auto offset = static_cast<std::size_t>(at_ - begin_);
    const std::size_t found = std::min(bytes, bytes_.size() - offset);
    if (found != 0) std::memcpy(buffer, bytes_.data() + offset, found);
    at_ += found;
    return found;
}

void ArrivingJournal::forget() noexcept {
    bytes_.erase(0, static_cast<std::size_t>(at_ - begin_));
    begin_ = at_;
}

FamilyLink::FamilyLink(io::Socket socket, const io::LocalPeer& peer, std::int64_t now_ns)
    : socket_(std::move(socket)), peer_(peer), connected_ns_(now_ns) {}

void FamilyLink::fail(std::string problem) {
    problem_ = std::move(problem);
    is_lost_ = true;
    stream_.reset();
}

void FamilyLink::tell_session(std::uint64_t session) {
    put_message(output_, FamilyMessage::Session, session);
}

void FamilyLink::send() {
    while (!is_lost_ && !output_.empty()) {
        const io::Transfer sent = socket_.send(output_);
        if (sent.status == io::Transfer::Status::WouldBlock) break;
        // What it has said before is still there to be read.
        if (sent.status == io::Transfer::Status::Closed) return output_.clear();
        output_.erase(0, sent.bytes);
    }
    if (output_.size() > kMostUnread) fail("it does not read what it is told");
}

std::size_t FamilyLink::step(Family& family, events::EventSink& sink, std::size_t max_words) {
    std::size_t words = 0;
    if (stream_ != nullptr) stream_->rows.set_sink(sink);
    has_read_ = false;
    has_more_ = true;
    const auto take = [&] {
        while (const auto message = input_.next()) {
            if (!handle(*message, family)) return false;
            if (stream_ == nullptr) continue;
            stream_->rows.set_sink(sink);
            words += stream_->rows.take_words();
        }
        return !input_.is_damaged();
    };
    try {
        for (int reads = 0; reads < kReadsAtOnce && words < max_words && !is_lost_; ++reads) {
            char bytes[kReadBytes];
            const io::Transfer got = socket_.receive(bytes);
            has_more_ = got.status == io::Transfer::Status::Ok;
            if (got.status == io::Transfer::Status::WouldBlock) break;
            if (got.status == io::Transfer::Status::Closed) {
                is_lost_ = true;
                end_stream();
                break;
            }
            has_read_ = true;
            input_.append({bytes, got.bytes});
            if (!take()) {
                fail("what it says makes no sense");
                break;
            }
        }
    } catch (const std::exception& error) {
        fail(error.what());
    }
    send();
    return words;
}

bool FamilyLink::handle(const MessageReader::Message& message, Family& family) {
    const std::string_view content = message.content;
    if (!has_greeted_) return message.kind == FamilyMessage::Hello && greet(content, family);
    const std::uint64_t number = number_in(content).value_or(0);
    switch (message.kind) {
        case FamilyMessage::Name:
            return name_again(content);
        case FamilyMessage::Begin:
            return begin(number, family);
        case FamilyMessage::Journal:
            return packet(content);
        case FamilyMessage::Lost:
            count_lost(number);
            return true;
        case FamilyMessage::End:
            if (is_in(number)) end_stream();
            return true;
        case FamilyMessage::Flushed:
            flushed_ = number;
            return true;
        case FamilyMessage::Settle:
            if (settles_.size() < kMostSettles) settles_.push_back({number, number_in(content, 8).value_or(0)});
            return true;
        default:
            return false;
    }
}

bool FamilyLink::greet(std::string_view content, Family& family) {
    const std::optional<Hello> hello = read_hello(content, family.secret);
    if (!hello) return false;
    has_greeted_ = true;
    process_ = hello->process;
    group_ = ++family.processes;
    (void)name_again(hello->name);
    if (!hello->reads_our_clock()) throw std::runtime_error("it reads another clock than this process");
    tell_session(family.told);
    return true;
}

bool FamilyLink::name_again(std::string_view content) {
    if (content.size() > kMostNameBytes) return false;
    name_ = std::string(base::cut_utf8(content, kMostNameBytes)) + " (" + std::to_string(process_) + ")";
    if (stream_ != nullptr) stream_->rows.name_again();
    return true;
}

// That of a session that is over by now, or of one that has not begun, is nobody's.
bool FamilyLink::begin(std::uint64_t session, Family& family) {
    stream_.reset();
    if (session == family.session && session != 0) stream_ = std::make_unique<Stream>(family, name_, group_, session);
    return true;
}

bool FamilyLink::packet(std::string_view bytes) {
    if (stream_ == nullptr) return true;
    Stream& stream = *stream_;
    stream.journal.append(bytes);
    if (++stream.packets < 2) return true;  // the head; the first notes come with the next one
    if (!stream.reader) stream.reader.emplace(stream.journal, &stream.rows);
    while (stream.reader->offset() < stream.journal.size()) {
        if (!stream.reader->next(stream.rows)) return false;
    }
    stream.journal.forget();
    return true;
}

void FamilyLink::end_stream() {
    if (stream_ != nullptr) stream_->rows.tell_left_out();
    stream_.reset();
}

void FamilyLink::count_lost(std::uint64_t total) {
    if (stream_ == nullptr || total < stream_->lost) return;
    lost_ += total - std::exchange(stream_->lost, total);
}

}  // namespace tracypy::drivers
