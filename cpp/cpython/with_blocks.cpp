#include "cpython/with_blocks.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace tracypy::cpython {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::size_t kUnit = 2;  // bytes of an instruction
constexpr unsigned char kCache = 0;

/// Where an exception in instructions [begin, end) goes. In bytes.
struct Handler {
    std::size_t begin, end, target;
};

Bytes bytes_of(PyObject* bytes) noexcept {
    return {reinterpret_cast<const unsigned char*>(PyBytes_AS_STRING(bytes)),
            static_cast<std::size_t>(PyBytes_GET_SIZE(bytes))};
}

// Six bits in a byte, the highest first; bit 6 says that more follow (Objects/exception_handling_notes.txt).
std::size_t next_number(Bytes table, std::size_t& at) noexcept {
    std::size_t number = 0;
    bool more = true;
    while (more && at < table.size()) {
        const unsigned char byte = table[at++];
        number = number << 6 | (byte & 63u);
        more = (byte & 64u) != 0;
    }
    return number;
}

std::vector<Handler> handlers_of(PyCodeObject* code) {
    std::vector<Handler> handlers;
    const Bytes table = bytes_of(code->co_exceptiontable);
    for (std::size_t at = 0; at < table.size();) {
        const std::size_t begin = next_number(table, at) * kUnit;
        const std::size_t size = next_number(table, at) * kUnit;
        const std::size_t target = next_number(table, at) * kUnit;
        next_number(table, at);  // what stays on the stack
        handlers.push_back({begin, begin + size, target});
    }
    return handlers;
}

std::size_t next_instruction(Bytes instructions, std::size_t at) noexcept {
    do {
        at += kUnit;
    } while (at < instructions.size() && instructions[at] == kCache);
    return at;
}

// Does a with statement take what the call at `at` returns?
bool is_entered(Bytes instructions, std::size_t at) noexcept {
    const std::size_t next = next_instruction(instructions, at);
    if (next >= instructions.size()) return false;
#ifdef BEFORE_WITH
    return instructions[next] == BEFORE_WITH;
#else
    const std::size_t second = next_instruction(instructions, next);
    return instructions[next] == COPY && second < instructions.size() && instructions[second] == LOAD_SPECIAL;
#endif
}

// The block is what its handler covers, and what handlers inside it cover: exceptions in those go on to the outer one.
bool block_yields(Bytes instructions, const std::vector<Handler>& handlers, std::size_t call) {
    const Handler* block = nullptr;
    for (const Handler& one : handlers) {
        if (one.begin > call && (block == nullptr || one.begin < block->begin)) block = &one;
    }
    if (block == nullptr) return true;
    std::vector<std::size_t> targets{block->target};
    const auto is_inside = [&targets](std::size_t target) {
        return std::find(targets.begin(), targets.end(), target) != targets.end();
    };
    for (std::size_t known = 0; known != targets.size();) {
        known = targets.size();
        for (const Handler& outer : handlers) {
            if (!is_inside(outer.target)) continue;
            for (const Handler& inner : handlers) {
                const bool goes_on = inner.target >= outer.begin && inner.target < outer.end;
                if (goes_on && !is_inside(inner.target)) targets.push_back(inner.target);
            }
        }
    }
    return std::any_of(handlers.begin(), handlers.end(), [&](const Handler& one) {
        if (!is_inside(one.target)) return false;
        for (std::size_t at = one.begin; at < std::min(one.end, instructions.size()); at += kUnit) {
            if (instructions[at] == YIELD_VALUE) return true;
        }
        return false;
    });
}

bool is_nested(PyCodeObject* code, int instruction) noexcept {
    PyObject* const copy = PyCode_GetCode(code);  // without what the interpreter has made of it
    if (copy == nullptr) {
        PyErr_Clear();
        return false;
    }
    bool nested = false;
    try {
        const auto call = static_cast<std::size_t>(instruction);
        const bool may_yield = (code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0;
        nested =
            is_entered(bytes_of(copy), call) && (!may_yield || !block_yields(bytes_of(copy), handlers_of(code), call));
    } catch (...) {
        // Out of memory: as one that may outlast its call.
    }
    Py_DECREF(copy);
    return nested;
}

}  // namespace

ZoneManner zone_manner(PyCodeObject* code, int instruction) noexcept {
    if (instruction >= 0 && is_nested(code, instruction)) return ZoneManner::Nested;
    if (!is_coroutine_code(code)) return ZoneManner::Outlasts;
    return (code->co_flags & CO_ASYNC_GENERATOR) != 0 ? ZoneManner::OnRow : ZoneManner::InTask;
}

}  // namespace tracypy::cpython
