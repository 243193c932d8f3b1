/* tracy/TracyC.h: lets code that was written with Tracy's C macros record into tracypy, unchanged.
 *
 * It has the names of Tracy's own header of 0.11 to 0.14, and what they do is done by tracypy.h. As there, all macros
 * are empty unless TRACY_ENABLE is defined. Not here: GPU zones (use those of tracypy.h), Tracy's sampling, and its
 * manual lifetime: there is nothing to start.
 *
 * A C file that defines TRACYPY_EXPORT_TRACY before it includes this is all of a library that offers these functions to
 * other languages, whose bindings expect Tracy's client.
 */
#ifndef TRACYPY_TRACYC_H
#define TRACYPY_TRACYC_H

#include <stddef.h>
#include <stdint.h>

enum TracyPlotFormatEnum {
    TracyPlotFormatNumber,
    TracyPlotFormatMemory,
    TracyPlotFormatPercentage,
    TracyPlotFormatWatt
};
enum TracyMessageSeverity {
    TracyMessageSeverityTrace,
    TracyMessageSeverityDebug,
    TracyMessageSeverityInfo,
    TracyMessageSeverityWarning,
    TracyMessageSeverityError,
    TracyMessageSeverityFatal
};

#ifndef TracyFunction
#define TracyFunction __FUNCTION__
#endif
#ifndef TracyFile
#define TracyFile __FILE__
#endif
#ifndef TracyLine
#define TracyLine __LINE__
#endif

#ifndef TRACY_ENABLE

typedef const void* TracyCZoneCtx;
typedef const void* TracyCLockCtx;

#define TracyCSetThreadName(name)

#define TracyCZone(ctx, active)
#define TracyCZoneN(ctx, name, active)
#define TracyCZoneC(ctx, color, active)
#define TracyCZoneNC(ctx, name, color, active)
#define TracyCZoneS(ctx, depth, active)
#define TracyCZoneNS(ctx, name, depth, active)
#define TracyCZoneCS(ctx, color, depth, active)
#define TracyCZoneNCS(ctx, name, color, depth, active)
#define TracyCZoneEnd(ctx)
#define TracyCZoneText(ctx, text, size)
#define TracyCZoneTextF(ctx, ...)
#define TracyCZoneName(ctx, text, size)
#define TracyCZoneNameF(ctx, ...)
#define TracyCZoneColor(ctx, color)
#define TracyCZoneValue(ctx, value)

#define TracyCAlloc(address, size)
#define TracyCAllocN(address, size, pool)
#define TracyCAllocS(address, size, depth)
#define TracyCAllocNS(address, size, depth, pool)
#define TracyCFree(address)
#define TracyCFreeN(address, pool)
#define TracyCFreeS(address, depth)
#define TracyCFreeNS(address, depth, pool)
#define TracyCMemoryDiscard(pool)
#define TracyCMemoryDiscardS(pool, depth)
#define TracyCSecureAlloc(address, size)
#define TracyCSecureAllocN(address, size, pool)
#define TracyCSecureAllocS(address, size, depth)
#define TracyCSecureAllocNS(address, size, depth, pool)
#define TracyCSecureFree(address)
#define TracyCSecureFreeN(address, pool)
#define TracyCSecureFreeS(address, depth)
#define TracyCSecureFreeNS(address, depth, pool)
#define TracyCSecureMemoryDiscard(pool)
#define TracyCSecureMemoryDiscardS(pool, depth)

#define TracyCFrameMark
#define TracyCFrameMarkNamed(name)
#define TracyCFrameMarkStart(name)
#define TracyCFrameMarkEnd(name)
#define TracyCFrameImage(image, width, height, offset, flip)

#define TracyCPlot(name, value)
#define TracyCPlotF(name, value)
#define TracyCPlotI(name, value)
#define TracyCPlotConfig(name, format, step, fill, color)

#define TracyCMessage(text, size)
#define TracyCMessageL(text)
#define TracyCMessageC(text, size, color)
#define TracyCMessageLC(text, color)
#define TracyCMessageS(text, size, depth)
#define TracyCMessageLS(text, depth)
#define TracyCMessageCS(text, size, color, depth)
#define TracyCMessageLCS(text, color, depth)
#define TracyCAppInfo(text, size)

#define TracyCLockCtx(lock)
#define TracyCLockAnnounce(lock)
#define TracyCLockTerminate(lock)
#define TracyCLockBeforeLock(lock)
#define TracyCLockAfterLock(lock)
#define TracyCLockAfterUnlock(lock)
#define TracyCLockAfterTryLock(lock, is_acquired)
#define TracyCLockMark(lock)
#define TracyCLockCustomName(lock, name, size)

#define TracyCFiberEnter(fiber)
#define TracyCFiberLeave

#define TracyCIsConnected 0
#define TracyCIsStarted 0

#else /* TRACY_ENABLE */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <tracypy.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TracyConcat
#define TracyConcat(x, y) TracyConcatIndirect(x, y)
#endif
#ifndef TracyConcatIndirect
#define TracyConcatIndirect(x, y) x##y
#endif
#ifndef TRACY_CALLSTACK
#define TRACY_CALLSTACK 0
#endif

#ifdef TRACYPY_EXPORT_TRACY
#define TRACYPY_TRACY_API __attribute__((visibility("default")))
#else
#define TRACYPY_TRACY_API TRACYPY_PRIVATE_INLINE
#endif

/* --- what is passed, as bindings of other languages declare it, too --- */

struct ___tracy_source_location_data {
    const char* name;
    const char* function;
    const char* file;
    uint32_t line;
    uint32_t color;
};
struct ___tracy_c_zone_context {
    uint32_t id;
    int32_t active;
};
struct __tracy_lockable_context_data {
    tracypy_lock lock;
    tracypy_location location;
    char* name;
};
typedef struct ___tracy_c_zone_context TracyCZoneCtx;
typedef struct __tracy_lockable_context_data* TracyCLockCtx;

TRACYPY_PRIVATE_INLINE uint32_t tracypy_private_depth(int32_t depth) {
    return depth > 0 ? (uint32_t)depth : 0;
}

/* --- zones --- */

TRACYPY_PRIVATE_INLINE TracyCZoneCtx tracypy_private_context(uint64_t key) {
    TracyCZoneCtx context;
    context.id = (uint32_t)key;
    context.active = (int32_t)(uint32_t)(key >> 32);
    return context;
}
TRACYPY_PRIVATE_INLINE tracypy_zone tracypy_private_zone(TracyCZoneCtx context) {
    tracypy_zone zone;
    zone.key = context.active == 0 ? 0 : (uint64_t)(uint32_t)context.active << 32 | context.id;
    return zone;
}
TRACYPY_PRIVATE_INLINE tracypy_dynamic_location tracypy_private_dynamic(
    const struct ___tracy_source_location_data* location) {
    tracypy_dynamic_location made;
    made.name = location->name;
    made.name_length = location->name == NULL ? 0 : strlen(location->name);
    made.function = location->function;
    made.function_length = location->function == NULL ? 0 : strlen(location->function);
    made.file = location->file;
    made.file_length = location->file == NULL ? 0 : strlen(location->file);
    made.line = location->line;
    made.color = location->color;
    return made;
}
TRACYPY_PRIVATE_INLINE TracyCZoneCtx tracypy_private_begin(tracypy_location* location, int32_t depth, int32_t active) {
    if (active == 0 || !tracypy_is_connected()) return tracypy_private_context(0);
    return tracypy_private_context(tracypy_private_table()->zone_begin(location, tracypy_private_depth(depth)));
}

TRACYPY_TRACY_API TracyCZoneCtx ___tracy_emit_zone_begin_callstack(
    const struct ___tracy_source_location_data* location, int32_t depth, int32_t active) {
    tracypy_dynamic_location made;
    if (active == 0 || !tracypy_is_connected()) return tracypy_private_context(0);
    made = tracypy_private_dynamic(location);
    return tracypy_private_context(tracypy_private_table()->zone_begin_dynamic(&made, tracypy_private_depth(depth)));
}
TRACYPY_TRACY_API TracyCZoneCtx ___tracy_emit_zone_begin(const struct ___tracy_source_location_data* location,
                                                         int32_t active) {
    return ___tracy_emit_zone_begin_callstack(location, 0, active);
}
/* What it returns is a number, and need not be used. */
TRACYPY_TRACY_API uint64_t ___tracy_alloc_srcloc_name(uint32_t line, const char* source, size_t source_size,
                                                      const char* function, size_t function_size, const char* name,
                                                      size_t name_size, uint32_t color) {
    tracypy_dynamic_location made;
    if (!tracypy_is_connected()) return 0;
    made.name = name_size == 0 ? NULL : name;
    made.name_length = name_size;
    made.function = function;
    made.function_length = function_size;
    made.file = source;
    made.file_length = source_size;
    made.line = line;
    made.color = color;
    return tracypy_private_table()->locate(&made);
}
TRACYPY_TRACY_API uint64_t ___tracy_alloc_srcloc(uint32_t line, const char* source, size_t source_size,
                                                 const char* function, size_t function_size, uint32_t color) {
    return ___tracy_alloc_srcloc_name(line, source, source_size, function, function_size, NULL, 0, color);
}
TRACYPY_TRACY_API TracyCZoneCtx ___tracy_emit_zone_begin_alloc_callstack(uint64_t location, int32_t depth,
                                                                         int32_t active) {
    if (active == 0 || location == 0 || !tracypy_is_connected()) return tracypy_private_context(0);
    return tracypy_private_context(
        tracypy_private_table()->zone_begin_located(location, tracypy_private_depth(depth)));
}
TRACYPY_TRACY_API TracyCZoneCtx ___tracy_emit_zone_begin_alloc(uint64_t location, int32_t active) {
    return ___tracy_emit_zone_begin_alloc_callstack(location, 0, active);
}
TRACYPY_TRACY_API void ___tracy_emit_zone_end(TracyCZoneCtx context) {
    tracypy_zone_end(tracypy_private_zone(context));
}
TRACYPY_TRACY_API void ___tracy_emit_zone_text(TracyCZoneCtx context, const char* text, size_t size) {
    tracypy_zone_text(tracypy_private_zone(context), text, size);
}
TRACYPY_TRACY_API void ___tracy_emit_zone_name(TracyCZoneCtx context, const char* text, size_t size) {
    tracypy_zone_name(tracypy_private_zone(context), text, size);
}
TRACYPY_TRACY_API void ___tracy_emit_zone_color(TracyCZoneCtx context, uint32_t color) {
    tracypy_zone_color(tracypy_private_zone(context), color);
}
TRACYPY_TRACY_API void ___tracy_emit_zone_value(TracyCZoneCtx context, uint64_t value) {
    tracypy_zone_value(tracypy_private_zone(context), value);
}

/* What is longer is cut. */
#define TRACYPY_PRIVATE_MOST_FORMATTED 4096
#define TRACYPY_PRIVATE_FORMATTED(say)                                                         \
    if (context.active != 0) {                                                                 \
        char text[TRACYPY_PRIVATE_MOST_FORMATTED];                                             \
        va_list arguments;                                                                     \
        int length;                                                                            \
        va_start(arguments, format);                                                           \
        length = vsnprintf(text, sizeof text, format, arguments);                              \
        va_end(arguments);                                                                     \
        if (length >= (int)sizeof text) length = (int)sizeof text - 1;                         \
        if (length >= 0) say(tracypy_private_zone(context), text, (size_t)length);             \
    }
TRACYPY_TRACY_API __attribute__((format(printf, 2, 3))) void ___tracy_emit_zone_text_fmt(TracyCZoneCtx context,
                                                                                         const char* format, ...) {
    TRACYPY_PRIVATE_FORMATTED(tracypy_zone_text)
}
TRACYPY_TRACY_API __attribute__((format(printf, 2, 3))) void ___tracy_emit_zone_name_fmt(TracyCZoneCtx context,
                                                                                         const char* format, ...) {
    TRACYPY_PRIVATE_FORMATTED(tracypy_zone_name)
}

#define TRACYPY_PRIVATE_HERE TracyConcat(__tracy_source_location, TracyLine)
#define TRACYPY_PRIVATE_LOCATE(name, color) \
    static tracypy_location TRACYPY_PRIVATE_HERE = {name, __func__, TracyFile, (uint32_t)TracyLine, color, 0}

#define TracyCZoneNCS(ctx, name, color, depth, active) \
    TRACYPY_PRIVATE_LOCATE(name, color);               \
    TracyCZoneCtx ctx = tracypy_private_begin(&TRACYPY_PRIVATE_HERE, depth, active);
#define TracyCZoneS(ctx, depth, active) TracyCZoneNCS(ctx, NULL, 0, depth, active)
#define TracyCZoneNS(ctx, name, depth, active) TracyCZoneNCS(ctx, name, 0, depth, active)
#define TracyCZoneCS(ctx, color, depth, active) TracyCZoneNCS(ctx, NULL, color, depth, active)
#define TracyCZone(ctx, active) TracyCZoneNCS(ctx, NULL, 0, TRACY_CALLSTACK, active)
#define TracyCZoneN(ctx, name, active) TracyCZoneNCS(ctx, name, 0, TRACY_CALLSTACK, active)
#define TracyCZoneC(ctx, color, active) TracyCZoneNCS(ctx, NULL, color, TRACY_CALLSTACK, active)
#define TracyCZoneNC(ctx, name, color, active) TracyCZoneNCS(ctx, name, color, TRACY_CALLSTACK, active)

#define TracyCZoneEnd(ctx) ___tracy_emit_zone_end(ctx);
#define TracyCZoneText(ctx, text, size) ___tracy_emit_zone_text(ctx, text, size);
#define TracyCZoneTextF(ctx, ...) ___tracy_emit_zone_text_fmt(ctx, __VA_ARGS__);
#define TracyCZoneName(ctx, text, size) ___tracy_emit_zone_name(ctx, text, size);
#define TracyCZoneNameF(ctx, ...) ___tracy_emit_zone_name_fmt(ctx, __VA_ARGS__);
#define TracyCZoneColor(ctx, color) ___tracy_emit_zone_color(ctx, color);
#define TracyCZoneValue(ctx, value) ___tracy_emit_zone_value(ctx, value);

/* --- memory. Tracy asks for the "secure" ones where its profiler may be gone already; here there is no difference --- */

TRACYPY_TRACY_API void ___tracy_emit_memory_alloc_callstack_named(const void* address, size_t size, int32_t depth,
                                                                  int32_t secure, const char* pool) {
    (void)secure;
    tracypy_memory_alloc_callstack(address, size, pool, tracypy_private_depth(depth));
}
TRACYPY_TRACY_API void ___tracy_emit_memory_alloc_callstack(const void* address, size_t size, int32_t depth,
                                                            int32_t secure) {
    ___tracy_emit_memory_alloc_callstack_named(address, size, depth, secure, NULL);
}
TRACYPY_TRACY_API void ___tracy_emit_memory_alloc_named(const void* address, size_t size, int32_t secure,
                                                        const char* pool) {
    ___tracy_emit_memory_alloc_callstack_named(address, size, 0, secure, pool);
}
TRACYPY_TRACY_API void ___tracy_emit_memory_alloc(const void* address, size_t size, int32_t secure) {
    ___tracy_emit_memory_alloc_callstack_named(address, size, 0, secure, NULL);
}
TRACYPY_TRACY_API void ___tracy_emit_memory_free_callstack_named(const void* address, int32_t depth, int32_t secure,
                                                                 const char* pool) {
    (void)secure;
    tracypy_memory_free_callstack(address, pool, tracypy_private_depth(depth));
}
TRACYPY_TRACY_API void ___tracy_emit_memory_free_callstack(const void* address, int32_t depth, int32_t secure) {
    ___tracy_emit_memory_free_callstack_named(address, depth, secure, NULL);
}
TRACYPY_TRACY_API void ___tracy_emit_memory_free_named(const void* address, int32_t secure, const char* pool) {
    ___tracy_emit_memory_free_callstack_named(address, 0, secure, pool);
}
TRACYPY_TRACY_API void ___tracy_emit_memory_free(const void* address, int32_t secure) {
    ___tracy_emit_memory_free_callstack_named(address, 0, secure, NULL);
}
TRACYPY_TRACY_API void ___tracy_emit_memory_discard_callstack(const char* pool, int32_t secure, int32_t depth) {
    (void)secure;
    if (tracypy_is_connected()) tracypy_private_table()->memory_discard(pool, tracypy_private_depth(depth));
}
TRACYPY_TRACY_API void ___tracy_emit_memory_discard(const char* pool, int32_t secure) {
    ___tracy_emit_memory_discard_callstack(pool, secure, 0);
}

#define TracyCAllocNS(address, size, depth, pool) \
    ___tracy_emit_memory_alloc_callstack_named(address, size, depth, 0, pool)
#define TracyCAllocS(address, size, depth) TracyCAllocNS(address, size, depth, NULL)
#define TracyCAllocN(address, size, pool) TracyCAllocNS(address, size, TRACY_CALLSTACK, pool)
#define TracyCAlloc(address, size) TracyCAllocNS(address, size, TRACY_CALLSTACK, NULL)
#define TracyCFreeNS(address, depth, pool) ___tracy_emit_memory_free_callstack_named(address, depth, 0, pool)
#define TracyCFreeS(address, depth) TracyCFreeNS(address, depth, NULL)
#define TracyCFreeN(address, pool) TracyCFreeNS(address, TRACY_CALLSTACK, pool)
#define TracyCFree(address) TracyCFreeNS(address, TRACY_CALLSTACK, NULL)
#define TracyCMemoryDiscardS(pool, depth) ___tracy_emit_memory_discard_callstack(pool, 0, depth)
#define TracyCMemoryDiscard(pool) ___tracy_emit_memory_discard_callstack(pool, 0, TRACY_CALLSTACK);
#define TracyCSecureAlloc TracyCAlloc
#define TracyCSecureAllocN TracyCAllocN
#define TracyCSecureAllocS TracyCAllocS
#define TracyCSecureAllocNS TracyCAllocNS
#define TracyCSecureFree TracyCFree
#define TracyCSecureFreeN TracyCFreeN
#define TracyCSecureFreeS TracyCFreeS
#define TracyCSecureFreeNS TracyCFreeNS
#define TracyCSecureMemoryDiscard TracyCMemoryDiscard
#define TracyCSecureMemoryDiscardS TracyCMemoryDiscardS

/* --- frames, plots, messages, names --- */

TRACYPY_TRACY_API void ___tracy_emit_frame_mark(const char* name) {
    tracypy_frame_mark(name);
}
TRACYPY_TRACY_API void ___tracy_emit_frame_mark_start(const char* name) {
    tracypy_frame_mark_start(name);
}
TRACYPY_TRACY_API void ___tracy_emit_frame_mark_end(const char* name) {
    tracypy_frame_mark_end(name);
}
TRACYPY_TRACY_API void ___tracy_emit_frame_image(const void* image, uint16_t width, uint16_t height, uint8_t offset,
                                                 int32_t flip) {
    tracypy_frame_image(image, width, height, offset, flip);
}

#define TracyCFrameMark ___tracy_emit_frame_mark(0);
#define TracyCFrameMarkNamed(name) ___tracy_emit_frame_mark(name);
#define TracyCFrameMarkStart(name) ___tracy_emit_frame_mark_start(name);
#define TracyCFrameMarkEnd(name) ___tracy_emit_frame_mark_end(name);
#define TracyCFrameImage(image, width, height, offset, flip) \
    ___tracy_emit_frame_image(image, width, height, offset, flip);

TRACYPY_TRACY_API void ___tracy_emit_plot(const char* name, double value) {
    tracypy_plot(name, value);
}
TRACYPY_TRACY_API void ___tracy_emit_plot_float(const char* name, float value) {
    tracypy_plot(name, (double)value);
}
TRACYPY_TRACY_API void ___tracy_emit_plot_int(const char* name, int64_t value) {
    tracypy_plot(name, (double)value);
}
TRACYPY_TRACY_API void ___tracy_emit_plot_config(const char* name, int32_t format, int32_t step, int32_t fill,
                                                 uint32_t color) {
    tracypy_plot_config(name, (uint32_t)format, step, fill, color);
}

#define TracyCPlot(name, value) ___tracy_emit_plot(name, value);
#define TracyCPlotF(name, value) ___tracy_emit_plot_float(name, value);
#define TracyCPlotI(name, value) ___tracy_emit_plot_int(name, value);
#define TracyCPlotConfig(name, format, step, fill, color) ___tracy_emit_plot_config(name, format, step, fill, color);

TRACYPY_TRACY_API void ___tracy_emit_logString(int8_t severity, int32_t color, int32_t depth, size_t size,
                                               const char* text) {
    tracypy_message_callstack(text, size, (uint32_t)color, (uint32_t)severity, tracypy_private_depth(depth));
}
TRACYPY_TRACY_API void ___tracy_emit_logStringL(int8_t severity, int32_t color, int32_t depth, const char* text) {
    ___tracy_emit_logString(severity, color, depth, strlen(text), text);
}
TRACYPY_TRACY_API void ___tracy_emit_message(const char* text, size_t size, int32_t depth) {
    ___tracy_emit_logString(TracyMessageSeverityInfo, 0, depth, size, text);
}
TRACYPY_TRACY_API void ___tracy_emit_messageL(const char* text, int32_t depth) {
    ___tracy_emit_logStringL(TracyMessageSeverityInfo, 0, depth, text);
}
TRACYPY_TRACY_API void ___tracy_emit_messageC(const char* text, size_t size, uint32_t color, int32_t depth) {
    ___tracy_emit_logString(TracyMessageSeverityInfo, (int32_t)color, depth, size, text);
}
TRACYPY_TRACY_API void ___tracy_emit_messageLC(const char* text, uint32_t color, int32_t depth) {
    ___tracy_emit_logStringL(TracyMessageSeverityInfo, (int32_t)color, depth, text);
}
TRACYPY_TRACY_API void ___tracy_emit_message_appinfo(const char* text, size_t size) {
    tracypy_app_info(text, size);
}
TRACYPY_TRACY_API void ___tracy_set_thread_name(const char* name) {
    tracypy_set_thread_name(name);
}

#define TracyCMessage(text, size) ___tracy_emit_message(text, size, TRACY_CALLSTACK);
#define TracyCMessageL(text) ___tracy_emit_messageL(text, TRACY_CALLSTACK);
#define TracyCMessageC(text, size, color) ___tracy_emit_messageC(text, size, color, TRACY_CALLSTACK);
#define TracyCMessageLC(text, color) ___tracy_emit_messageLC(text, color, TRACY_CALLSTACK);
#define TracyCMessageS(text, size, depth) ___tracy_emit_message(text, size, depth);
#define TracyCMessageLS(text, depth) ___tracy_emit_messageL(text, depth);
#define TracyCMessageCS(text, size, color, depth) ___tracy_emit_messageC(text, size, color, depth);
#define TracyCMessageLCS(text, color, depth) ___tracy_emit_messageLC(text, color, depth);
#define TracyCAppInfo(text, size) ___tracy_emit_message_appinfo(text, size);
#define TracyCSetThreadName(name) ___tracy_set_thread_name(name);

/* --- locks --- */

TRACYPY_PRIVATE_INLINE struct __tracy_lockable_context_data* tracypy_private_announce(const char* function,
                                                                                     const char* file, uint32_t line) {
    struct __tracy_lockable_context_data* const made =
        (struct __tracy_lockable_context_data*)calloc(1, sizeof(struct __tracy_lockable_context_data));
    if (made == NULL) return NULL;
    made->location.function = function;
    made->location.file = file;
    made->location.line = line;
    made->lock.location = &made->location;
    return made;
}
TRACYPY_TRACY_API struct __tracy_lockable_context_data* ___tracy_announce_lockable_ctx(
    const struct ___tracy_source_location_data* location) {
    return tracypy_private_announce(location->name != NULL ? location->name : location->function, location->file,
                                    location->line);
}
TRACYPY_TRACY_API void ___tracy_terminate_lockable_ctx(struct __tracy_lockable_context_data* lock) {
    if (lock == NULL) return;
    tracypy_lock_destroy(&lock->lock);
    free(lock->name);
    free(lock);
}
TRACYPY_TRACY_API int32_t ___tracy_before_lock_lockable_ctx(struct __tracy_lockable_context_data* lock) {
    if (lock != NULL) tracypy_lock_wait(&lock->lock);
    return 0;
}
TRACYPY_TRACY_API void ___tracy_after_lock_lockable_ctx(struct __tracy_lockable_context_data* lock) {
    if (lock != NULL) tracypy_lock_obtain(&lock->lock);
}
TRACYPY_TRACY_API void ___tracy_after_unlock_lockable_ctx(struct __tracy_lockable_context_data* lock) {
    if (lock != NULL) tracypy_lock_release(&lock->lock);
}
TRACYPY_TRACY_API void ___tracy_after_try_lock_lockable_ctx(struct __tracy_lockable_context_data* lock,
                                                            int32_t is_acquired) {
    if (lock != NULL && is_acquired != 0) tracypy_lock_obtain(&lock->lock);
}
/* Where a lock was taken is seen by the zone in which that was. */
TRACYPY_TRACY_API void ___tracy_mark_lockable_ctx(struct __tracy_lockable_context_data* lock,
                                                  const struct ___tracy_source_location_data* location) {
    (void)lock;
    (void)location;
}
/* A trace knows a lock by one name: that which it has when it is first told of. */
TRACYPY_TRACY_API void ___tracy_custom_name_lockable_ctx(struct __tracy_lockable_context_data* lock, const char* name,
                                                         size_t size) {
    char* copy;
    if (lock == NULL || lock->name != NULL) return;
    copy = (char*)malloc(size + 1);
    if (copy == NULL) return;
    memcpy(copy, name, size);
    copy[size] = 0;
    lock->name = copy;
    lock->location.name = copy;
}

#define TracyCLockAnnounce(lock) lock = tracypy_private_announce(__func__, TracyFile, (uint32_t)TracyLine);
#define TracyCLockTerminate(lock) ___tracy_terminate_lockable_ctx(lock);
#define TracyCLockBeforeLock(lock) ___tracy_before_lock_lockable_ctx(lock);
#define TracyCLockAfterLock(lock) ___tracy_after_lock_lockable_ctx(lock);
#define TracyCLockAfterUnlock(lock) ___tracy_after_unlock_lockable_ctx(lock);
#define TracyCLockAfterTryLock(lock, is_acquired) ___tracy_after_try_lock_lockable_ctx(lock, is_acquired);
#define TracyCLockMark(lock) (void)(lock);
#define TracyCLockCustomName(lock, name, size) ___tracy_custom_name_lockable_ctx(lock, name, size);

/* --- fibers, and whether anybody listens --- */

TRACYPY_TRACY_API void ___tracy_fiber_enter(const char* fiber) {
    tracypy_fiber_enter(fiber);
}
TRACYPY_TRACY_API void ___tracy_fiber_leave(void) {
    tracypy_fiber_leave();
}
TRACYPY_TRACY_API int32_t ___tracy_connected(void) {
    return tracypy_is_connected();
}
TRACYPY_TRACY_API int32_t ___tracy_profiler_started(void) {
    return tracypy_load();
}

#define TracyCFiberEnter(fiber) ___tracy_fiber_enter(fiber);
#define TracyCFiberLeave ___tracy_fiber_leave();
#define TracyCIsConnected ___tracy_connected()
#define TracyCIsStarted 1

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TRACY_ENABLE */
#endif /* TRACYPY_TRACYC_H */
