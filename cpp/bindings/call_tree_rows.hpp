// A call tree for Python.
#pragma once

#include <utility>

#include "analysis/call_tree.hpp"
#include "bindings/kept.hpp"

namespace tracypy::bindings {

/// analysis::CallTree with its tables as Python sees them.
struct CallTreeRows {
    nanobind::object parent, location, calls, total_ns, self_ns;
};

inline CallTreeRows rows_of(analysis::CallTree tree) {
    return {kept(std::move(tree.parent)), kept(std::move(tree.location)), kept(std::move(tree.calls)),
            kept(std::move(tree.total_ns)), kept(std::move(tree.self_ns))};
}

}  // namespace tracypy::bindings
