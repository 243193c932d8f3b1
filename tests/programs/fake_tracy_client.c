/* A library with the functions that Tracy's client exports, which writes down what it is told: a line for each call, with
 * the thread's number. It refuses what a real client could not bear: a zone that is not its thread's innermost one. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct location { const char *name, *function, *file; uint32_t line, color; };
struct context { uint32_t id; int32_t active; };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static FILE* out;
static int threads;
static __thread int thread_number;
static __thread uint32_t open_zones[1000];
static __thread int depth;
static uint32_t last_zone;

static void say(const char* what, const char* text, size_t length) {
    pthread_mutex_lock(&mutex);
    if (out == NULL) out = fopen(getenv("FAKE_CLIENT_LOG"), "w");
    if (thread_number == 0) thread_number = ++threads;
    fprintf(out, "%d\t%s\t%.*s\n", thread_number, what, (int)length, text == NULL ? "" : text);
    fflush(out);
    pthread_mutex_unlock(&mutex);
}
static void say_number(const char* what, double number) {
    char text[64];
    say(what, text, (size_t)snprintf(text, sizeof text, "%g", number));
}
/* With fibers each of them has its own. */
static void check(struct context zone) {
#ifdef WITH_FIBERS
    (void)zone;
    return;
#endif
    if (depth == 0 || open_zones[depth - 1] != zone.id) say("BROKEN", "not the innermost zone", 22);
}

struct context ___tracy_emit_zone_begin(const struct location* at, int32_t active) {
    struct context zone = {__sync_add_and_fetch(&last_zone, 1), active};
    const char* const name = at->name != NULL ? at->name : at->function;
    say("begin", name, strlen(name));
    open_zones[depth++] = zone.id;
    return zone;
}
void ___tracy_emit_zone_end(struct context zone) {
    check(zone);
    --depth;
    say("end", NULL, 0);
}
void ___tracy_emit_zone_text(struct context zone, const char* text, size_t size) { check(zone); say("text", text, size); }
void ___tracy_emit_zone_name(struct context zone, const char* text, size_t size) { check(zone); say("name", text, size); }
void ___tracy_emit_zone_value(struct context zone, uint64_t value) { check(zone); say_number("value", (double)value); }
void ___tracy_emit_frame_mark(const char* name) { say("frame", name, name == NULL ? 0 : strlen(name)); }
void ___tracy_emit_frame_mark_start(const char* name) { say("frame start", name, strlen(name)); }
void ___tracy_emit_frame_mark_end(const char* name) { say("frame end", name, strlen(name)); }
void ___tracy_emit_plot(const char* name, double value) { say("plot", name, strlen(name)); say_number("point", value); }
void ___tracy_emit_message_appinfo(const char* text, size_t size) { say("info", text, size); }
void ___tracy_set_thread_name(const char* name) { say("thread", name, strlen(name)); }
#ifdef AS_OF_0_14
#define SECURE
void ___tracy_emit_logString(int8_t severity, int32_t color, int32_t depth_of_stack, size_t size, const char* text) {
    (void)severity, (void)color, (void)depth_of_stack;
    say("message", text, size);
}
#else
#define SECURE __attribute__((unused)) int32_t secure,
void ___tracy_emit_messageC(const char* text, size_t size, uint32_t color, int32_t depth_of_stack) {
    (void)color, (void)depth_of_stack;
    say("message", text, size);
}
#endif
void ___tracy_emit_memory_alloc(const void* at, size_t size) { (void)at; say_number("alloc", (double)size); }
void ___tracy_emit_memory_free(const void* at) { say_number("free", (double)(uintptr_t)at); }
void ___tracy_emit_memory_alloc_named(const void* at, size_t size, SECURE const char* pool) {
    (void)at, (void)size;
    say("alloc in", pool, strlen(pool));
}
void ___tracy_emit_memory_free_named(const void* at, SECURE const char* pool) {
    (void)at;
    say("free in", pool, strlen(pool));
}
#ifdef WITH_FIBERS
void ___tracy_fiber_enter(const char* name) { say("fiber", name, strlen(name)); }
void ___tracy_fiber_leave(void) { say("fiber leave", NULL, 0); }
#endif
