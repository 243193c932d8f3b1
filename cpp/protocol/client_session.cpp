#include "protocol/client_session.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"
#include "protocol/client_stream.hpp"
#include "protocol/kinds/messages.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {

using State = ClientSession::State;

ClientSession::ClientSession(const base::Names& names) : names_(names) {}

ClientSession::~ClientSession() = default;

void ClientSession::fail(std::string problem) {
    state_ = State::Failed;
    problem_ = std::move(problem);
}

void ClientSession::receive(std::span<const char> bytes) {
    if (state_ == State::Done || state_ == State::Refused || state_ == State::Failed) return;
    input_.append(bytes.data(), bytes.size());
    if (state_ == State::Greeting) receive_greeting();
    if (state_ == State::Streaming || state_ == State::Terminating) receive_queries();
}

// "TracyPrf" is checked as it comes in, so that a peer of another kind is turned away by its first bytes.
void ClientSession::receive_greeting() {
    const std::size_t shibboleth_bytes = std::min(input_.size(), sizeof(kShibboleth));
    if (input_.compare(0, shibboleth_bytes, kShibboleth, shibboleth_bytes) != 0) {
        return fail("a peer that is not a Tracy viewer connected; the connection was closed");
    }
    if (input_.size() < kGreetingBytes) return;
    const std::uint32_t protocol = parse_greeting(std::span<const char, kGreetingBytes>(input_.data(), kGreetingBytes));
    input_.erase(0, kGreetingBytes);
    dialect_ = find_dialect(protocol);
    if (dialect_ != nullptr) {
        state_ = State::AwaitingWelcome;
        return;
    }
    problem_ = "a viewer with protocol " + std::to_string(protocol) +
               " was refused; viewers of these Tracy releases work: " + describe_supported_releases();
    state_ = State::Refused;
    const auto status = HandshakeStatus::ProtocolMismatch;
    output_.append(&status, sizeof(status));
}

void ClientSession::turn_away() {
    const auto status = HandshakeStatus::NotAvailable;
    output_.append(&status, sizeof(status));
    state_ = State::Refused;
}

void ClientSession::welcome(const Welcome& said, base::Ticks now, std::uint64_t frames_so_far, Packing packing,
                            AnswerProvider* provider) {
    const base::RowClock start(now, base::shortest_zone(said.nanoseconds_per_tick));
    stream_ = std::make_unique<Stream>(names_, *dialect_, output_, start, packing, provider);
    stream_->images.start(frames_so_far);
    stream_->gpus.set_scale(said.nanoseconds_per_tick);
    const auto status = HandshakeStatus::Welcome;
    output_.append(&status, sizeof(status));
    const std::string message = make_welcome(*dialect_, said, frames_so_far, now);
    output_.append(message.data(), message.size());
    state_ = State::Streaming;
    receive_queries();
}

void ClientSession::receive_queries() {
    std::size_t done = 0;
    while (input_.size() - done >= kQueryBytes && (state_ == State::Streaming || state_ == State::Terminating)) {
        Query query;
        const std::span<const char, kQueryBytes> bytes(input_.data() + done, kQueryBytes);
        done += kQueryBytes;
        if (!parse_query(bytes, query)) {
            return fail("the viewer asked a question of unknown kind " +
                        std::to_string(static_cast<std::uint8_t>(bytes[0])) + "; the connection was closed");
        }
        handle(query);
    }
    input_.erase(0, done);
    if (stream_ != nullptr) stream_->encoder.flush();
}

void ClientSession::handle(const Query& query) {
    ++counters_.queries;
    switch (query.kind) {
        case QueryKind::Terminate:
            state_ = State::Done;
            return;
        case QueryKind::Disconnect:
            viewer_wants_to_leave_ = true;
            return finish(stream_->last_tick);
        case QueryKind::ThreadString:
            if (state_ == State::Streaming && stream_->pending.add_name(query)) return;
            return answer_name(query);
        case QueryKind::FiberName:
            return answer_name(query);
        case QueryKind::SourceCode:
            if (stream_->answers.answer_source(query, stream_->pending.file())) return stream_->pending.begin_file(0);
            [[fallthrough]];
        case QueryKind::Parameter:
            if (stream_->pending.add_request(query, stream_->answers.has_shown_file(stream_->pending.file()))) return;
            break;
        case QueryKind::CallstackFrame:
            if (stream_->answers.is_in_code(query.pointer) && stream_->pending.add_request(query, true)) return;
            break;
        case QueryKind::DataTransfer:
            stream_->pending.begin_file(query.pointer);
            break;
        case QueryKind::DataTransferPart:
            stream_->pending.add_file_part(query);
            break;
        default:
            break;
    }
    stream_->answers.answer(query, false);
}

void ClientSession::answer_name(const Query& query) {
    const bool known_thread =
        query.pointer <= UINT32_MAX && stream_->threads.contains(static_cast<base::ThreadId>(query.pointer));
    stream_->answers.answer(query, known_thread);
}

void ClientSession::answer_pending(std::int64_t now_ns) {
    if (state_ != State::Streaming && state_ != State::Terminating) return;
    for (const Query& query : stream_->pending.take_names(now_ns)) answer_name(query);
    const std::vector<PendingAnswers::Answer> answers = stream_->pending.take_answers(now_ns);
    for (const PendingAnswers::Answer& answer : answers) {
        const bool is_source = answer.query.kind == QueryKind::SourceCode && answer.is_given;
        if (is_source && answer.text.size() <= Encoder::kMaxData) {
            stream_->encoder.write<WireEvent::SourceCode>(answer.query.pointer, std::string_view(answer.text));
        } else if (answer.query.kind == QueryKind::CallstackFrame && answer.is_given) {
            const auto number = static_cast<std::uint32_t>(std::strtoul(answer.text.c_str(), nullptr, 10));
            stream_->answers.answer_native_frame(answer.query.pointer, names_.callstacks.native(number));
        } else {
            stream_->answers.answer(answer.query, false);
        }
    }
    // A viewer that has seen Terminate waits for nothing else.
    if (!answers.empty()) stream_->encoder.flush();
}

// Null, which is counted, for one that the viewer has no room for.
ClientSession::Row* ClientSession::row_of(base::ThreadId id) {
    if (const auto known = stream_->threads.find(id); known != stream_->threads.end()) return &known->second;
    if (stream_->threads.size() < kMaxThreads) {
        return &stream_->threads.emplace(id, Row{events::RowWalk(stream_->first_clock)}).first->second;
    }
    ++counters_.dropped_batches;
    warn_once(warned_threads_, "more threads than a trace can hold (65,000): further ones are left out");
    return nullptr;
}

bool ClientSession::has_thread(base::ThreadId id) {
    return row_of(id) != nullptr;
}

// The rows of one thread have one clock on the wire, and no time goes back there.
void ClientSession::fiber_batch(const events::ThreadBatch& batch, Row& row, Row& carrier) {
    row.carrier = batch.carrier;
    row.walk.not_before(carrier.walk.last_tick());
    stream_->encoder.select_thread(batch.carrier);
    stream_->encoder.select_fiber(batch.thread, row.is_running, row.group_hint);
    stream_->encoder.thread_events(batch.words, row.walk, stream_->locations);
    row.is_running = stream_->encoder.is_fiber_running();
    carrier.walk.not_before(row.walk.last_tick());
}

void ClientSession::thread_batch(const events::ThreadBatch& batch) {
    if (state_ != State::Streaming || batch.words.empty()) return;
    const bool is_fiber = batch.carrier != base::ThreadId::None;
    Row* const carrier = is_fiber ? row_of(batch.carrier) : nullptr;
    if (is_fiber && carrier == nullptr) return;
    Row* const row = row_of(batch.thread);
    if (row == nullptr) return;
    events::RowWalk& thread = row->walk;
    if (is_fiber) {
        fiber_batch(batch, *row, *carrier);
    } else {
        stream_->encoder.select_thread(batch.thread);
        stream_->encoder.select_fiber(base::ThreadId::None, false);
        stream_->encoder.thread_events(batch.words, thread, stream_->locations);
        if (row->group_hint != 0) [[unlikely]] {
            stream_->encoder.group_hint(std::exchange(row->group_hint, 0));
        }
    }
    stream_->last_tick = std::max(stream_->last_tick, thread.last_tick());
    if (stream_->locations.overflowed()) [[unlikely]] {
        warn_once(warned_locations_,
                  "more functions and zones than a trace can hold (32,700): further ones are shown as "
                  "\"other functions\"");
    }
    if (!warnings_.empty()) [[unlikely]] {
        send_warnings(thread.last_tick());
    }
}

void ClientSession::warn_once(bool& warned, std::string_view text) {
    if (std::exchange(warned, true)) return;
    base::log(base::LogLevel::Warning, text);
    warnings_.push_back("tracypy: " + std::string(text));
}

// A message needs a thread to belong to: the one that is selected, or else the first that comes.
void ClientSession::send_warnings(base::Ticks now) {
    constexpr std::uint32_t kOrange = 0xFF8000;
    if (!stream_->encoder.has_thread()) return;
    for (const std::string& text : warnings_) {
        kinds::write_message(stream_->encoder,
                             {now, kOrange, text, events::Severity::Warning, events::MessageSource::Profiler});
    }
    warnings_.clear();
}

void ClientSession::flush() {
    if (stream_ != nullptr) stream_->encoder.flush();
}

void ClientSession::set_packing(Packing packing) {
    stream_->encoder.writer().set_packing(packing);
}

void ClientSession::keep_alive() {
    if (state_ != State::Streaming && state_ != State::Terminating) return;
    stream_->encoder.write<WireEvent::KeepAlive>();
    stream_->encoder.flush();
}

// A fiber that waits runs for no time: its zones can end only there.
void ClientSession::close(base::ThreadId id, Row& row, base::Ticks now) {
    Encoder& encoder = stream_->encoder;
    Row* const carrier = row.carrier != base::ThreadId::None ? row_of(row.carrier) : nullptr;
    encoder.select_thread(carrier != nullptr ? row.carrier : id);
    if (carrier != nullptr) {
        now = std::max({now, row.walk.last_tick(), carrier->walk.last_tick()});
        row.walk.not_before(now);
        if (!row.is_running) encoder.enter_fiber(now, id);
    }
    encoder.close_zones(row.walk, now);
    if (carrier == nullptr) return;
    encoder.leave_fiber(row.walk.last_tick());
    carrier->walk.not_before(row.walk.last_tick());
    row.is_running = false;
}

void ClientSession::finish(base::Ticks now) {
    if (state_ != State::Streaming) return;
    for (auto& [id, row] : stream_->threads) {
        if (row.is_running) close(id, row, now);
    }
    for (auto& [id, row] : stream_->threads) {
        if (row.walk.open_zones() != 0) close(id, row, now);
    }
    send_warnings(now);
    for (const Query& query : stream_->pending.take_all_names()) answer_name(query);
    // Terminate goes into a block of its own: a viewer looks at its pending queries at the end of a block.
    stream_->encoder.flush();
    stream_->encoder.write<WireEvent::Terminate>();
    stream_->encoder.flush();
    state_ = State::Terminating;
}

ClientSession::Counters ClientSession::counters() const noexcept {
    Counters counters = counters_;
    if (stream_ != nullptr) {
        counters.dropped_events = stream_->encoder.dropped_events();
        counters.dropped_memory = stream_->memory.left_out();
        counters.raw_bytes = stream_->encoder.writer().raw_bytes();
        counters.packed_bytes = stream_->encoder.writer().packed_bytes();
    }
    return counters;
}

}  // namespace tracypy::protocol
