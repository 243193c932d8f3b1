#include "protocol/native_answers.hpp"

namespace tracypy::protocol {
namespace {

template <typename Map, typename Key>
const typename Map::mapped_type* find_in(const Map& map, Key key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

template <typename Pieces>
std::optional<std::string> join(const base::Names& names, const Pieces* pieces) {
    if (pieces == nullptr) return std::nullopt;
    std::string whole;
    for (const auto& [place, text] : *pieces) whole += names.strings.find(text).text;
    return whole;
}

}  // namespace

const events::Symbol* NativeAnswers::symbol(std::uint64_t address) const {
    return find_in(symbols_, static_cast<base::CodeAddress>(address));
}

const events::ForeignThread* NativeAnswers::foreign_thread(std::uint64_t number) const {
    return find_in(threads_, number);
}

std::optional<std::string> NativeAnswers::code(std::uint64_t symbol) const {
    return join(names_, find_in(codes_, static_cast<base::CodeAddress>(symbol)));
}

std::optional<std::string> NativeAnswers::source(std::string_view file) const {
    return join(names_, find_in(sources_, names_.strings.known(file)));
}

}  // namespace tracypy::protocol
