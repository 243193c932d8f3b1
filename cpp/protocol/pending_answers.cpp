#include "protocol/pending_answers.hpp"

#include <algorithm>
#include <utility>

#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {

using State = AnswerSlot::State;

PendingAnswers::~PendingAnswers() {
    for (const Request& request : requests_) {
        if (request.slot != nullptr) request.slot->state.store(State::Abandoned, std::memory_order_relaxed);
    }
}

bool PendingAnswers::add_name(const Query& query) {
    if (names_.size() >= kMaxNames) return false;
    names_.push_back({query, 0});
    return true;
}

bool PendingAnswers::add_request(const Query& query, bool is_in_trace) {
    const bool is_for_source = query.kind == QueryKind::SourceCode;
    std::string file = is_for_source ? std::exchange(file_, {}) : std::string();
    const bool has_file = !is_for_source || (!file.empty() && !std::exchange(is_file_too_long_, false));
    const std::size_t most = query.kind == QueryKind::CallstackFrame ? kMaxPlaces : kMaxRequests;
    if (provider_ == nullptr || requests_.size() >= most || !has_file) return false;
    file.resize(std::min(file.size(), file.find('\0')));
    requests_.push_back({query, std::move(file), is_in_trace});
    return true;
}

void PendingAnswers::begin_file(std::uint64_t bytes) {
    file_.clear();
    is_file_too_long_ = bytes > kMaxFileName;
}

// 12 bytes, the last ones perhaps behind the name's end.
void PendingAnswers::add_file_part(const Query& query) {
    if (file_.size() >= kMaxFileName) is_file_too_long_ = true;
    if (is_file_too_long_) return;
    char part[sizeof(query.pointer) + sizeof(query.extra)];
    put(put(part, query.pointer), query.extra);
    file_.append(part, sizeof(part));
}

std::vector<Query> PendingAnswers::take_names(std::int64_t now_ns) {
    std::vector<Query> due;
    for (Name& name : names_) {
        if (name.asked_ns == 0) name.asked_ns = now_ns;
    }
    for (; !names_.empty() && now_ns - names_.front().asked_ns >= kNameDelayNs; names_.pop_front()) {
        due.push_back(names_.front().query);
    }
    return due;
}

std::vector<Query> PendingAnswers::take_all_names() {
    std::vector<Query> all;
    for (const Name& name : names_) all.push_back(name.query);
    names_.clear();
    return all;
}

bool PendingAnswers::is_settled(const Request& request) noexcept {
    // Acquire: with Given comes the text.
    return request.slot->state.load(std::memory_order_acquire) != State::Waiting;
}

void PendingAnswers::ask(std::int64_t now_ns) {
    for (; asked_ < std::min(kMaxAsked, requests_.size()); ++asked_) {
        Request& request = requests_[asked_];
        request.slot = std::make_shared<AnswerSlot>();
        request.asked_ns = now_ns;
        if (request.query.kind == QueryKind::SourceCode) {
            provider_->source_text(request.file, request.is_in_trace, PendingAnswer(request.slot));
        } else if (request.query.kind == QueryKind::CallstackFrame) {
            provider_->code_place(request.query.pointer, PendingAnswer(request.slot));
        } else {
            // (index << 32 | value)
            provider_->set_parameter(static_cast<std::uint32_t>(request.query.pointer >> 32),
                                     static_cast<std::int32_t>(request.query.pointer), PendingAnswer(request.slot));
        }
    }
}

// Where one is late, the others would be: a viewer that parts must not wait for them one after the other.
void PendingAnswers::give_up(std::int64_t now_ns) {
    const bool is_late = std::any_of(
        requests_.begin(), requests_.begin() + static_cast<std::ptrdiff_t>(asked_),
        [now_ns](const Request& request) { return now_ns - request.asked_ns >= kPatienceNs && !is_settled(request); });
    if (!is_late) return;
    for (Request& request : requests_) {
        if (request.slot == nullptr) request.slot = std::make_shared<AnswerSlot>();
        auto waiting = State::Waiting;
        request.slot->state.compare_exchange_strong(waiting, State::Abandoned, std::memory_order_acquire);
    }
    asked_ = requests_.size();
}

std::vector<PendingAnswers::Answer> PendingAnswers::take_answers(std::int64_t now_ns) {
    std::vector<Answer> answers;
    if (requests_.empty()) return answers;
    ask(now_ns);
    give_up(now_ns);
    bool is_parameter_waiting = false;
    for (std::size_t i = 0; i < asked_ && answers.size() < kMaxAsked;) {
        Request& request = requests_[i];
        const bool is_parameter = request.query.kind == QueryKind::Parameter;
        if (!is_settled(request) || (is_parameter && is_parameter_waiting)) {
            is_parameter_waiting |= is_parameter;
            ++i;
            continue;
        }
        const bool is_given = request.slot->state.load(std::memory_order_relaxed) == State::Given;
        answers.push_back({request.query, is_given, is_given ? std::move(request.slot->text) : std::string()});
        requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(i));
        --asked_;
    }
    return answers;
}

}  // namespace tracypy::protocol
