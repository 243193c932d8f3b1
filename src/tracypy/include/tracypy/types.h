/* What tracypy.h passes, and the table of functions by which that comes to tracypy. Included by tracypy.h, and by tracypy
 * itself: the two sides of one interface. */
#ifndef TRACYPY_TYPES_H
#define TRACYPY_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- what is passed --- */

/* A place in the program, for as long as the program lives: usually a static variable, as TRACYPY_LOCATION makes one. */
typedef struct tracypy_location {
    const char* name; /* NULL: the function's */
    const char* function;
    const char* file;
    uint32_t line;
    uint32_t color; /* 0xRRGGBB; 0: the viewer's choice */
    uint32_t id;    /* tracypy's; 0 at first */
} tracypy_location;

/* A place that is made up when it is needed: of an interpreter of another language, say. Texts need not end with a zero;
 * they may be NULL, with length 0. */
typedef struct tracypy_dynamic_location {
    const char* name;
    size_t name_length;
    const char* function;
    size_t function_length;
    const char* file;
    size_t file_length;
    uint32_t line;
    uint32_t color;
} tracypy_dynamic_location;

/* A zone that lasts. All zero: none, about which nothing is ever said. */
typedef struct tracypy_zone {
    uint64_t key;
} tracypy_zone;

/* A lock of the program's; see TRACYPY_LOCK. */
typedef struct tracypy_lock {
    tracypy_location* location; /* a viewer shows its name, else its function */
    uint32_t is_shared;         /* several threads may have it at once: a readers' lock */
    uint64_t record;            /* tracypy's; 0 at first */
} tracypy_lock;

/* A queue of a GPU; see TRACYPY_GPU_CONTEXT. */
typedef struct tracypy_gpu_context {
    uint32_t kind; /* enum tracypy_gpu_kind */
    const char* name;
    uint64_t record; /* tracypy's; 0 at first */
} tracypy_gpu_context;

typedef struct tracypy_gpu_zone {
    uint64_t key;
} tracypy_gpu_zone;

enum tracypy_severity {
    TRACYPY_TRACE,
    TRACYPY_DEBUG,
    TRACYPY_INFO,
    TRACYPY_WARNING,
    TRACYPY_ERROR,
    TRACYPY_FATAL
};
enum tracypy_plot_format { TRACYPY_NUMBER, TRACYPY_MEMORY, TRACYPY_PERCENTAGE };
enum tracypy_gpu_kind {
    TRACYPY_OPENGL = 1,
    TRACYPY_VULKAN,
    TRACYPY_OPENCL,
    TRACYPY_DIRECT3D12,
    TRACYPY_DIRECT3D11,
    TRACYPY_METAL,
    TRACYPY_GPU_CUSTOM,
    TRACYPY_CUDA,
    TRACYPY_ROCPROF,
    TRACYPY_WEBGPU
};
enum tracypy_private_frame_mark { TRACYPY_PRIVATE_FRAME, TRACYPY_PRIVATE_FRAME_START, TRACYPY_PRIVATE_FRAME_END };
enum tracypy_private_lock_step {
    TRACYPY_PRIVATE_LOCK_WAIT,
    TRACYPY_PRIVATE_LOCK_OBTAIN,
    TRACYPY_PRIVATE_LOCK_RELEASE,
    TRACYPY_PRIVATE_LOCK_GIVE_UP,
    TRACYPY_PRIVATE_LOCK_DESTROY
};

/* What tracypy offers. It only ever grows at its end, and `size` says how far this one goes: so code that was built
 * with an older header works with a newer tracypy, and the other way round. Another `version` would be another table. */
#define TRACYPY_PRIVATE_VERSION 1
typedef struct tracypy_private_api {
    uint32_t version;
    uint32_t size;
    const uint64_t* listening; /* not 0 during a session */
    uint64_t (*zone_begin)(tracypy_location* location, uint32_t callstack);
    uint64_t (*zone_begin_dynamic)(const tracypy_dynamic_location* location, uint32_t callstack);
    uint64_t (*locate)(const tracypy_dynamic_location* location);
    uint64_t (*zone_begin_located)(uint64_t where, uint32_t callstack);
    void (*zone_end)(uint64_t zone);
    void (*zone_text)(uint64_t zone, const char* text, size_t length);
    void (*zone_name)(uint64_t zone, const char* name, size_t length);
    void (*zone_value)(uint64_t zone, uint64_t value);
    void (*zone_color)(uint64_t zone, uint32_t color);
    void (*frame_mark)(const char* name, uint32_t kind);
    void (*frame_image)(const void* rgba, uint32_t width, uint32_t height, uint32_t offset, int flip);
    void (*plot)(const char* name, double value);
    void (*plot_config)(const char* name, uint32_t format, int step, int fill, uint32_t color);
    void (*message)(const char* text, size_t length, uint32_t color, uint32_t severity, uint32_t callstack);
    void (*memory_alloc)(const void* address, size_t size, const char* pool, uint32_t callstack);
    void (*memory_free)(const void* address, const char* pool, uint32_t callstack);
    void (*memory_discard)(const char* pool, uint32_t callstack);
    void (*lock_step)(tracypy_lock* lock, uint32_t step);
    void (*fiber_enter)(const char* fiber);
    void (*fiber_leave)(void);
    void (*gpu_sync)(tracypy_gpu_context* context, int64_t now_ns);
    uint64_t (*gpu_zone_begin)(tracypy_gpu_context* context, tracypy_location* location);
    void (*gpu_zone_end)(uint64_t zone);
    void (*gpu_zone_times)(uint64_t zone, int64_t begin_ns, int64_t end_ns);
    void (*app_info)(const char* text, size_t length);
    void (*set_program_name)(const char* name, size_t length);
    void (*set_thread_name)(const char* name, size_t length);
} tracypy_private_api;

/* How the table is found. A library that includes this header has one slot. tracypy fills the slots of all libraries that
 * are there when it is imported; one that is loaded later asks for the table then. */
typedef struct tracypy_private_slot {
    uint32_t version;
    uint32_t size;
    const tracypy_private_api* api; /* NULL: tracypy is not there (yet) */
    const uint64_t* listening;      /* never NULL */
} tracypy_private_slot;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TRACYPY_TYPES_H */
