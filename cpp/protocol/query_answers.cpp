#include "protocol/query_answers.hpp"

#include <string_view>

namespace tracypy::protocol {
namespace {

constexpr std::string_view kUnknown = "[unknown]";

}  // namespace

void QueryAnswers::show(base::StringId id) {
    const auto index = static_cast<std::size_t>(id);
    if (id == base::StringId::None) return;
    if (index >= shown_strings_.size()) shown_strings_.resize(index + index / 2 + 64);
    shown_strings_[index] = true;
}

bool QueryAnswers::has_shown_file(std::string_view file) const {
    return shown_files_.contains(names_.strings.known(file));
}

void QueryAnswers::answer(const Query& query, bool row_is_known) {
    switch (query.kind) {
        case QueryKind::String:
            return encoder_.write<WireEvent::StringData>(query.pointer, shown_text(query.pointer));
        case QueryKind::PlotName:
            return encoder_.write<WireEvent::PlotName>(query.pointer, shown_text(query.pointer));
        case QueryKind::FrameName:
            return encoder_.write<WireEvent::FrameName>(query.pointer, shown_text(query.pointer));
        case QueryKind::FiberName:
            return encoder_.write<WireEvent::FiberName>(query.pointer,
                                                        std::string_view(row_name(query.pointer, row_is_known)));
        case QueryKind::ThreadString:
            return encoder_.write<WireEvent::ThreadName>(query.pointer,
                                                         std::string_view(row_name(query.pointer, row_is_known)));
        case QueryKind::SourceLocation:
            return answer_source_location(query.pointer);
        case QueryKind::ExternalName:
            return answer_external_name(query.pointer);
        case QueryKind::CallstackFrame:
            return answer_callstack_frame(query.pointer);
        case QueryKind::Symbol:
            return answer_symbol(query.pointer);
        case QueryKind::SymbolCode:
            return answer_symbol_code(query.pointer);
        case QueryKind::SourceCode:
            return encoder_.write<WireEvent::AckSourceCodeNotAvailable>(static_cast<std::uint32_t>(query.pointer));
        case QueryKind::Parameter:
        case QueryKind::DataTransfer:
        case QueryKind::DataTransferPart:
            return encoder_.write<WireEvent::AckServerQueryNoop>();
        case QueryKind::Terminate:
        case QueryKind::Disconnect:
            return;
    }
}

std::string_view QueryAnswers::shown_text(std::uint64_t pointer) const {
    if (pointer >= shown_strings_.size() || !shown_strings_[pointer]) return {};
    return names_.strings.find(static_cast<base::StringId>(pointer)).text;
}

std::string QueryAnswers::row_name(std::uint64_t pointer, bool is_known) const {
    return is_known ? names_.threads.find(static_cast<base::ThreadId>(pointer)) : std::string();
}

void QueryAnswers::answer_source_location(std::uint64_t pointer) {
    base::SourceLocation location;  // all zero for a number that was never shown
    if (const auto id = locations_.find(pointer)) {
        location = names_.locations.find(*id).value_or(location);
    }
    show(location.name);
    show(location.function);
    show(location.file);
    if (location.file != base::StringId::None) shown_files_.insert(location.file);
    encoder_.write<WireEvent::SourceLocation>(location.name, location.function, location.file, location.line,
                                              location.color);
}

// A viewer takes the frame apart into as many lines as the first event says: one, without a symbol.
void QueryAnswers::answer_callstack_frame(std::uint64_t pointer) {
    std::string_view image = kUnknown, function = kUnknown, file = kUnknown;
    std::uint32_t line = 0;
    if (const auto frame = callstacks_.find(pointer)) {
        if (frame->native != 0) return answer_native_frame(pointer, callstacks_.native(*frame));
        const base::SourceLocation location = names_.locations.find(frame->location).value_or(base::SourceLocation{});
        image = base::kFrameImage;
        function = names_.strings.find(location.function).text;
        file = names_.strings.find(location.file).text;
        shown_files_.insert(location.file);
        line = frame->line;
    }
    encoder_.single_string(image);
    encoder_.write<WireEvent::CallstackFrameSize>(pointer, std::uint8_t{1});
    encoder_.single_string(function);
    encoder_.second_string(file);
    encoder_.write<WireEvent::CallstackFrame>(line, std::uint64_t{0}, std::uint32_t{0});
}

void QueryAnswers::answer_native_frame(std::uint64_t pointer, const base::NativeAddress& address) {
    const auto text_of = [this](base::StringId id) {
        const std::string_view text = names_.strings.find(id).text;
        return text.empty() ? kUnknown : text;
    };
    encoder_.single_string(text_of(address.image));
    if (address.frames.empty()) {  // the program has not said what it is
        encoder_.write<WireEvent::CallstackFrameSize>(pointer, std::uint8_t{1});
        encoder_.single_string(kUnknown);
        encoder_.second_string(kUnknown);
        return encoder_.write<WireEvent::CallstackFrame>(std::uint32_t{0}, std::uint64_t{0}, std::uint32_t{0});
    }
    encoder_.write<WireEvent::CallstackFrameSize>(pointer, static_cast<std::uint8_t>(address.frames.size()));
    for (const base::NativeFrame& frame : address.frames) {
        const events::Symbol* const symbol = natives_.symbol(frame.symbol);
        shown_files_.insert(frame.file);
        encoder_.single_string(text_of(frame.function));
        encoder_.second_string(text_of(frame.file));
        encoder_.write<WireEvent::CallstackFrame>(frame.line, frame.symbol, symbol != nullptr ? symbol->size : 0);
    }
}

// Python's call stacks have ids for addresses, which are far below.
bool QueryAnswers::is_in_code(std::uint64_t address) const {
    constexpr std::uint64_t kLeastAddress = 4'096;
    return address >= kLeastAddress && natives_.has_code() && !callstacks_.find(address);
}

void QueryAnswers::answer_symbol(std::uint64_t pointer) {
    const events::Symbol* const symbol = natives_.symbol(pointer);
    if (symbol != nullptr) shown_files_.insert(symbol->file);
    encoder_.single_string(symbol != nullptr ? names_.strings.find(symbol->file).text : kUnknown);
    encoder_.write<WireEvent::SymbolInformation>(symbol != nullptr ? symbol->line : 0, pointer);
}

void QueryAnswers::answer_symbol_code(std::uint64_t pointer) {
    const std::optional<std::string> code = natives_.code(pointer);
    if (!code || code->size() > Encoder::kMaxData) return encoder_.write<WireEvent::AckSymbolCodeNotAvailable>();
    encoder_.write<WireEvent::SymbolCode>(pointer, std::string_view(*code));
}

bool QueryAnswers::answer_source(const Query& query, std::string_view file) {
    if (!has_shown_file(file)) return false;
    const std::optional<std::string> text = natives_.source(file);
    if (!text || text->size() > Encoder::kMaxData) return false;
    encoder_.write<WireEvent::SourceCode>(query.pointer, std::string_view(*text));
    return true;
}

// Counts as two: the name of the thread, then that of its process.
void QueryAnswers::answer_external_name(std::uint64_t pointer) {
    const events::ForeignThread* const thread = natives_.foreign_thread(pointer);
    const auto text_of = [this, thread](base::StringId events::ForeignThread::* text) {
        return thread != nullptr ? names_.strings.find(thread->*text).text : kUnknown;
    };
    encoder_.write<WireEvent::ExternalThreadName>(pointer, text_of(&events::ForeignThread::name));
    encoder_.write<WireEvent::ExternalName>(pointer, text_of(&events::ForeignThread::program));
}

}  // namespace tracypy::protocol
