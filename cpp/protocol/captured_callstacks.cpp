#include "protocol/captured_callstacks.hpp"

#include <utility>

#include "protocol/event_access.hpp"
#include "protocol/peer_error.hpp"

namespace tracypy::protocol {
namespace {

using base::CallstackId;

/// In stacks that are told in words.
constexpr std::size_t kMostTold = 64;

/// Besides what it consists of.
constexpr std::size_t kBytesOfAddress = 160, kBytesOfStack = 160;

/// Of the calls that an address stands for, the compiler's own wrapper of an instruction says nothing.
bool is_wrapper(std::string_view file) noexcept {
    const std::size_t name = file.rfind("/include/");
    const bool is_intrinsic = name != std::string_view::npos && file.ends_with("intrin.h");
    return is_intrinsic || file.ends_with("/bits/atomic_base.h") || file.ends_with("/atomic");
}

/// Takes numbers and texts from the start of what a program sent.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

    template <FieldType kType>
    ValueOf<kType> number() {
        return load<kType>(take(size_of(kType)).data());
    }
    std::string_view text() { return take(number<FieldType::U16>()); }

private:
    std::string_view take(std::size_t size) {
        if (bytes_.size() < size) throw PeerError("a call stack that is not whole");
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }

    std::string_view bytes_;
};

}  // namespace

std::uint32_t CapturedCallstacks::index_of(std::uint64_t address) {
    std::vector<base::NativeAddress>& addresses = names_.native.addresses;
    if (const auto known = addresses_.find(address); known != addresses_.end()) return known->second;
    if (!names_.strings.has_room()) return nowhere();
    const auto index = static_cast<std::uint32_t>(addresses.size());
    addresses_.emplace(address, index);
    bytes_ += kBytesOfAddress;
    addresses.push_back({.address = address});
    queries_.ask(QueryKind::CallstackFrame, address);
    return index;
}

// As a call that the program has told in words.
std::uint32_t CapturedCallstacks::nowhere() {
    ++names_.left_out;
    if (!nowhere_) {
        const base::StringId text = names_.strings.intern(base::Names::kNoRoom);
        nowhere_ = static_cast<std::uint32_t>(names_.native.addresses.size());
        names_.native.addresses.push_back({.frames = {{.function = text, .file = text}}});
    }
    return *nowhere_;
}

// Behind the bounds an event has one that says so: some events cannot be without.
CallstackId CapturedCallstacks::intern(Stack stack) {
    std::vector<Stack>& stacks = names_.native.stacks;
    const auto known = ids_.find(stack);
    if (known != ids_.end()) return known->second;
    const bool has_room = stacks.size() <= kMostStacks && names_.strings.has_room();
    if (!has_room && (stack.size() != 1 || stack.front() != nowhere_)) return intern({nowhere()});
    const auto id = static_cast<CallstackId>(stacks.size());
    bytes_ += kBytesOfStack + 2 * sizeof(std::uint32_t) * stack.size();
    stacks.push_back(stack);
    ids_.emplace(std::move(stack), id);
    return id;
}

void CapturedCallstacks::add(std::string_view addresses) {
    if (addresses.empty() || addresses.size() % sizeof(std::uint64_t) != 0) {
        throw PeerError("a call stack of " + std::to_string(addresses.size()) + " bytes");
    }
    Stack stack;
    for (std::size_t at = 0; at < addresses.size(); at += sizeof(std::uint64_t)) {
        stack.push_back(index_of(load<FieldType::U64>(addresses.data() + at)));
    }
    pending_ = intern(std::move(stack));
}

// Its number of calls; of each its line, then the lengths and texts of its function and its file.
void CapturedCallstacks::add_told(std::string_view calls) {
    Cursor cursor(calls);
    const std::size_t count = cursor.number<FieldType::U8>();
    if (count > kMostTold) throw PeerError("a call stack of " + std::to_string(count) + " calls");
    Stack stack;
    for (std::size_t i = 0; i < count; ++i) {
        base::NativeFrame frame;
        frame.line = cursor.number<FieldType::U32>();
        frame.function = names_.keep(cursor.text());
        frame.file = names_.keep(cursor.text());
        const std::string key = std::to_string(static_cast<std::uint64_t>(frame.function)) + ' ' +
                                std::to_string(static_cast<std::uint64_t>(frame.file)) + ' ' +
                                std::to_string(frame.line);
        std::vector<base::NativeAddress>& addresses = names_.native.addresses;
        const auto [known, is_new] = told_.try_emplace(key, static_cast<std::uint32_t>(addresses.size()));
        if (is_new) {
            bytes_ += kBytesOfAddress;
            addresses.push_back({.frames = {frame}});
        }
        stack.push_back(known->second);
    }
    if (pending_ != CallstackId::None) {
        const Stack& below = names_.native.stacks[static_cast<std::size_t>(pending_)];
        stack.insert(stack.end(), below.begin(), below.end());
    }
    pending_ = stack.empty() ? CallstackId::None : intern(std::move(stack));
}

CallstackId CapturedCallstacks::take() noexcept {
    return std::exchange(pending_, CallstackId::None);
}

void CapturedCallstacks::address_answered(std::uint64_t address, std::uint8_t calls, std::string_view image) {
    if (left_ != 0) throw PeerError("an answer about a call stack before the one before was whole");
    queries_.answered(QueryKind::CallstackFrame, address);
    answered_ = addresses_.at(address);
    names_.native.addresses[answered_].image = names_.keep(image);
    left_ = calls;
    is_first_ = true;
}

void CapturedCallstacks::call_answered(const Call& call, std::string_view function, std::string_view file) {
    if (left_ == 0) throw PeerError("a call of a stack that was not asked for");
    const bool is_first = std::exchange(is_first_, false);
    const bool is_last = --left_ == 0;
    if (is_first && !is_last && is_wrapper(file)) {
        is_first_ = true;  // what it wraps is the innermost now
        return;
    }
    base::NativeAddress& address = names_.native.addresses[answered_];
    bytes_ += kBytesOfAddress;
    base::NativeFrame& frame = address.frames.emplace_back();
    frame.function = names_.keep(function);
    frame.file = names_.keep(file);
    frame.line = call.line;
    frame.symbol = call.symbol;
    ask_symbol(call, frame, address.image, !is_last);
    const std::string_view image = names_.strings.find(address.image).text;
    sources_.told(file, &image);
}

void CapturedCallstacks::ask_symbol(const Call& call, const base::NativeFrame& frame, base::StringId image,
                                    bool is_inlined) {
    std::vector<base::NativeSymbol>& symbols = names_.native.symbols;
    if (call.symbol == 0 || symbols_.contains(call.symbol)) return;
    if (!names_.strings.has_room()) return void(++names_.left_out);
    symbols_.emplace(call.symbol, symbols.size());
    bytes_ += kBytesOfAddress;
    symbols.push_back({.address = call.symbol,
                       .name = frame.function,
                       .image = image,
                       .call_file = frame.file,
                       .call_line = call.line,
                       .size = call.symbol_bytes,
                       .is_inlined = is_inlined});
    queries_.ask(QueryKind::Symbol, call.symbol);
}

void CapturedCallstacks::symbol_answered(std::uint64_t symbol, std::uint32_t line, std::string_view file) {
    queries_.answered(QueryKind::Symbol, symbol);
    base::NativeSymbol& known = names_.native.symbols[symbols_.at(symbol)];
    known.file = names_.keep(file);
    known.line = line;
    if (sends_code_ && names_.strings.has_room() && known.size != 0 && known.size <= kMostCode) {
        queries_.ask(QueryKind::SymbolCode, symbol, known.size);
    }
    const std::string_view image = names_.strings.find(known.image).text;
    sources_.told(file, &image);
}

void CapturedCallstacks::code_answered(std::uint64_t symbol, std::string_view code) {
    queries_.answered(QueryKind::SymbolCode, symbol);
    names_.native.body_bytes += code.size();
    names_.native.codes.push_back({symbol, std::string(code)});
}

}  // namespace tracypy::protocol
