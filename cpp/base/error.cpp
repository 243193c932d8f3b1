#include "base/error.hpp"

#include <algorithm>

namespace tracypy::base {
namespace {

std::string text_of(const Fact& fact) {
    if (const auto* const number = std::get_if<std::int64_t>(&fact.value)) return std::to_string(*number);
    return std::get<std::string>(fact.value);
}

}  // namespace

std::string name_of(ErrorCode code) {
    std::string name;
    for (const char letter : kind_of(code).name) {
        const bool is_capital = letter >= 'A' && letter <= 'Z';
        if (is_capital && !name.empty()) name += '_';
        name += is_capital ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return name;
}

void Problem::each_fact(const std::function<void(std::string_view, const Fact&)>& take) const {
    std::string_view names = kind_of(code).facts;
    for (const Fact& fact : facts) {
        const std::size_t end = std::min(names.find(' '), names.size());
        take(names.substr(0, end), fact);
        names.remove_prefix(std::min(end + 1, names.size()));
    }
}

std::string Problem::text() const {
    const char* const words = kind_of(code).words;
    if (words == kWordedInPython) {
        std::string text = name_of(code);
        each_fact([&](std::string_view name, const Fact& fact) {
            text.append(1, ' ').append(name).append(1, '=').append(text_of(fact));
        });
        return text;
    }
    return worded(words);
}

std::string Problem::worded(std::string_view words) const {
    std::string text;
    for (std::string_view left = words; !left.empty();) {
        const std::size_t begin = std::min(left.find('{'), left.size());
        text += left.substr(0, begin);
        left.remove_prefix(begin);
        if (left.empty()) break;
        const std::size_t end = left.find('}');
        each_fact([&](std::string_view name, const Fact& fact) {
            if (name == left.substr(1, end - 1)) text += text_of(fact);
        });
        left.remove_prefix(end + 1);
    }
    return text;
}

}  // namespace tracypy::base
