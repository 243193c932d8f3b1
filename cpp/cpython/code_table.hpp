// What a code object means to us, worked out once, the first time it is seen, and kept in its co_extra slot.
//
// The slot holds a CodeInfo, never a pointer: nothing dangles when the code object goes away, and a new code object
// at the same address starts with an empty slot.
#pragma once

#include <atomic>
#include <string>

#include "base/ids.hpp"
#include "base/linkage.hpp"
#include "cpython/code_filter.hpp"
#include "cpython/compat.hpp"
#include "events/words.hpp"

namespace tracypy::cpython {

/// Packed: bits 0..18 the BeginBits of the source location, 19..25 flags, 26..41 the generation of the filter that
/// judged it, 42 to 44 flags again. What the hot path may ignore lies lowest: one subtraction and one comparison tell
/// whether all the rest is as it should be, and what is left is what it writes.
class CodeInfo {
public:
    static constexpr unsigned kOwnShift = 19;
    enum Flag : std::uintptr_t {
        Profiled = 1 << 19,   // marked by @profiled: a zone also when enable() is off, and whatever the filter says
        Known = 1 << 20,      // looked at
        Hidden = 1 << 21,     // never a zone: our own code, or filtered out
        Renames = 1 << 22,    // the setter of threading.Thread.name
        Arguments = 1 << 23,  // are shown in its zones
        Result = 1 << 24,     // likewise
        Awaits = 1 << 25,     // of a coroutine, whose zones wait with its task
        OwnArguments = std::uintptr_t{Arguments} << kOwnShift,  // as @profiled says, whatever the switch log_args says
        OwnResult = std::uintptr_t{Result} << kOwnShift,
        Tracypy = std::uintptr_t{1} << 44,  // hidden because it is our own code
    };
    static_assert(Profiled == std::uintptr_t{1} << events::BeginBits::kBits);
    static constexpr unsigned kGenerationShift = 26;
    static constexpr std::uintptr_t kGenerationMask = std::uintptr_t{0xFFFF} << kGenerationShift;

    constexpr CodeInfo() = default;
    constexpr explicit CodeInfo(std::uintptr_t packed) : packed_(packed) {}
    constexpr CodeInfo(std::uintptr_t flags, std::uintptr_t generation, base::SourceLocationId location)
        : packed_(flags | generation | events::BeginBits(location).bits()) {}

    constexpr std::uintptr_t packed() const { return packed_; }
    constexpr bool has(Flag flag) const { return (packed_ & flag) != 0; }
    /// What the hot path asks.
    class Plain {
    public:
        constexpr explicit Plain(std::uintptr_t rest) : rest_(rest) {}
        /// Nothing but an ordinary zone under the filter in force.
        constexpr explicit operator bool() const { return rest_ < Known; }
        /// The same of a coroutine: it Awaits, beside that.
        constexpr bool is_coroutine() const { return rest_ - Awaits < Known; }
        constexpr events::BeginBits begin() const { return events::BeginBits::of(rest_); }

    private:
        std::uintptr_t rest_;
    };
    constexpr Plain plain(std::uintptr_t generation) const { return Plain(packed_ - generation); }
    constexpr bool is_current(std::uintptr_t generation) const {
        return (packed_ & (Known | kGenerationMask)) == generation;
    }
    /// The filter does not change it.
    constexpr bool has_location() const { return has(Known); }
    constexpr events::BeginBits begin() const { return events::BeginBits::of(packed_); }
    constexpr base::SourceLocationId location() const { return begin().location(); }

private:
    std::uintptr_t packed_ = 0;
};

/// Reserves the slot; once per process. False with a Python error set.
bool init_code_table();

TRACYPY_LOCAL extern Py_ssize_t g_code_slot;
/// Of the filter in force, in place within a CodeInfo, and with its flag Known, as all that are current have it.
/// Changes with the world stopped.
TRACYPY_LOCAL extern std::atomic<std::uintptr_t> g_generation;

inline std::uintptr_t generation() noexcept {
    return g_generation.load(std::memory_order_relaxed);
}

/// The usual case, which has a hot path of its own: no other tool in this process asked for a slot before.
inline constexpr Py_ssize_t kFirstCodeSlot = 0;

inline CodeInfo known_code(PyObject* code) noexcept {
    return CodeInfo(read_code_extra(code, g_code_slot));
}

/// As known_code, but looks at `code`, a code object, when it is new. `frame` runs it, or is null for the calling
/// thread's innermost frame. Never leaves a Python error set.
CodeInfo code_info(PyObject* code, PyFrameObject* frame = nullptr) noexcept;

/// The same of a code object of another interpreter than the main one, which the calling thread holds. It runs there as
/// the calling thread's innermost frame. Inside the gate.
CodeInfo code_info_elsewhere(PyObject* code) noexcept;

/// Where `code` is, as far as code_info() knows it, without a name of its own else. Asks the interpreter for no memory,
/// and needs no lock that is held while anybody does. Throws std::bad_alloc.
base::SourceLocationId location_in_allocator(PyObject* code);
/// Is it our own code? Likewise; of what code_info() has not seen, by the name of its file.
bool is_tracypy_in_allocator(PyObject* code) noexcept;
/// Where our own code was compiled: a str that the names of all its files begin with.
void set_own_folder(PyObject* folder) noexcept;

/// The filter that judges code from now on. True when it differs from the one before. With the world stopped.
bool set_filter(const CodeFilter& filter);
/// Every code object is judged anew, at its next event.
void next_generation() noexcept;

/// What @profiled says of a function. A null `name`: its qualified name.
struct ProfiledAs {
    PyObject* name = nullptr;
    std::uint32_t color = 0;
    bool arguments = false;
    bool result = false;
};
/// Gives `code` a name and colour of its own and marks it as profiled.
bool mark_profiled(PyObject* code, const ProfiledAs& as) noexcept;

/// The frames that run `code`, and all further out, belong to us and not to the program: `python -m tracypy`.
void set_program_root(PyObject* code);
bool is_program_root(PyObject* code) noexcept;

/// `text` as UTF-8; what cannot be encoded (lone surrogates of undecodable paths) is escaped, and
/// zero bytes, at which viewers cut a text, become U+2400. Never fails.
std::string utf8_of(PyObject* text) noexcept;

}  // namespace tracypy::cpython
