#include "journal/function_totals.hpp"

#include <algorithm>
#include <utility>

#include "model/parts.hpp"

namespace tracypy::journal {

Importing importing_of(std::string_view file, std::string_view function, std::string_view name) noexcept {
    if (function == "<module>" && name.starts_with("import ")) return Importing::Module;
    const bool is_machinery = file.starts_with("<frozen importlib") || file.starts_with("<frozen zipimport");
    return is_machinery ? Importing::Machinery : Importing::Nothing;
}

void FunctionTimes::meet(Function& function, model::LocationIndex location) {
    const Importing importing = find_importing_(location);
    function.is_import = importing != Importing::Nothing;
    imports_ += importing == Importing::Module ? 1 : 0;
}

void FunctionTimes::make_room(Thread& thread, model::LocationIndex location) {
    thread.depths_.resize(std::max<std::size_t>(16, location + std::size_t{location} / 2 + 1));
    if (functions_.size() < thread.depths_.size()) functions_.resize(thread.depths_.size());
}

std::vector<FunctionTotals> FunctionTimes::totals(const model::Trace& trace) const {
    const model::Parts parts(trace);
    std::vector<Function> functions = functions_;
    functions.resize(trace.locations.size());
    for (std::size_t i = 0; i < functions.size(); ++i) {
        const auto location = static_cast<model::LocationIndex>(i);
        if (!parts.is_part(location)) continue;
        const Function part = std::exchange(functions[i], {});
        functions[parts.whole(location)].total_ns += part.total_ns;
        functions[parts.whole(location)].self_ns += part.self_ns;
        functions[parts.whole(location)].ran_outside |= part.ran_outside;
    }
    std::vector<FunctionTotals> totals;
    for (std::size_t i = 0; i < functions.size(); ++i) {
        const Function& function = functions[i];
        if (function.calls == 0) continue;
        const model::SourceLocation& location = trace.locations[i];
        const model::TextId name = location.name != model::TextId::None ? location.name : location.function;
        totals.push_back({std::string(trace.strings.at(name)), std::string(trace.strings.at(location.file)),
                          location.line, function.calls, function.total_ns, function.self_ns, !function.ran_outside});
    }
    return totals;
}

}  // namespace tracypy::journal
