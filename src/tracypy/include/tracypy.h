/* tracypy.h: native code records into tracypy, the Tracy profiler for Python.
 *
 * Zones, frame marks, plots, messages, memory, locks, fibers and GPU zones of C and C++, on the timeline of the Python
 * program that they are part of. For C99 and later, and C++11 and later, with GCC or Clang.
 *
 *     #include <tracypy.h>
 *
 *     void load(void) {
 *         TRACYPY_ZONE_BEGIN(zone, "load");
 *         ...
 *         tracypy_zone_end(zone);
 *     }
 *
 * There is nothing to link, and nothing to start. As soon as `import tracypy` has been done in this process, by
 * anybody, before this code was loaded or after, all functions here work, on any thread, with the GIL or without. Until
 * then, and where there is no tracypy or no Python at all, they do nothing. While idle, neither a viewer nor a
 * recording, a zone costs a load and a branch.
 *
 * All texts are UTF-8, and are copied. What begins with tracypy_private_ is no part of the interface.
 */
#ifndef TRACYPY_H
#define TRACYPY_H

#ifdef __cplusplus
#include <cstddef>
#include <cstdint>
#include <cstring>
#endif
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tracypy/types.h"

#if !defined(__GNUC__)
#error "tracypy.h is for GCC and Clang"
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <dlfcn.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TRACYPY_PRIVATE_SHARED __attribute__((weak, visibility("default")))
#define TRACYPY_PRIVATE_INLINE static inline __attribute__((unused))

TRACYPY_PRIVATE_SHARED uint64_t tracypy_private_nobody_listens = 0;
TRACYPY_PRIVATE_SHARED tracypy_private_slot tracypy_private_slot_1 = {
    TRACYPY_PRIVATE_VERSION, sizeof(tracypy_private_slot), NULL, &tracypy_private_nobody_listens};

TRACYPY_PRIVATE_INLINE const tracypy_private_api* tracypy_private_table(void) {
    return __atomic_load_n(&tracypy_private_slot_1.api, __ATOMIC_ACQUIRE);
}

/* Of a function that has come later than the first release: whether the tracypy that is there has it. */
#define TRACYPY_PRIVATE_HAS(api, function) \
    ((api)->size >= offsetof(tracypy_private_api, function) + sizeof((api)->function))

/* --- is it there --- */

/* Whether a viewer is connected or a recording runs. Nothing is recorded otherwise. */
TRACYPY_PRIVATE_INLINE int tracypy_is_connected(void) {
    const uint64_t* const listening = __atomic_load_n(&tracypy_private_slot_1.listening, __ATOMIC_ACQUIRE);
    return (int)__builtin_expect(__atomic_load_n(listening, __ATOMIC_RELAXED) != 0, 0);
}

TRACYPY_PRIVATE_INLINE void tracypy_private_use(const tracypy_private_api* api) {
    if (api == NULL || api->version != TRACYPY_PRIVATE_VERSION) return;
    __atomic_store_n(&tracypy_private_slot_1.api, api, __ATOMIC_RELEASE);
    __atomic_store_n(&tracypy_private_slot_1.listening, api->listening, __ATOMIC_RELEASE);
}

#if defined(__ELF__) && !defined(TRACYPY_NO_DLOPEN)
#define TRACYPY_PRIVATE_LOOKS 1

struct dl_phdr_info;
extern int dl_iterate_phdr(int (*)(struct dl_phdr_info*, size_t, void*), void*);

/* As the system declares it, in a header that wants to be asked for it before all others. */
struct tracypy_private_library {
    uintptr_t address;
    const char* path;
};
struct tracypy_private_search {
    char path[4096];
};

/* tracypy's native module is called _core, and something behind a dot. */
TRACYPY_PRIVATE_INLINE int tracypy_private_is_it(struct dl_phdr_info* raw, size_t size, void* argument) {
    const char* const path = ((const struct tracypy_private_library*)(const void*)raw)->path;
    struct tracypy_private_search* const found = (struct tracypy_private_search*)argument;
    const char* const slash = path == NULL ? NULL : strrchr(path, '/');
    const size_t length = path == NULL ? 0 : strlen(path);
    (void)size;
    if (slash == NULL || length >= sizeof found->path) return 0;
    if (slash - path < 8 || strncmp(slash - 8, "/tracypy", 8) != 0 || strncmp(slash, "/_core.", 7) != 0) return 0;
    memcpy(found->path, path, length + 1);
    return 1;
}
#endif

/* Whether tracypy is there. Nobody needs to call this, but a program that was linked without its symbols exported (no
 * -rdynamic; find_package(tracypy) sees to it): once, after `import tracypy`. Any thread, with the GIL or without. */
TRACYPY_PRIVATE_INLINE int tracypy_load(void) {
    if (tracypy_private_table() != NULL) return 1;
#if defined(TRACYPY_PRIVATE_LOOKS)
    {
        struct tracypy_private_search found;
        if (dl_iterate_phdr(tracypy_private_is_it, &found) != 0) {
            void* const library = dlopen(found.path, RTLD_LAZY | RTLD_NOLOAD);
            void* const symbol = library == NULL ? NULL : dlsym(library, "tracypy_private_published_1");
            if (symbol != NULL) {
                const tracypy_private_api* const* const published = (const tracypy_private_api* const*)symbol;
                tracypy_private_use(__atomic_load_n(published, __ATOMIC_ACQUIRE));
            }
            if (library != NULL) dlclose(library);
            (void)dlerror();
        }
    }
#endif
    return tracypy_private_table() != NULL;
}

#if defined(TRACYPY_PRIVATE_LOOKS)
__attribute__((constructor)) static void tracypy_private_at_load(void) {
    (void)tracypy_load();
}
#endif

/* The same by way of the interpreter, wherever there is one; imports tracypy. Holds the GIL. Behind #include <Python.h>
 * only. 0 with a Python error set: it is not installed, or too new for this header. */
#if defined(Py_PYTHON_H)
TRACYPY_PRIVATE_INLINE int tracypy_import(void) {
    const tracypy_private_api* api;
    if (tracypy_private_table() != NULL) return 1;
    api = (const tracypy_private_api*)PyCapsule_Import("tracypy._core._C_API", 0);
    if (api == NULL) return 0;
    tracypy_private_use(api);
    if (tracypy_private_table() != NULL) return 1;
    PyErr_SetString(PyExc_ImportError, "tracypy has another interface than that of the tracypy.h this was built with");
    return 0;
}
#endif

/* --- zones --- */

#if defined(__cplusplus)
#define TRACYPY_PRIVATE_FUNCTION __FUNCTION__
#else
#define TRACYPY_PRIVATE_FUNCTION __func__
#endif

/* NULL for no zone: nothing is asked for then. */
TRACYPY_PRIVATE_INLINE const tracypy_private_api* tracypy_private_of(uint64_t key) {
    return __builtin_expect(key == 0, 1) ? NULL : tracypy_private_table();
}

/* A static variable: this place, under a name of its own (NULL: the function's). */
#define TRACYPY_LOCATION(variable, name, color) \
    static tracypy_location variable = {name, TRACYPY_PRIVATE_FUNCTION, __FILE__, (uint32_t)__LINE__, color, 0}

/* Begins a zone at this place, and declares the variable that stands for it. */
#define TRACYPY_ZONE_BEGIN(variable, name) TRACYPY_ZONE_BEGIN_COLORED(variable, name, 0)
#define TRACYPY_ZONE_BEGIN_COLORED(variable, name, color)     \
    TRACYPY_LOCATION(variable##_tracypy_place, name, color);  \
    const tracypy_zone variable = tracypy_zone_begin(&variable##_tracypy_place)

/* Every zone must be ended, on the thread on which it began; a zone inside it first. Where that goes wrong the trace
 * stays whole: see the documentation. */
TRACYPY_PRIVATE_INLINE tracypy_zone tracypy_zone_begin(tracypy_location* location) {
    tracypy_zone zone = {0};
    if (tracypy_is_connected()) zone.key = tracypy_private_table()->zone_begin(location, 0);
    return zone;
}
/* With so many of the Python calls that run, 62 at most; none on a thread that does not hold the interpreter. */
TRACYPY_PRIVATE_INLINE tracypy_zone tracypy_zone_begin_callstack(tracypy_location* location, uint32_t depth) {
    tracypy_zone zone = {0};
    if (tracypy_is_connected()) zone.key = tracypy_private_table()->zone_begin(location, depth);
    return zone;
}
TRACYPY_PRIVATE_INLINE tracypy_zone tracypy_zone_begin_dynamic(const tracypy_dynamic_location* location,
                                                               uint32_t callstack_depth) {
    tracypy_zone zone = {0};
    if (tracypy_is_connected()) zone.key = tracypy_private_table()->zone_begin_dynamic(location, callstack_depth);
    return zone;
}
TRACYPY_PRIVATE_INLINE void tracypy_zone_end(tracypy_zone zone) {
    const tracypy_private_api* const api = tracypy_private_of(zone.key);
    if (api != NULL) api->zone_end(zone.key);
}
/* A line of text. `length` may be that of strlen(). */
TRACYPY_PRIVATE_INLINE void tracypy_zone_text(tracypy_zone zone, const char* text, size_t length) {
    const tracypy_private_api* const api = tracypy_private_of(zone.key);
    if (api != NULL) api->zone_text(zone.key, text, length);
}
/* In place of the zone's name, for this one run of it. */
TRACYPY_PRIVATE_INLINE void tracypy_zone_name(tracypy_zone zone, const char* name, size_t length) {
    const tracypy_private_api* const api = tracypy_private_of(zone.key);
    if (api != NULL) api->zone_name(zone.key, name, length);
}
TRACYPY_PRIVATE_INLINE void tracypy_zone_value(tracypy_zone zone, uint64_t value) {
    const tracypy_private_api* const api = tracypy_private_of(zone.key);
    if (api != NULL) api->zone_value(zone.key, value);
}
TRACYPY_PRIVATE_INLINE void tracypy_zone_color(tracypy_zone zone, uint32_t color) {
    const tracypy_private_api* const api = tracypy_private_of(zone.key);
    if (api != NULL) api->zone_color(zone.key, color);
}

/* --- frames, plots, messages --- */

TRACYPY_PRIVATE_INLINE void tracypy_private_frame_mark(const char* name, uint32_t kind) {
    const tracypy_private_api* const api = tracypy_private_table();
    if (api != NULL) api->frame_mark(name, kind);
}
/* A frame of the set `name` ends, and the next one begins; NULL: of the main set. */
TRACYPY_PRIVATE_INLINE void tracypy_frame_mark(const char* name) {
    tracypy_private_frame_mark(name, TRACYPY_PRIVATE_FRAME);
}
/* Frames with gaps between them. */
TRACYPY_PRIVATE_INLINE void tracypy_frame_mark_start(const char* name) {
    tracypy_private_frame_mark(name, TRACYPY_PRIVATE_FRAME_START);
}
TRACYPY_PRIVATE_INLINE void tracypy_frame_mark_end(const char* name) {
    tracypy_private_frame_mark(name, TRACYPY_PRIVATE_FRAME_END);
}

/* What the frame of the main set looks like that lasts now, or so many frames ago: four bytes for each pixel, red, green,
 * blue, and one that is ignored. They are copied. `flip`: the first row is the lowest. */
TRACYPY_PRIVATE_INLINE void tracypy_frame_image(const void* rgba, uint32_t width, uint32_t height, uint32_t offset,
                                                int flip) {
    if (tracypy_is_connected()) tracypy_private_table()->frame_image(rgba, width, height, offset, flip);
}

TRACYPY_PRIVATE_INLINE void tracypy_plot(const char* name, double value) {
    if (tracypy_is_connected()) tracypy_private_table()->plot(name, value);
}
/* Once for all, for whoever listens later, too. `format`: enum tracypy_plot_format. */
TRACYPY_PRIVATE_INLINE void tracypy_plot_config(const char* name, uint32_t format, int step, int fill, uint32_t color) {
    const tracypy_private_api* const api = tracypy_private_table();
    if (api != NULL) api->plot_config(name, format, step, fill, color);
}

/* `severity`: enum tracypy_severity. */
TRACYPY_PRIVATE_INLINE void tracypy_message(const char* text, size_t length, uint32_t color, uint32_t severity) {
    if (tracypy_is_connected()) tracypy_private_table()->message(text, length, color, severity, 0);
}
TRACYPY_PRIVATE_INLINE void tracypy_message_callstack(const char* text, size_t length, uint32_t color,
                                                      uint32_t severity, uint32_t depth) {
    if (tracypy_is_connected()) tracypy_private_table()->message(text, length, color, severity, depth);
}

/* --- memory --- */

/* `pool`: a name, or NULL for the default one. */
TRACYPY_PRIVATE_INLINE void tracypy_memory_alloc(const void* address, size_t size, const char* pool) {
    if (tracypy_is_connected()) tracypy_private_table()->memory_alloc(address, size, pool, 0);
}
TRACYPY_PRIVATE_INLINE void tracypy_memory_alloc_callstack(const void* address, size_t size, const char* pool,
                                                           uint32_t depth) {
    if (tracypy_is_connected()) tracypy_private_table()->memory_alloc(address, size, pool, depth);
}
TRACYPY_PRIVATE_INLINE void tracypy_memory_free(const void* address, const char* pool) {
    if (tracypy_is_connected()) tracypy_private_table()->memory_free(address, pool, 0);
}
TRACYPY_PRIVATE_INLINE void tracypy_memory_free_callstack(const void* address, const char* pool, uint32_t depth) {
    if (tracypy_is_connected()) tracypy_private_table()->memory_free(address, pool, depth);
}
/* All of the pool at once. */
TRACYPY_PRIVATE_INLINE void tracypy_memory_discard(const char* pool) {
    if (tracypy_is_connected()) tracypy_private_table()->memory_discard(pool, 0);
}

/* --- locks --- */

/* A static variable that stands for a lock of the program's. Of locks that are made at run time it is a member beside
 * them, all zero but for its location. */
#define TRACYPY_LOCK(variable, name)                                                                             \
    static tracypy_location variable##_tracypy_place = {name, NULL, __FILE__, (uint32_t)__LINE__, 0, 0};         \
    static tracypy_lock variable = {&variable##_tracypy_place, 0, 0}

TRACYPY_PRIVATE_INLINE void tracypy_private_lock_step(tracypy_lock* lock, uint32_t step) {
    if (tracypy_is_connected()) tracypy_private_table()->lock_step(lock, step);
}
/* The thread is about to wait for the lock. May be left out where it has it at once. */
TRACYPY_PRIVATE_INLINE void tracypy_lock_wait(tracypy_lock* lock) {
    tracypy_private_lock_step(lock, TRACYPY_PRIVATE_LOCK_WAIT);
}
/* It has it now. */
TRACYPY_PRIVATE_INLINE void tracypy_lock_obtain(tracypy_lock* lock) {
    tracypy_private_lock_step(lock, TRACYPY_PRIVATE_LOCK_OBTAIN);
}
/* It is about to let go of it: before that, so that nobody else has it yet. */
TRACYPY_PRIVATE_INLINE void tracypy_lock_release(tracypy_lock* lock) {
    tracypy_private_lock_step(lock, TRACYPY_PRIVATE_LOCK_RELEASE);
}
/* It has waited, and does not get it. */
TRACYPY_PRIVATE_INLINE void tracypy_lock_give_up(tracypy_lock* lock) {
    tracypy_private_lock_step(lock, TRACYPY_PRIVATE_LOCK_GIVE_UP);
}
/* The lock goes. */
TRACYPY_PRIVATE_INLINE void tracypy_lock_destroy(tracypy_lock* lock) {
    const tracypy_private_api* const api = tracypy_private_of(lock->record);
    if (api != NULL) api->lock_step(lock, TRACYPY_PRIVATE_LOCK_DESTROY);
}

/* --- fibers --- */

/* The thread goes on with the fiber of that name: the same pointer is the same fiber. What it records from now on lies on
 * the fiber's row, until tracypy_fiber_leave(), or another fiber. */
TRACYPY_PRIVATE_INLINE void tracypy_fiber_enter(const char* fiber) {
    if (tracypy_is_connected()) tracypy_private_table()->fiber_enter(fiber);
}
TRACYPY_PRIVATE_INLINE void tracypy_fiber_leave(void) {
    if (tracypy_is_connected()) tracypy_private_table()->fiber_leave();
}

/* --- GPUs --- */

/* A static variable that stands for a queue of a GPU. `kind`: enum tracypy_gpu_kind. */
#define TRACYPY_GPU_CONTEXT(variable, kind, name) static tracypy_gpu_context variable = {kind, name, 0}

/* The GPU's clock shows `now_ns` now. Without it, that is the system's monotonic clock. */
TRACYPY_PRIVATE_INLINE void tracypy_gpu_sync(tracypy_gpu_context* context, int64_t now_ns) {
    const tracypy_private_api* const api = tracypy_private_table();
    if (api != NULL) api->gpu_sync(context, now_ns);
}
/* Work is given to the GPU from here to the zone's end, on this thread. */
TRACYPY_PRIVATE_INLINE tracypy_gpu_zone tracypy_gpu_zone_begin(tracypy_gpu_context* context,
                                                               tracypy_location* location) {
    tracypy_gpu_zone zone = {0};
    if (tracypy_is_connected()) zone.key = tracypy_private_table()->gpu_zone_begin(context, location);
    return zone;
}
TRACYPY_PRIVATE_INLINE void tracypy_gpu_zone_end(tracypy_gpu_zone zone) {
    const tracypy_private_api* const api = tracypy_private_of(zone.key);
    if (api != NULL) api->gpu_zone_end(zone.key);
}
/* When the GPU has worked on it, once that is known: after its end, on any thread. */
TRACYPY_PRIVATE_INLINE void tracypy_gpu_zone_times(tracypy_gpu_zone zone, int64_t begin_ns, int64_t end_ns) {
    const tracypy_private_api* const api = tracypy_private_of(zone.key);
    if (api != NULL) api->gpu_zone_times(zone.key, begin_ns, end_ns);
}

/* --- names: they count as soon as tracypy is there, and for whoever listens later, too --- */

TRACYPY_PRIVATE_INLINE void tracypy_app_info(const char* text, size_t length) {
    const tracypy_private_api* const api = tracypy_private_table();
    if (api != NULL) api->app_info(text, length);
}
TRACYPY_PRIVATE_INLINE void tracypy_set_program_name(const char* name) {
    const tracypy_private_api* const api = tracypy_private_table();
    if (api != NULL) api->set_program_name(name, strlen(name));
}
/* Of the calling thread. */
TRACYPY_PRIVATE_INLINE void tracypy_set_thread_name(const char* name) {
    const tracypy_private_api* const api = tracypy_private_table();
    if (api != NULL) api->set_thread_name(name, strlen(name));
}

#ifdef __cplusplus
}  // extern "C"

namespace tracypy {

/// A zone that lasts as long as this object.
class Zone {
public:
    explicit Zone(tracypy_location& location) noexcept : zone_(tracypy_zone_begin(&location)) {}
    Zone(tracypy_location& location, std::uint32_t callstack_depth) noexcept
        : zone_(tracypy_zone_begin_callstack(&location, callstack_depth)) {}
    explicit Zone(const tracypy_dynamic_location& location, std::uint32_t callstack_depth = 0) noexcept
        : zone_(tracypy_zone_begin_dynamic(&location, callstack_depth)) {}
    ~Zone() { tracypy_zone_end(zone_); }
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;

    /// Whether anything that is said about it has a reader.
    bool is_recorded() const noexcept { return zone_.key != 0; }
    void text(const char* text, std::size_t length) const noexcept { tracypy_zone_text(zone_, text, length); }
    void text(const char* text) const noexcept { tracypy_zone_text(zone_, text, std::strlen(text)); }
    void name(const char* name, std::size_t length) const noexcept { tracypy_zone_name(zone_, name, length); }
    void name(const char* name) const noexcept { tracypy_zone_name(zone_, name, std::strlen(name)); }
    void value(std::uint64_t value) const noexcept { tracypy_zone_value(zone_, value); }
    void color(std::uint32_t color) const noexcept { tracypy_zone_color(zone_, color); }
    /// Before the object goes.
    void end() noexcept {
        tracypy_zone_end(zone_);
        zone_.key = 0;
    }

private:
    tracypy_zone zone_;
};

}  // namespace tracypy

/* A zone from here to the end of the block; `variable` is a tracypy::Zone. */
#define TRACYPY_PRIVATE_JOIN_AGAIN(first, second) first##second
#define TRACYPY_PRIVATE_JOIN(first, second) TRACYPY_PRIVATE_JOIN_AGAIN(first, second)
#define TRACYPY_NAMED_ZONE(variable, name)                                              \
    TRACYPY_LOCATION(TRACYPY_PRIVATE_JOIN(tracypy_place_of_line_, __LINE__), name, 0);  \
    ::tracypy::Zone variable(TRACYPY_PRIVATE_JOIN(tracypy_place_of_line_, __LINE__))
/* The same, without a name for the variable: TRACYPY_ZONE("load"), or TRACYPY_FUNCTION_ZONE for the function's name. */
#define TRACYPY_ZONE(name) TRACYPY_NAMED_ZONE(TRACYPY_PRIVATE_JOIN(tracypy_zone_of_line_, __LINE__), name)
#define TRACYPY_FUNCTION_ZONE TRACYPY_ZONE(NULL)

#endif /* __cplusplus */

#endif /* TRACYPY_H */
