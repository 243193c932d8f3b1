#include "journal/function_totals.hpp"

namespace tracypy::journal {

std::vector<FunctionTotals> FunctionTimes::totals(const model::Trace& trace) const {
    std::vector<FunctionTotals> totals;
    for (std::size_t i = 0; i < functions_.size(); ++i) {
        const Function& function = functions_[i];
        if (function.calls == 0) continue;
        const model::SourceLocation& location = trace.locations[i];
        const model::TextId name = location.name != model::TextId::None ? location.name : location.function;
        totals.push_back({std::string(trace.strings.at(name)), std::string(trace.strings.at(location.file)),
                          location.line, function.calls, function.total_ns, function.self_ns});
    }
    return totals;
}

}  // namespace tracypy::journal
